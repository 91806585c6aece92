import { expect, test } from 'vitest';
import { compose } from '../compose.ts';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import { Outbox } from '../outbox.ts';
import { Replica } from '../replica/replica.ts';
import type { RingEvent } from '../ring/history.ts';
import { HandOff } from './hand-off.ts';

const names = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd', 'eeeeeeeeeeee'];

/** A node with a copy of a key that it does not own. */
function holder() {
  const [self = ''] = names;
  const options = { ...defaultOptions, self, seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const history: RingEvent[] = [
    { stamp: [1, self], kind: 'found', partitions: 16, n: 3, r: 2, w: 2 },
    ...names.map((name, i): RingEvent => ({ stamp: [i + 2, name], kind: 'join', node: name, weight: 1, zone: name })),
  ];
  const opened = { storeId: self, epoch: 1, history, entries: [] };
  node.step(1, { type: 'opened', opened });
  const replica = new Replica(new Outbox(self), { cacheBytes: 1000, clockLength: 50 });
  for (const _ of replica.open(opened, '', 16));
  const handOff = new HandOff(parts.env, replica);
  const isForeign = (key: string) => !parts.env.preference(replica.place(key).partition).primaries.includes(self);
  const key = Array.from({ length: 50 }, (_, i) => `key${i}`).find(isForeign) ?? '';
  const { partition } = replica.place(key);
  const version = {
    dot: ['x.1', 1],
    context: { vector: [], dots: [] },
    deleted: true,
    size: 0,
    time: 0,
    op: 'op',
  } as const;
  replica.ended(replica.store(key, [{ ...version, value: new Uint8Array() }], [], true) ?? 0, true);
  const { primaries } = parts.env.preference(partition);
  const cover = () => {
    for (const peer of primaries) handOff.cover(peer, partition, replica.revision(partition));
  };
  return { handOff, primaries, cover };
}

test('[XFER-1] what a peer has taken over counts until the ring changes: it may have handed it on meanwhile', () => {
  const { handOff, primaries, cover } = holder();
  expect(handOff.uncovered()).toEqual(new Set(primaries));
  cover();
  expect(handOff.uncovered()).toEqual(new Set());
  handOff.ringChanged();
  expect(handOff.uncovered()).toEqual(new Set(primaries));
});

test('[XFER-1] what a peer has taken over counts until it is out of reach: it may come back without that', () => {
  const { handOff, primaries, cover } = holder();
  const [gone = ''] = primaries;
  cover();
  handOff.forget(gone);
  expect(handOff.uncovered()).toEqual(new Set([gone]));
});

test('[XFER-1] what is settled is so in a ring of that many partitions only: in another, numbers mean other keys', () => {
  const [self = '', ...peers] = names;
  const options = { ...defaultOptions, self, seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const joins = names.map((name, i): RingEvent => {
    return { stamp: [i + 2, name], kind: 'join', node: name, weight: 1, zone: name };
  });
  const founded = (lamport: number, partitions: number): RingEvent => {
    return { stamp: [lamport, self], kind: 'found', partitions, n: 3, r: 2, w: 2 };
  };
  const opened = { storeId: self, epoch: 1, history: [founded(1, 16), ...joins], entries: [] };
  node.step(1, { type: 'opened', opened });
  for (const peer of peers) node.step(2, { type: 'peer-up', peer });
  const replica = new Replica(new Outbox(self), { cacheBytes: 1000, clockLength: 50 });
  for (const _ of replica.open(opened, '', 16));
  const handOff = new HandOff(parts.env, replica);
  handOff.ringChanged();
  const owned = () =>
    Array.from({ length: 16 }, (_, p) => p).filter((p) => parts.env.preference(p).primaries.includes(self));
  const before = owned();
  for (const partition of before) for (const peer of peers) handOff.learnt(partition, peer);
  expect(before.every((partition) => handOff.settled(partition))).toBe(true);
  // The same ring, but the first founding turns out to have been another one.
  const message = { type: 'history', events: [founded(0, 32), founded(1, 16), ...joins] } as const;
  node.step(3, { type: 'message', from: peers[0] ?? '', message });
  expect(parts.env.ring.partitions).toBe(32);
  handOff.ringChanged();
  const still = owned().filter((partition) => before.includes(partition));
  expect(still.length).toBeGreaterThan(0);
  expect(still.filter((partition) => handOff.settled(partition))).toEqual([]);
});
