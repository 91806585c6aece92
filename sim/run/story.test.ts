import { expect, test } from 'vitest';
import { RingNode } from '../../src/core/node.ts';
import type { CreateCore } from '../world/host.ts';
import { makePlan } from '../world/plan.ts';
import { simulate } from './run.ts';

const core: CreateCore = (options) => new RingNode(options);

function told(create: CreateCore): { readonly lines: readonly string[]; readonly traceHash: string } {
  const lines: string[] = [];
  const { traceHash } = simulate(makePlan(5, 3, 800), create, (line) => lines.push(line));
  return { lines, traceHash };
}

test('a run that is told is the same run, in lines of time, node and words', () => {
  const { lines, traceHash } = told(core);
  expect(traceHash).toBe(simulate(makePlan(5, 3, 800), core).traceHash);
  const steps = lines.filter((line) => !/^ +…/.test(line));
  for (const line of steps) expect(line).toMatch(/^ *\d+\.\d{3} {2}([a-z]+ +|) *\S/);
  expect(lines.some((line) => /b {3}client asks \(\d+\): put (key|cart)\d+ = /.test(line))).toBe(true);
  expect(lines.some((line) => /c {3}disk: (key|cart)\d+ \{/.test(line))).toBe(true);
  // Ids are random and long; letters are not.
  expect(lines.join('\n')).not.toMatch(/a2222/);
});

test('a violation is told again at the end, with all that was done to its key', () => {
  /** Planted: disks keep nothing of what is stored, but all is acknowledged. */
  const forgetful: CreateCore = (options) => {
    const node = new RingNode(options);
    const step: RingNode['step'] = (now, input) => {
      const ready = node.step(now, input);
      if (ready.writes === undefined) return ready;
      return {
        ...ready,
        writes: { ...ready.writes, writes: ready.writes.writes.filter(({ kind }) => kind !== 'key') },
      };
    };
    return new Proxy(node, { get: (of, name) => (name === 'step' ? step : bound(of, name)) });
  };
  const { lines } = told(forgetful);
  const at = lines.findIndex((line) => /^\nS\d+ is violated, found at +\d/.test(line));
  expect(at).toBeGreaterThan(0);
  expect(lines[at + 1]).toMatch(/^\nAll operations on (key|cart)\d+, by the number of each:\n$/);
  const operations = lines.slice(at + 2).filter((line) => line.startsWith(' '));
  expect(
    operations.some((line) => /#\d+ +\d+\.\d{3} {2}[a-z] +put "(key|cart)?.*: at +\d+\.\d{3} on disk at/.test(line)),
  ).toBe(true);
});

function bound(target: RingNode, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
