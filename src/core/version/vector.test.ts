import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dot } from '../ids.ts';
import { emptyVector, joinVectors, type VersionVector, vectorCovers, vectorIncludes, withDot } from './vector.ts';

const actors = ['a.1', 'a.2', 'b.1', 'c.1', 'c.10'];
const anyVector = fc
  .dictionary(fc.constantFrom(...actors), fc.integer({ min: 1, max: 4 }))
  .map((record): VersionVector => Object.entries(record).sort(([x], [y]) => (x < y ? -1 : 1)));
const anyDot = fc.tuple(fc.constantFrom(...actors), fc.integer({ min: 1, max: 5 }));

const allDots = actors.flatMap((actor) => [1, 2, 3, 4, 5].map((seq): Dot => [actor, seq]));
const dotsOf = (vector: VersionVector) => allDots.filter((dot) => vectorCovers(vector, dot)).map(String);

describe('a version vector', () => {
  test('covers the writes of an actor up to its entry, and of no other', () => {
    const vector: VersionVector = [
      ['a.1', 2],
      ['c.1', 1],
    ];
    expect(dotsOf(vector)).toEqual(['a.1,1', 'a.1,2', 'c.1,1']);
    expect(dotsOf(emptyVector)).toEqual([]);
  });

  test('join is the union of what is covered, sorted, and an argument itself where that is the result', () => {
    fc.assert(
      fc.property(anyVector, anyVector, (a, b) => {
        const joined = joinVectors(a, b);
        expect(new Set(dotsOf(joined))).toEqual(new Set([...dotsOf(a), ...dotsOf(b)]));
        expect(joined.map(([actor]) => actor)).toEqual([...new Set(joined.map(([actor]) => actor))].sort());
        expect(vectorIncludes(joined, a) && vectorIncludes(joined, b)).toBe(true);
        if (vectorIncludes(a, b)) expect(joined).toBe(a);
        else if (vectorIncludes(b, a)) expect(joined).toBe(b);
      }),
    );
  });

  test('includes says whether every covered dot is covered', () => {
    fc.assert(
      fc.property(anyVector, anyVector, (a, b) => {
        const covered = new Set(dotsOf(a));
        expect(vectorIncludes(a, b)).toBe(dotsOf(b).every((dot) => covered.has(dot)));
      }),
    );
  });

  test('withDot covers the dot and its actor’s earlier writes, and changes nothing that is covered', () => {
    fc.assert(
      fc.property(anyVector, anyDot, (vector, dot) => {
        const before = structuredClone(vector);
        const after = withDot(vector, dot);
        expect(vector).toEqual(before);
        expect(after).toEqual(joinVectors(vector, [dot]));
        if (vectorCovers(vector, dot)) expect(after).toBe(vector);
      }),
    );
  });
});
