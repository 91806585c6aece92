import { describe, expect, test, vi } from 'vitest';
import { compose } from '../../src/core/compose.ts';
import { defaultOptions, defaultTimes } from '../../src/core/config.ts';
import { RingNode } from '../../src/core/node.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { Entry } from '../../src/core/storage.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';

const [self, peer, gone] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const;
const keys = 2000;
const sliceKeys = 20;
/** A key is looked at some times in its turn; and all that is no work over keys looks at a few. */
const looksMax = 10 * sliceKeys;

const found: RingEvent = { stamp: [1, self], kind: 'found', partitions: 256, n: 1, r: 1, w: 1 };
const join = (node: string, at: number): RingEvent => ({
  stamp: [at, node],
  kind: 'join',
  node,
  weight: 1,
  zone: node,
});
const version = (deleted: boolean): VersionMetadata => {
  return { dot: ['x.1', 1], context: { vector: [], dots: [] }, deleted, size: 0, time: 0, op: 'op' };
};
const live: Entry = { versions: [version(false)], hintFor: [] };
const tombstone: Entry = { versions: [version(true)], hintFor: [] };
const hint: Entry = { versions: [version(false)], hintFor: [gone] };
const reaped: Entry = {
  versions: [],
  hintFor: [],
  reapRecord: { versions: [version(true)], primaries: [self], at: 0 },
};

interface Most {
  /** Of one step. */
  looks: number;
  writes: number;
  loaded: number;
}

/** A node that opens storage with this under many keys. It is stepped as its timers say. */
function opened(entry: Entry, members: readonly string[], times: Partial<typeof defaultTimes> = {}, n = 1) {
  const options = { ...defaultOptions, self, seed: 1, limits: { sliceKeys }, times: { ...defaultTimes, ...times } };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const looks = vi.spyOn(parts.replica, 'held');
  const most: Most = { looks: 0, writes: 0, loaded: 0 };
  const replies: Ready['replies'][number][] = [];
  let now = 0;
  let ready: Ready | undefined;
  const step = (input: Input): Ready => {
    const before = parts.replica.size;
    looks.mockClear();
    ready = node.step(now, input);
    most.looks = Math.max(most.looks, looks.mock.calls.length);
    most.writes = Math.max(most.writes, ready.writes?.writes.length ?? 0);
    most.loaded = Math.max(most.loaded, parts.replica.size - before);
    const ended = ready.writes && node.step(now, { type: 'written', id: ready.writes.id });
    replies.push(...ready.replies, ...(ended?.replies ?? []));
    return ready;
  };
  const until = (isOver: () => boolean, ms = 600_000) => {
    for (const end = now + ms; !isOver(); ) {
      if (now > end) throw new Error('it should be over');
      now = Math.max(now, ready?.wakeAt ?? 0);
      step({ type: 'wake' });
    }
    return most;
  };
  const history = [{ ...found, n }, ...members.map((member, i) => join(member, i + 2))];
  const entries = Array.from({ length: keys }, (_, i) => [`key${i}`, entry] as const);
  step({ type: 'opened', opened: { storeId: self, epoch: 1, history, entries, alive: { uptime: 1, at: 0 } } });
  return { parts, step, until, most, replies };
}

