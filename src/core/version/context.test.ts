import { expect, test } from 'vitest';
import { contextAfter, contextSize, descends, emptyContext, hasSeen, joinContexts, withOp } from './context.ts';

test('[VER-3] a receipt claims no earlier write of the coordinator that the writer has not seen', () => {
  const writer = { vector: [['a.1', 2]] as const, dots: [] };
  // The coordinator knows a.1:3 only as a single dot, from a writer that went on from a receipt.
  const known = {
    vector: [
      ['a.1', 2],
      ['b.1', 6],
    ] as const,
    dots: [['a.1', 3]] as const,
  };
  expect(contextAfter(writer, ['a.1', 6], known)).toEqual({ vector: [['a.1', 2]], dots: [['a.1', 6]] });
  const all = { vector: [['a.1', 2]] as const, dots: [['a.1', 3]] as const };
  expect(contextAfter(all, ['a.1', 6], known)).toEqual({ vector: [['a.1', 6]], dots: [] });
});

test('[PUT-1] who has seen a write by its op has seen all its versions, and that is joined, included and counted like dots', () => {
  const one = withOp(emptyContext, 'x/1');
  const both = joinContexts(one, withOp(emptyContext, 'a/2'));
  expect(both).toEqual({ vector: [], dots: [], ops: ['a/2', 'x/1'] });
  expect(hasSeen(both, { dot: ['b.1', 7], op: 'x/1' })).toBe(true);
  expect(hasSeen(both, { dot: ['b.1', 7], op: 'x/2' })).toBe(false);
  expect([descends(both, one), descends(one, both), contextSize(both)]).toEqual([true, false, 2]);
  expect(joinContexts(emptyContext, emptyContext)).toEqual(emptyContext);
});
