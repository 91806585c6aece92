import { expect, test } from 'vitest';
import { RingNode } from '../../src/core/node.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { CreateCore } from '../world/host.ts';
import { commandOf, parseSettings, planOf, type SizedSettings } from './replay.ts';
import { simulate } from './run.ts';
import { Shrinker } from './shrink.ts';

const settings: SizedSettings = {
  nodes: 4,
  events: 800,
  without: [],
  onlyFaults: undefined,
  onlyOperations: undefined,
};

/** Planted: a node that was started a second time stores nothing that it acknowledges. */
const forgetful: CreateCore = (options) => {
  const node = new RingNode(options);
  let again = false;
  return {
    view: () => node.view(),
    explain: (key) => node.explain(key),
    held: () => node.held(),
    versions: (key) => node.versions(key),
    root: (partition) => node.root(partition),
    step(now: number, input: Input): Ready {
      if (input.type === 'opened') again = input.opened.epoch > 1;
      const ready = node.step(now, input);
      if (!again || ready.writes === undefined) return ready;
      const writes = ready.writes.writes.filter(({ kind }) => kind !== 'key');
      return { ...ready, writes: { ...ready.writes, writes } };
    },
  };
};

const attempt = (seed: number) => (changed: SizedSettings) => simulate(planOf(seed, changed), forgetful);

test('a failing run shrinks to few faults and operations, and the command it prints fails in the same way', () => {
  const seed = [1, 2, 3, 4, 5, 6, 7, 8].find((each) => attempt(each)(settings).violations[0]?.checker === 'S7') ?? 0;
  const before = attempt(seed)(settings);
  const shrunk = Shrinker.shrink(settings, attempt(seed), 80);
  expect(shrunk?.outcome.violations[0]?.checker).toBe('S7');
  const { onlyFaults = [], onlyOperations = [], events = 0 } = shrunk?.settings ?? {};
  expect(before.scheduled.operations).toBeGreaterThan(20);
  expect(onlyFaults.length).toBeLessThanOrEqual(4);
  expect(onlyOperations.length).toBeLessThanOrEqual(4);
  expect(events).toBeLessThan(settings.events);

  const words = commandOf(seed, shrunk?.settings ?? settings).split(' ');
  const option = (name: string): string | undefined => words[words.indexOf(`--${name}`) + 1];
  const replayed = attempt(Number(option('seed')))({
    ...parseSettings({
      nodes: 'drawn',
      events: option('events') ?? '',
      without: '',
      'only-faults': option('only-faults'),
      'only-operations': option('only-operations'),
    }),
    nodes: Number(option('nodes')),
  });
  expect(replayed).toEqual(shrunk?.outcome);
});

test('what does not fail is not shrunk', () => {
  const quiet = { ...settings, events: 100 };
  expect(
    Shrinker.shrink(quiet, (changed) => simulate(planOf(1, changed), (of) => new RingNode(of)), 10),
  ).toBeUndefined();
});

test('a fault or operation that is left out changes nothing about the others that chance decides', () => {
  const told = (onlyFaults: readonly number[] | undefined): string[] => {
    const lines: string[] = [];
    const plan = planOf(3, { ...settings, events: 4000, onlyFaults });
    simulate(
      plan,
      (of) => new RingNode(of),
      (line) => lines.push(line),
    );
    const faults = lines.flatMap((line) => /-- (fault \d+: \S+)/.exec(line)?.[1] ?? []);
    return faults.filter((fault) => onlyFaults?.includes(Number(/\d+/.exec(fault))) ?? true);
  };
  const all = told(undefined);
  expect(all.length).toBeGreaterThanOrEqual(4);
  expect(told([2, 4])).toEqual(all.filter((fault) => /fault [24]:/.test(fault)));
});
