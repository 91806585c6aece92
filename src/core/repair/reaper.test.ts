import { expect, test } from 'vitest';
import { compose } from '../compose.ts';
import { defaultOptions, defaultTimes, type Times } from '../config.ts';
import { RingNode } from '../node.ts';
import type { Input, Ready } from '../ready.ts';
import { digest } from '../replica/merkle.ts';
import type { RingEvent } from '../ring/history.ts';
import type { ReapRecord } from '../storage.ts';
import { canonical, type VersionMetadata } from '../version/siblings.ts';

const [a, b, self] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;
const names = Array.from({ length: 8 }, (_, i) => `key${i}`);
const tombstone: VersionMetadata = {
  dot: ['x.1', 1],
  context: { vector: [], dots: [] },
  deleted: true,
  size: 0,
  time: 0,
  op: 'op',
};
const join = (node: string, at: number): RingEvent => ({
  stamp: [at, node],
  kind: 'join',
  node,
  weight: 1,
  zone: node,
});

/**
 * An owner of all keys, whose tombstones are ripe, and which may have three reap records; the first key may have one.
 * Others ask it.
 */
function follower(reapRecord?: ReapRecord, more: Partial<Times> = {}) {
  const times = { ...defaultTimes, tombstone: 1000, reapScan: 500, ...more };
  const options = { ...defaultOptions, self, seed: 1, limits: { reapRecords: 3 }, times };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  let now = 0;
  const step = (input: Input): Ready => {
    const ready = node.step(now, input);
    if (ready.writes) node.step(now, { type: 'written', id: ready.writes.id });
    return ready;
  };
  const hear = (from: string, message: Extract<Input, { type: 'message' }>['message']) =>
    step({ type: 'message', from, message });
  const history: RingEvent[] = [
    { stamp: [1, a], kind: 'found', partitions: 8, n: 3, r: 2, w: 2 },
    ...[a, b, self].map((name, i) => join(name, i + 2)),
  ];
  const entryOf = (key: string) => ({
    versions: [tombstone],
    hintFor: [],
    ...(key === names[0] && reapRecord && { reapRecord }),
  });
  const opened = { storeId: self, epoch: 1, history, entries: names.map((key) => [key, entryOf(key)] as const) };
  step({ type: 'opened', opened });
  for (const peer of [a, b]) {
    step({ type: 'peer-up', peer });
    hear(peer, { type: 'synced', partitions: [0, 1, 2, 3, 4, 5, 6, 7] });
  }
  const pass = (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 500;
      for (const peer of [a, b]) hear(peer, { type: 'pong', seq: 0 });
      step({ type: 'wake' });
    }
  };
  pass(2000);
  const keys = (some: readonly string[]) => some.map((key) => [key, digest(canonical([tombstone]))] as const);
  const ring = parts.env.ring.hash;
  return {
    pass,
    /** A peer sends what it has of this key; the disk is busy. */
    push: (from: string, key: string) => {
      const siblings = [{ ...tombstone, value: new Uint8Array(0) }];
      const message = { type: 'store', id: 1, key, siblings, hintFor: [], reason: 'sync', strict: true } as const;
      return node.step(now, { type: 'message', from, message }).writes;
    },
    records: () => parts.replica.reapRecords().size,
    /** How many of them it agrees to. */
    ask: (from: string, ...some: string[]) => {
      const { sends } = hear(from, { type: 'reap-prepare', id: 1, ring, keys: keys(some) });
      return sends.flatMap(({ message }) => (message.type === 'reap-vote' ? message.keys : []));
    },
    commit: (from: string, ...some: string[]) => hear(from, { type: 'reap-commit', ring, keys: keys(some) }),
  };
}

test('[DEL-3] a node agrees to no more than it has places for, and keeps them for who has asked', () => {
  const { ask, commit, records } = follower();
  expect(ask(a, 'key0', 'key1', 'key2', 'key3', 'key4')).toEqual(['key0', 'key1', 'key2']);
  expect(ask(b, 'key5')).toEqual([]);
  expect(ask(a, 'key0', 'key1')).toHaveLength(2);
  expect(ask(b, 'key4', 'key5', 'key6')).toEqual(['key4']);
  expect(ask(a, 'key0', 'key1', 'key2')).toEqual(['key0', 'key1']);
  expect(ask(b)).toEqual([]);
  expect(ask(a, 'key0', 'key1', 'key2')).toHaveLength(3);
  commit(a, 'key0', 'key1', 'key2');
  expect([records(), ask(b, 'key5')]).toEqual([3, []]);
});

test('[DEL-3] what was agreed to is reaped, whatever was asked meanwhile', () => {
  const { ask, commit, records } = follower();
  expect(ask(a, 'key0')).toEqual(['key0']);
  expect(ask(b, 'key1', 'key2', 'key3')).toEqual(['key1', 'key2']);
  commit(b, 'key1', 'key2');
  commit(a, 'key0');
  expect(records()).toBe(3);
});

test('[DEL-3] places are free again when who has asked reaps less, asks for something else, or is silent', () => {
  const { ask, commit, pass } = follower();
  expect(ask(a, 'key0', 'key1', 'key2')).toHaveLength(3);
  commit(a, 'key0');
  expect(ask(b, 'key3', 'key4', 'key5')).toHaveLength(2);
  expect(ask(b, 'key6')).toHaveLength(1);
  expect(ask(a, 'key1', 'key2')).toHaveLength(1);
  expect(ask(a)).toEqual([]);
  expect(ask(b, 'key3', 'key4')).toHaveLength(2);
  pass(13_000);
  expect(ask(a, 'key1', 'key2')).toHaveLength(2);
});

test('[DEL-2] what was agreed to is reaped, though the record of an earlier reap has had its time meanwhile', () => {
  const earlier = { versions: [{ ...tombstone, dot: ['w.1', 1] as const }], primaries: [a, b, self], at: 0 };
  const { ask, commit, pass, records } = follower(earlier, { reapMemory: 4000 });
  expect([ask(a, 'key0'), records()]).toEqual([['key0'], 1]);
  pass(3000);
  expect(records()).toBe(0);
  commit(a, 'key0');
  expect(records()).toBe(1);
});

test('[DEL-2] what was agreed to is reaped, though a copy of it has come that is being written once more', () => {
  const { ask, commit, push, records } = follower();
  expect(ask(a, 'key0')).toEqual(['key0']);
  expect(push(b, 'key0')).toBeDefined();
  commit(a, 'key0');
  expect(records()).toBe(1);
});
