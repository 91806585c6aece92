import { describe, expect, test, vi } from 'vitest';
import type { Entry } from '../../src/core/storage.ts';
import { gone, joining, kinds, type ManyKeys, manyKeys, peer, self } from '../world/many-keys.ts';

const { live, tombstone, hint, reaped } = kinds;
const keys = 2000;
const sliceKeys = 20;
/** A key is looked at some times in its turn; and all that is no work over keys looks at a few. */
const looksMax = 10 * sliceKeys;

/** Of one step. */
interface Most {
  looks: number;
  writes: number;
  loaded: number;
}

/** A node that opens storage with this under many keys. */
function opened(entry: Entry, members: readonly string[], times: ManyKeys['times'] = {}, n = 1) {
  const most: Most = { looks: 0, writes: 0, loaded: 0 };
  const run = manyKeys({ entry, keys, members, n, times, limits: { sliceKeys } }, (step, { replica }) => {
    const before = replica.size;
    const looks = vi.isMockFunction(replica.held) ? vi.mocked(replica.held) : vi.spyOn(replica, 'held');
    looks.mockClear();
    const ready = step();
    most.looks = Math.max(most.looks, looks.mock.calls.length);
    most.writes = Math.max(most.writes, ready.writes?.writes.length ?? 0);
    most.loaded = Math.max(most.loaded, replica.size - before);
    return ready;
  });
  return { ...run, most };
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
    const { parts, until, most } = opened(tombstone, [self], { tombstone: 1000, reapScan: 1000 });
    until(() => parts.replica.reapRecords().size === keys);
    // One round has 100 of them, each of which is looked at once more.
    expect(most.looks).toBeLessThan(looksMax + 200);
    expect(most.writes).toBeLessThanOrEqual(100 + sliceKeys);
  });

  test('[OVR-1] [DEL-3] reap records are forgotten, and undone when the ring changes', () => {
    const forgets = opened(reaped, [self], { reapMemory: 1000, reapScan: 1000 });
    forgets.until(() => forgets.parts.replica.reapRecords().size === 0);
    expect(forgets.most.looks).toBeLessThan(looksMax);
    expect(forgets.most.writes).toBeLessThanOrEqual(sliceKeys + 10);

    const { parts, step, until, most } = opened(reaped, [self], {}, 2);
    until(() => parts.replica.isOpen);
    step({ type: 'peer-up', peer });
    most.writes = 0;
    step({ type: 'message', from: peer, message: { type: 'history', events: [joining(peer, 9)] } });
    until(() => parts.replica.reapRecords().size === 0);
    expect(parts.replica.size).toBe(keys);
    expect(most.writes).toBeLessThanOrEqual(sliceKeys + 10);
    expect(most.looks).toBeLessThan(looksMax);
  });

  test('[OVR-1] [HINT-1] hints are looked through, delivered, and grow old', () => {
    const { parts, until, step, most } = opened(hint, [peer, gone, self], { hintAge: 1000, hintScan: 100 });
    until(() => parts.expiry.stranded.count > 0);
    expect(most.looks).toBeLessThan(looksMax);
    step({ type: 'peer-up', peer: gone });
    until(() => parts.env.now > 5000);
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
