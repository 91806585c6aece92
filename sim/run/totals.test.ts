import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { Outcome } from './run.ts';
import { addTotals, noTotals, took, totalsOf, totalsSchema } from './totals.ts';

const outcome = (seed: number): Outcome => ({
  seed,
  events: 1000 + seed,
  simulatedMs: 3_600_000,
  operations: 10,
  scheduled: { faults: 3, operations: 9 },
  faults: seed % 2 === 0 ? { crash: 2 } : { crash: 1, join: 1 },
  violations: seed === 3 ? [{ checker: 'S1', at: 1, text: 'lost' }] : [],
  coverage: { siblings: seed },
  sets: { 'carts acked': 2 },
  traceHash: 'ffffffffffffff0'.concat(String(seed)),
  settledMs: 500 * seed,
});

const all = [1, 2, 3, 4, 5].map((seed) => totalsOf(outcome(seed), 6, seed !== 4));
const sum = (pieces: typeof all) => took(pieces.reduce(addTotals, noTotals(6)), 10);

test('the sum of pieces is the sum of all, in whatever order, and comes through JSON', () => {
  const [first, second] = [sum(all.slice(0, 2)), sum(all.slice(2).reverse())];
  const pieces = [first, second].map((piece) => v.parse(totalsSchema, JSON.parse(JSON.stringify(piece))));
  expect(sum(pieces)).toEqual(sum(all));
});

test('what is counted', () => {
  expect(sum(all)).toMatchObject({
    seeds: 5,
    nodes: 6,
    events: 5015,
    seconds: 10,
    simulatedHours: 5,
    failed: 1,
    failedSeeds: [3],
    violations: { S1: 1 },
    twice: { seeds: 5, different: [4] },
    coverage: { siblings: 15 },
    slowestRestMs: 2500,
  });
  expect(sum(all).faults).toMatchObject({ crash: 7, join: 3, halves: 0 });
  expect(sum(all).neverHappened).not.toContain('siblings');
  expect(sum(all).neverHappened).toContain('hinted');
  expect(sum(all).traceHash).not.toBe(sum(all.slice(1)).traceHash);
});
