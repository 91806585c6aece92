import { expect, test } from 'vitest';
import { contextAfter } from './context.ts';

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