describe('work over many keys', () => {
  test('[OVR-1] opening takes some in each step; until all are there the node answers nothing, and then it joins', () => {
    const { parts, step, until, most, replies } = opened(live, [self]);
    expect(most.loaded).toBe(sliceKeys);
    step({ type: 'peer-up', peer });
    step({ type: 'request', id: 7, request: { kind: 'join', time: 0 } });
    const { sends } = step({
      type: 'message',
      from: peer,
      message: { type: 'fetch', id: 1, key: 'key1999' },
    });
    expect([sends.map(({ message }) => message.type), replies]).toEqual([['refused'], []]);
    const before = parts.replica.size;
    expect(before).toBeLessThan(keys);
    until(() => parts.replica.isOpen);
    expect([most.loaded, parts.replica.size]).toEqual([sliceKeys, keys]);
    expect(replies).toEqual([{ id: 7, reply: { kind: 'done' } }]);
    expect(most.looks).toBeLessThan(looksMax);
  });

  test('[OVR-1] [AE-1] a first comparison looks at no key', () => {
    const { parts, step, until, most } = opened(live, [self, peer], {}, 2);
    until(() => parts.replica.isOpen);
    step({ type: 'peer-up', peer });
    most.looks = 0;
    const roots = Array.from({ length: 256 }, (_, partition) => [partition, ''] as const);
    const { sends } = step({ type: 'message', from: peer, message: { type: 'compare', id: 1, roots, strict: false } });
    expect(sends.find(({ message }) => message.type === 'compared')).toBeDefined();
    expect(most.looks).toBe(0);
  });

  test('[OVR-1] [DEL-2] tombstones ripen, and are reaped', () => {
    const { parts, until } = opened(tombstone, [self], { tombstone: 1000, reapScan: 1000 });
    const { looks, writes } = until(() => parts.replica.reapRecords().size === keys);
    // One round has 100 of them, each of which is looked at once more.
    expect(looks).toBeLessThan(looksMax + 200);
    expect(writes).toBeLessThanOrEqual(100 + sliceKeys);
  });

  test('[OVR-1] [DEL-3] reap records are forgotten, and undone when the ring changes', () => {
    const forgets = opened(reaped, [self], { reapMemory: 1000, reapScan: 1000 });
    const forgotten = forgets.until(() => forgets.parts.replica.reapRecords().size === 0);
    expect(forgotten.looks).toBeLessThan(looksMax);
    expect(forgotten.writes).toBeLessThanOrEqual(sliceKeys + 10);

    const { parts, step, until, most } = opened(reaped, [self], {}, 2);
    until(() => parts.replica.isOpen);
    step({ type: 'peer-up', peer });
    most.writes = 0;
    step({ type: 'message', from: peer, message: { type: 'history', events: [join(peer, 9)] } });
    until(() => parts.replica.reapRecords().size === 0);
    expect(parts.replica.size).toBe(keys);
    expect(most.writes).toBeLessThanOrEqual(sliceKeys + 10);
    expect(most.looks).toBeLessThan(looksMax);
  });

  test('[OVR-1] [HINT-1] hints are looked through, delivered, and grow old', () => {
    const { parts, until, step } = opened(hint, [peer, gone, self], { hintAge: 1000, hintScan: 100 }, 1);
    const { looks } = until(() => parts.expiry.stranded.count > 0);
    expect(looks).toBeLessThan(looksMax);
    step({ type: 'peer-up', peer: gone });
    const most = until(() => parts.hints !== undefined && parts.env.now > 5000);
    expect(most.looks).toBeLessThan(looksMax);
  });

  test('[OVR-1] [XFER-1] what is handed over is dropped, and nothing of it when a peer’s copies are in doubt meanwhile', () => {
    const { parts, until, step, most } = opened(live, [peer, self], {}, 1);
    until(() => parts.replica.isOpen);
    step({ type: 'peer-up', peer });
    const { forest } = parts.replica;
    const extras = parts.handOff.extras();
    const kept = keys - extras.reduce((sum, partition) => sum + forest.allKeys(partition).length, 0);
    for (const partition of extras) parts.handOff.cover(peer, partition, parts.replica.revision(partition));
    most.writes = 0;
    until(() => parts.replica.size < (keys + kept) / 2);
    step({ type: 'peer-down', peer });
    const left = parts.replica.size;
    until(() => parts.env.now > 5000);
    expect(parts.replica.size).toBe(left);
    expect(most.writes).toBeLessThanOrEqual(sliceKeys);
    expect(most.looks).toBeLessThan(looksMax);
  });
});
