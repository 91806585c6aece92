import { expect, test } from 'vitest';
import { KeyError, ValueTooLargeError } from '../api/errors.ts';
import { checkKey, checkQuorum, checkValue } from './bounds.ts';

test.each(['a', '\0', 'k'.repeat(1024), '💡'.repeat(256), '\ufeffbom', 'ключ'])(
  '[KEY-1] a key of 1–1024 bytes passes: %j',
  (key) => expect(() => checkKey(key)).not.toThrow(),
);

test.each(['', 'k'.repeat(1025), 'é'.repeat(513), '\ud800', 'a\udc00b', '\udc00\ud800'])(
  '[KEY-1] anything else is a KeyError: %j',
  (key) => expect(() => checkKey(key)).toThrow(KeyError),
);

test('[KEY-1] a value has at most 1,048,576 bytes', () => {
  expect(() => checkValue(new Uint8Array(1_048_576))).not.toThrow();
  expect(() => checkValue(new Uint8Array(1_048_577))).toThrow(ValueTooLargeError);
});

test('r and w are from 1 to n', () => {
  for (const good of [1, 3]) expect(() => checkQuorum('r', good, 3)).not.toThrow();
  for (const bad of [0, 4, 1.5, Number.NaN]) expect(() => checkQuorum('w', bad, 3)).toThrow(TypeError);
});
