import { encode as pack } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../core/limits.ts';
import { decodeToken, encodeToken } from './token.ts';

fc.configureGlobal({ seed: 20_071_014 });

const sample = {
  context: {
    vector: [
      ['aaaaaaaaaaaaaaaaaa.1', 7],
      ['bbbbbbbbbbbbaaaaaa.12', 2 ** 53 - 1],
    ],
    dots: [['ccccccccccccaaaaaa.2', 3]],
  },
  fastest: 'zzzzzzzzzzzz',
} as const;

const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

test('a token gives back what was put in, in characters that need no escaping', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.nat(20), fc.nat(), (key, length, seq) => {
      const vector = Array.from({ length }, (_, i) => [`aaaaaaaaaaaaaaaaaa.${i + 10}`, seq + i + 1] as const);
      const context = { ...sample.context, vector };
      const token = encodeToken({ ...sample, context, key });
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeToken(token, key)).toEqual({ ...sample, context });
    }),
  );
  const empty = { context: { vector: [], dots: [] }, fastest: '' };
  expect(decodeToken(encodeToken({ ...empty, key: 'k' }), 'k')).toEqual(empty);
});

test.each([
  ['neither', {}],
  ['writes seen in another version', { ops: ['aaaaaaaaaaaaaaaaaa.1/7'] }],
  ['forwarded writes', { forwards: ['aaaaaaaaaaaaaaaaaa.1/8', 'aaaaaaaaaaaaaaaaaa.1/9'] }],
  ['both', { ops: ['aaaaaaaaaaaaaaaaaa.1/7'], forwards: ['aaaaaaaaaaaaaaaaaa.1/8'] }],
])('[PUT-1] a context with %s comes back from its token', (_, more) => {
  const context = { ...sample.context, ...more };
  expect(decodeToken(encodeToken({ ...sample, context, key: 'k' }), 'k')).toEqual({ ...sample, context });
});

test('another key’s token is none', () => {
  expect(decodeToken(encodeToken({ ...sample, key: 'cart:1' }), 'cart:2')).toBeUndefined();
});

test('the largest context has a token', () => {
  const vector = Array.from(
    { length: limits.clockMax },
    (_, i) => [`aaaaaaaaaaaaaaaaaa.${9e9 + i}`, 2 ** 53 - 1] as const,
  );
  const ops = vector.map(([actor, seq]) => `${actor}/${seq}`);
  const context = { vector, dots: vector, ops };
  const token = encodeToken({ context, fastest: 'zzzzzzzzzzzz', key: 'k' });
  expect(decodeToken(token, 'k')).toEqual({ context, fastest: 'zzzzzzzzzzzz' });
});

test('garbage is undefined, never an exception', () => {
  const token = encodeToken({ ...sample, key: 'k' });
  const bad = [
    '',
    '!',
    'A',
    `${token}A`,
    `${token}=`,
    token.slice(1),
    token.slice(0, -1),
    ' ',
    'é',
    'A'.repeat(10 ** 6),
  ];
  for (const text of bad) expect(decodeToken(text, 'k')).toBeUndefined();
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map(url)), (text) => {
      expect(decodeToken(text, 'k')).toBeUndefined();
    }),
    { numRuns: 20_000 },
  );
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.nat(63), (at, char) => {
      decodeToken(token.slice(0, at) + alphabet[char] + token.slice(at + 1), 'k');
    }),
    { numRuns: 5000 },
  );
});

test('well-packed nonsense is refused', () => {
  const tag = '8ce4b16b22b58894';
  const { context, fastest } = sample;
  expect(encodeToken({ ...sample, key: 'k' })).toBe(url(pack([1, tag, context.vector, context.dots, fastest])));
  const nonsense = [
    [2, tag, [], [], ''],
    [1, tag, [], []],
    [1, tag, [], [], '', 0],
    [1, tag, [], [], 'x'],
    [1, tag, [['x', 1]], [], ''],
    [1, tag, [...context.vector].reverse(), [], ''],
    { 0: 1, 1: tag, 2: [], 3: [], 4: '' },
  ];
  for (const content of nonsense) expect(decodeToken(url(pack(content)), 'k')).toBeUndefined();
});
