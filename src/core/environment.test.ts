import { expect, test } from 'vitest';
import { compose } from './compose.ts';
import { defaultOptions, ringTimesOf } from './config.ts';
import { RingNode } from './node.ts';
import type { RingEvent } from './ring/history.ts';

const [self, near, far] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;
const config: RingEvent = {
  stamp: [9, near],
  kind: 'config',
  ...{ n: 1, r: 1, w: 1 },
  times: { ...ringTimesOf(defaultOptions.times), hedgeAfter: 77 },
};

/** A node of a ring of three, with a link to one of the others. */
function environment(...more: RingEvent[]) {
  const options = { ...defaultOptions, self, seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const joins = [self, near, far].map(
    (name, i): RingEvent => ({ stamp: [i + 2, name], kind: 'join', node: name, weight: 1, zone: name }),
  );
  const found: RingEvent = { stamp: [1, self], kind: 'found', partitions: 16, n: 1, r: 1, w: 1 };
  node.step(1, {
    type: 'opened',
    opened: { storeId: self, epoch: 1, history: [found, ...joins, ...more], entries: [] },
  });
  node.step(2, { type: 'peer-up', peer: near });
  return { env: parts.env, node };
}

test('a node can be used while its link answers; itself, while its storage is open', () => {
  const { env, node } = environment();
  expect([self, near, far].map((name) => env.isUsable(name))).toEqual([true, true, false]);
  expect([env.roundTrip(self), env.roundTrip(near)]).toEqual([0, Number.POSITIVE_INFINITY]);
  node.step(3, { type: 'peer-down', peer: near });
  expect(env.isUsable(near)).toBe(false);
  expect(compose({ ...defaultOptions, self, seed: 1 }).env.isUsable(self)).toBe(false);
});

test('each partition is owned by one of a ring with n = 1', () => {
  const { env } = environment();
  const owned = Array.from({ length: 16 }, (_, partition) => env.owns(partition)).filter(Boolean).length;
  expect(owned).toBeGreaterThan(3);
  expect(owned).toBeLessThan(8);
  const key = Array.from({ length: 100 }, (_, i) => `key${i}`).find(
    (name) => env.preferenceOf(name).primaries[0] === self,
  );
  expect(key).toBeDefined();
});

test('[CFG-1] the times that hold are the ring’s where it has said any, else the node’s own', () => {
  expect(environment().env.times.hedgeAfter).toBe(defaultOptions.times.hedgeAfter);
  const { times } = environment(config).env;
  expect([times.hedgeAfter, times.gossip]).toEqual([77, defaultOptions.times.gossip]);
});

test('[XFER-1] who announces copies of a partition that others own may hold some of its keys', () => {
  const { env, node } = environment();
  const partition = Array.from({ length: 16 }, (_, i) => i).find((i) => env.owns(i)) ?? 0;
  expect(env.holders(partition)).toEqual([]);
  const status = {
    type: 'status',
    digest: 'other',
    stored: true,
    extras: [partition],
    hints: [],
    hidden: false,
  } as const;
  node.step(3, { type: 'message', from: near, message: status });
  expect(env.holders(partition)).toEqual([near]);
});
