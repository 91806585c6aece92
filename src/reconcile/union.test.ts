import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { union, withItem, withoutItem } from './union.ts';

const anySet = fc.array(fc.string({ maxLength: 2 })).map((items) => union([items]));

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

  test('brings back what was removed where another had not seen it (P§4.4)', () => {
    expect(union([withoutItem(['a', 'b'], 'a'), withItem(['a', 'b'], 'c')])).toEqual(['a', 'b', 'c']);
  });
});
