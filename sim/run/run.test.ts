import { expect, test, vi } from 'vitest';
import { RingNode } from '../../src/core/node.ts';
import type { CreateCore } from '../world/host.ts';
import { faultKinds, makePlan } from '../world/plan.ts';
import { simulate } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

const core: CreateCore = (options) => new RingNode(options);

test('a seed run twice gives the same trace, and another seed another one', () => {
  const plan = makePlan(11, 5, 2000);
  const first = simulate(plan, core);
  expect(simulate(plan, core)).toEqual(first);
  expect(simulate(makePlan(12, 5, 2000), core).traceHash).not.toBe(first.traceHash);
});

test('without faults nothing is lost and the ring comes to rest', () => {
  const outcome = simulate(makePlan(3, 5, 3000, faultKinds), core);
  expect(outcome.violations).toEqual([]);
  expect(outcome.faults).toEqual({});
  expect(outcome.operations).toBeGreaterThan(50);
  expect(outcome.settledMs).toBeLessThan(30_000);
});

test('with cuts, crashes and membership changes nothing is lost', () => {
  const outcomes = [1, 2, 3, 4].map((seed) =>
    simulate({ ...makePlan(seed, 5, 3000, ['full-disk']), faultEvery: 400 }, core),
  );
  expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
  expect(outcomes.flatMap(({ faults }) => Object.keys(faults)).length).toBeGreaterThan(10);
});

test('a core that throws is a violation, not the end of the simulator', () => {
  const broken: CreateCore = (options) => {
    const node = new RingNode(options);
    let steps = 0;
    const step: RingNode['step'] = (now, input) => {
      if (++steps > 100) throw new Error('an invariant broke');
      return node.step(now, input);
    };
    return new Proxy(node, { get: (target, name) => (name === 'step' ? step : bound(target, name)) });
  };
  const { violations } = simulate(makePlan(1, 3, 2000), broken);
  expect(violations[0]).toMatchObject({ checker: 'assert', text: expect.stringContaining('an invariant broke') });
});

function bound(target: RingNode, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
