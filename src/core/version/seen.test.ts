import { expect, test } from 'vitest';
import { seenAfter } from './seen.ts';

test('[VER-3] a receipt claims no earlier write of the coordinator that the writer has not seen', () => {
  const writer = { context: [['a.1', 2]] as const, beyond: [] };
  // The coordinator knows a.1:3 only as a single dot, from a writer that went on from a receipt.
  const known = {
    context: [
      ['a.1', 2],
      ['b.1', 6],
    ] as const,
    beyond: [['a.1', 3]] as const,
  };
  expect(seenAfter(writer, ['a.1', 6], known)).toEqual({ context: [['a.1', 2]], beyond: [['a.1', 6]] });
  const all = { context: [['a.1', 2]] as const, beyond: [['a.1', 3]] as const };
  expect(seenAfter(all, ['a.1', 6], known)).toEqual({ context: [['a.1', 6]], beyond: [] });
});
