import { expect, test, vi } from 'vitest';
import { RingNode } from '../../src/core/node.ts';
import { makePlan, type Plan } from '../world/plan.ts';
import { simulate } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Rings in which nothing is done but to press and type in one cart, and that are cut in two meanwhile. */
function cartPlan(seed: number): Plan {
  return {
    ...makePlan(seed, 6, 3000),
    workloads: ['carts'],
    carts: 1,
    operationEvery: 40,
    faults: ['halves', 'isolate', 'cut-6s', 'crash', 'reload', 'loss'],
    faultEvery: 1500,
    leavesOneDead: false,
    mixed: false,
  };
}

test.each([3, 5, 6])('[MAP-1] quantities are what was pressed and typed on both sides of cuts, seed %i', (seed) => {
  const { violations, sets } = simulate(cartPlan(seed), (options) => new RingNode(options));
  expect(violations).toEqual([]);
  expect(sets['carts acked']).toBeGreaterThan(0);
});
