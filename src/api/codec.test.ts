import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { json, raw } from './codec.ts';

test('json gives back what it took', () => {
  return fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const codec = json<unknown>();
      expect(codec.decode(codec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('json refuses what JSON cannot say', () => {
  expect(() => json<unknown>().encode(undefined)).toThrow(TypeError);
  expect(() => json<unknown>().encode(() => 1)).toThrow(TypeError);
});

test('json throws at bytes that are no JSON', () => {
  expect(() => json<unknown>().decode(new Uint8Array([0xff]))).toThrow();
});

test('raw takes and gives bytes, and nothing else', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(raw.decode(raw.encode(bytes))).toEqual(bytes);
  expect(() => raw.encode(JSON.parse('"text"'))).toThrow(TypeError);
});
