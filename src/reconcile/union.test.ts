import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { union, withItem, withoutItem } from './union.ts';

const item = fc.oneof(
  fc.string({ maxLength: 2 }),
  fc.integer({ min: 0, max: 12 }),
  fc.integer().map(String),
  fc.double(),
);
const anySet = fc.array(item).map((items) => union([items]));

describe('union', () => {
  test('is commutative, associative and idempotent, and loses nothing', () => {
    fc.assert(
      fc.property(anySet, anySet, anySet, (a, b, c) => {
        expect(union([a, b])).toEqual(union([b, a]));
        expect(union([union([a, b]), c])).toEqual(union([a, union([b, c])]));
        expect(union([a, a])).toEqual(a);
        expect(new Set(union([a, b, c]))).toEqual(new Set([...a, ...b, ...c]));
      }),
    );
  });

  test('of nothing is the empty set; edits keep the order', () => {
    expect(union([])).toEqual([]);
    expect(withItem(withItem(['b'], 'c'), 'a')).toEqual(['a', 'b', 'c']);
    expect(withItem([2, 10], 10)).toEqual([2, 10]);
    expect(withoutItem(['a', 'b'], 'a')).toEqual(['b']);
  });

  test('does not depend on the order of its items, also where numbers and texts are mixed', () => {
    expect(union([[1, '1']])).toEqual(union([['1', 1]]));
    fc.assert(
      fc.property(fc.array(item), (items) => {
        expect(union([items])).toEqual(union([items.toReversed()]));
      }),
    );
  });

  test('brings back what was removed where another had not seen it (P§4.4)', () => {
    expect(union([withoutItem(['a', 'b'], 'a'), withItem(['a', 'b'], 'c')])).toEqual(['a', 'b', 'c']);
  });
});
