import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { json, raw } from './codec.ts';

test('json gives back what it took', () => {
  return fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const codec = json<unknown>();
      expect(codec.decode(codec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe('json refuses what would come back as something else:', () => {
  class Cart {
    readonly items = [];
  }
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Date', new Date(0)],
    ['bytes', new Uint8Array(2)],
    ['a promise', Promise.resolve(1)],
    ['an instance of a class', new Cart()],
    ['an object that inherits, of no class', Object.create(Object.create(Object.create(null)))],
    ['an object that says something else of itself', { toJSON: () => 1 }],
    ['a hole', new Array(2)],
    ['a cycle', cycle],
  ])('%s', (_, value) => {
    for (const each of [value, [value], { at: [{ depth: value }] }]) {
      expect(() => json<unknown>().encode(each)).toThrow(TypeError);
    }
  });

  test('[API-1] and says what and where', () => {
    expect(() => json<unknown>().encode({ a: [{ when: new Date(0) }] })).toThrow('a Date (at "when")');
  });
});

test('json throws at bytes that are no JSON', () => {
  expect(() => json<unknown>().decode(new Uint8Array([0xff]))).toThrow();
});

test('raw takes and gives bytes, and nothing else', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(raw.decode(raw.encode(bytes))).toEqual(bytes);
  expect(() => raw.encode(JSON.parse('"text"'))).toThrow(TypeError);
});
