import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { defaultTimes, ringTimesOf } from '../config.ts';
import type { NodeId } from '../ids.ts';
import { foldHistory, type Ring } from './fold.ts';
import { type MembershipHistory, nextStamp, type RingEvent, unite } from './history.ts';
import { preferenceOf } from './preference.ts';

/** Nodes named by hash, as random as the real ones. */
const named = (name: string | number): NodeId => bytesToHex(md5(utf8ToBytes(String(name)))).slice(0, 12);

type Said = RingEvent extends infer E ? (E extends RingEvent ? Omit<E, 'stamp'> : never) : never;
const say = (history: MembershipHistory, by: NodeId, event: Said): MembershipHistory => [
  ...history,
  { ...event, stamp: nextStamp(history, by, 0) },
];
const join = (history: MembershipHistory, node: NodeId, weight = 1, zone = '') =>
  say(history, node, { kind: 'join', node, weight, zone });
const leave = (history: MembershipHistory, node: NodeId) => say(history, node, { kind: 'leave', node });
const found = (partitions: number): MembershipHistory => say([], 'a', { kind: 'found', partitions, n: 3, r: 2, w: 2 });
const grown = (partitions: number, count: number, prefix = ''): MembershipHistory =>
  Array.from({ length: count }, (_, i) => named(prefix + i)).reduce(
    (history, node) => join(history, node),
    found(partitions),
  );

const primariesOf = (ring: Ring) => ring.owners.map((_, partition) => preferenceOf(ring, partition).primaries);
function replicaMoves(before: Ring, after: Ring): number {
  const old = primariesOf(before);
  return primariesOf(after).flatMap((nodes, i) => nodes.filter((node) => !old[i]?.includes(node))).length;
}
/** How often N consecutive owners are fewer than N nodes. */
const tangles = (ring: Ring) =>
  ring.owners.filter((_, i) => {
    const window = Array.from({ length: ring.n }, (_, d) => ring.owners[(i + d) % ring.partitions]);
    return new Set(window).size < ring.n;
  }).length;
const counts = (owners: readonly NodeId[]) => {
  const count = new Map<NodeId, number>();
  for (const owner of owners) count.set(owner, (count.get(owner) ?? 0) + 1);
  return count;
};
/** Mean over largest load of replicas. */
const efficiency = (ring: Ring) => {
  const loads = [...counts(primariesOf(ring).flat()).values()];
  return loads.reduce((a, b) => a + b, 0) / ring.members.size / Math.max(...loads);
};
/** The largest distance from a weighted share of the partitions. */
function unfairness(ring: Ring): number {
  const owned = counts(ring.owners);
  const weights = [...ring.members.values()].reduce((sum, { weight }) => sum + weight, 0);
  const off = [...ring.members].map(([node, { weight }]) =>
    Math.abs((owned.get(node) ?? 0) - (ring.partitions * weight) / weights),
  );
  return Math.max(0, ...off);
}

describe('growing and shrinking the ring', () => {
  test('[RING-4] a join moves at most 1.05 x the ideal share of replicas, from 1 to 41 nodes', () => {
    for (const prefix of ['a', 'b', 'c']) {
      let before = foldHistory(grown(256, 1, prefix));
      for (let nodes = 2; nodes <= 41; nodes++) {
        const after = foldHistory(grown(256, nodes, prefix));
        const ideal = (256 * Math.min(3, nodes)) / nodes;
        expect(replicaMoves(before, after), `join of node ${nodes}`).toBeLessThanOrEqual(1.05 * ideal);
        const newcomer = named(`${prefix}${nodes - 1}`);
        expect(after.owners.every((owner, i) => owner === newcomer || owner === before.owners[i])).toBe(true);
        before = after;
      }
    }
  });

  test('[RING-4] a leave moves only what the leaver had, in partitions and in replicas', () => {
    let history = grown(256, 41);
    for (let i = 0; i < 36; i++) {
      const leaver = named((i * 7) % 41);
      const before = foldHistory(history);
      history = leave(history, leaver);
      const after = foldHistory(history);
      expect(after.owners.every((owner, p) => owner === before.owners[p] || before.owners[p] === leaver)).toBe(true);
      const old = primariesOf(before);
      primariesOf(after).forEach((nodes, p) => {
        if (!old[p]?.includes(leaver)) expect(nodes).toEqual(old[p]);
      });
      if (after.members.size > 5) expect(tangles(after)).toBe(0);
      expect(replicaMoves(before, after)).toBeLessThanOrEqual(
        1.05 * old.filter((nodes) => nodes.includes(leaver)).length,
      );
    }
  });

  test('[RING-4] partitions follow weight within one, whatever joins, leaves and changes', () => {
    const anyChange = fc.tuple(
      fc.constantFrom('join' as const, 'leave' as const, 'weight' as const),
      fc.integer({ min: 0, max: 9 }).map(named),
      fc.integer({ min: 1, max: 1000 }).map((tenths) => tenths / 10),
    );
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), (changes) => {
        let history = found(64);
        for (const [kind, node, weight] of changes) {
          history = say(history, node, kind === 'join' ? { kind, node, weight, zone: '' } : { kind, node, weight });
          const ring = foldHistory(history);
          expect(unfairness(ring)).toBeLessThanOrEqual(1 + 1e-6);
          expect(ring.owners.every((owner) => (ring.members.size === 0 ? owner === '' : ring.members.has(owner)))).toBe(
            true,
          );
        }
      }),
    );
  });

  test('[RING-4] a change of weight moves no more than the change of the share', () => {
    const history = grown(256, 8);
    const before = foldHistory(history);
    const heavy = named(3);
    const after = foldHistory(say(history, heavy, { kind: 'weight', node: heavy, weight: 2 }));
    const moved = after.owners.filter((owner, i) => owner !== before.owners[i]);
    expect(new Set(moved)).toEqual(new Set([heavy]));
    expect(moved.length).toBeLessThanOrEqual(Math.ceil((256 * 2) / 9) - 32 + 1);
    const back = say(say(history, heavy, { kind: 'weight', node: heavy, weight: 2 }), heavy, {
      kind: 'weight',
      node: heavy,
      weight: 1,
    });
    expect(unfairness(foldHistory(back))).toBeLessThanOrEqual(1);
  });

  test('[RING-2] N consecutive owners are distinct nodes from 6 nodes on, and efficiency holds through 300 changes', () => {
    const random = seeded(7);
    let history = grown(1024, 6);
    let present = Array.from({ length: 6 }, (_, i) => named(i));
    for (let i = 0; i < 300; i++) {
      const grow = present.length <= 6 || (present.length < 30 && random() < 0.52);
      const node = grow ? named(`n${i}`) : (present[Math.floor(random() * present.length)] ?? '');
      history = grow ? join(history, node) : leave(history, node);
      present = grow ? [...present, node] : present.filter((other) => other !== node);
      if (i % 20 !== 19) continue;
      const ring = foldHistory(history);
      expect(tangles(ring), `after ${i} changes, ${present.length} nodes`).toBe(0);
      expect(efficiency(ring)).toBeGreaterThanOrEqual(0.97);
    }
  });

  test('[RING-2] 300 events fold in less than 50 ms, and one more in much less', () => {
    const times = Array.from({ length: 10 }, (_, run) => {
      const random = seeded(3);
      let history = grown(256, 150, `${run} `);
      for (let i = 0; i < 149; i++) {
        history =
          random() < 0.5
            ? join(history, named(`n${i}`))
            : leave(history, named(`${run} ${Math.floor(random() * 150)}`));
      }
      expect(history).toHaveLength(300);
      const all = timed(() => foldHistory(history));
      const more = timed(() => foldHistory(leave(history, named(`${run} 1`))));
      return { all, more };
    });
    const least = (kind: 'all' | 'more') => Math.min(...times.map((time) => time[kind]));
    expect(least('all')).toBeLessThan(50);
    expect(least('more')).toBeLessThan(least('all') / 4);
  });
});

describe('equal histories', () => {
  test('[RING-2] that grew apart and were united give identical tables, in any order of arrival', () => {
    const common = grown(256, 12);
    const left = ['x', 'y', 'z'].map(named).reduce((history, node) => join(history, node), common);
    const right = leave(
      ['u', 'v', 'w'].map(named).reduce((history, node) => join(history, node), common),
      named(3),
    );
    const ring = foldHistory(unite(left, right));
    expect(foldHistory(unite(right, left))).toEqual(ring);
    expect([...ring.members.keys()]).toHaveLength(17);
    expect(tangles(ring)).toBe(0);
    fc.assert(
      fc.property(fc.shuffledSubarray([...left, ...right], { minLength: left.length + right.length }), (arrived) => {
        const history = arrived.reduce<MembershipHistory>((all, event) => unite(all, [event]), []);
        expect(JSON.stringify(foldHistory(history))).toBe(JSON.stringify(ring));
      }),
      { numRuns: 20 },
    );
  });

  test('[RING-2] a fold that goes on from an earlier one gives what a fold from the start does', async () => {
    const change = fc.tuple(
      fc.constantFrom('join' as const, 'leave' as const, 'weight' as const),
      fc.integer({ min: 0, max: 7 }).map(named),
      fc.integer({ min: 1, max: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 15 }), fc.nat(15), async (changes, founding) => {
        let history: MembershipHistory = [];
        changes.forEach(([kind, node, weight], at) => {
          if (at === founding) history = say(history, node, { kind: 'found', partitions: 32, n: 3, r: 2, w: 2 });
          if (kind === 'join') history = join(history, node, weight);
          else history = say(history, node, kind === 'leave' ? { kind, node } : { kind, node, weight });
        });
        const stepwise = history.map((_, at) => foldHistory(history.slice(0, at + 1))).at(-1);
        // A module that has folded nothing yet
        vi.resetModules();
        const fresh = await import('./fold.ts');
        expect(fresh.foldHistory(history)).toEqual(stepwise);
        expect([...fresh.foldHistory(history).known]).toEqual([...(stepwise?.known ?? [])]);
      }),
      { numRuns: 25 },
    );
  });

  test('[RING-2] merging 3 + 3 joins and a leave on 12 nodes moves little more than must move', () => {
    const common = grown(256, 12);
    const left = ['x', 'y', 'z'].map(named).reduce((history, node) => join(history, node), common);
    const right = leave(
      ['u', 'v', 'w'].map(named).reduce((history, node) => join(history, node), common),
      named(3),
    );
    const united = foldHistory(unite(left, right));
    const ideal = (256 * 3 * 3) / 17;
    expect(replicaMoves(foldHistory(left), united)).toBeLessThanOrEqual(2 * ideal);
    expect(replicaMoves(foldHistory(right), united)).toBeLessThanOrEqual(2 * ideal);
  });

  test('equal hashes mean equal tables: owners, weights, zones and n, r, w are all in it', () => {
    const history = grown(16, 3);
    const node = named(1);
    const rings = [
      history,
      join(history, named('new')),
      leave(history, node),
      say(history, node, { kind: 'zone', node, zone: 'cellar' }),
      say(history, node, { kind: 'weight', node, weight: 1.01 }),
      grown(32, 3),
      history.map((event) => (event.kind === 'found' ? { ...event, r: 1 } : event)),
    ].map(foldHistory);
    expect(new Set(rings.map(({ hash }) => hash)).size).toBe(rings.length);
    expect(foldHistory(structuredClone(history)).hash).toBe(foldHistory(history).hash);
  });
});

test('[CFG-1] equal configurations give equal hashes, whatever the order of their parts', () => {
  const times = {
    suspectAfter: 1,
    hedgeAfter: 2,
    requestTimeout: 3,
    tombstone: 4,
    reapMemory: 5,
    outAfter: 7,
    removeAfter: 6,
    probation: 8,
    heirAfter: 9,
  };
  const reversed = {
    probation: 8,
    heirAfter: 9,
    removeAfter: 6,
    outAfter: 7,
    reapMemory: 5,
    tombstone: 4,
    requestTimeout: 3,
    hedgeAfter: 2,
    suspectAfter: 1,
  };
  const configured = (all: typeof times) =>
    foldHistory(say(grown(16, 3), 'a', { kind: 'config', n: 2, r: 1, w: 1, times: all })).hash;
  expect(configured(reversed)).toBe(configured(times));
  expect(configured({ ...times, tombstone: 7 })).not.toBe(configured(times));
});

describe('what events mean', () => {
  test('[RING-1] before anybody founds the ring it has 256 partitions, 3/2/2 and no owner', () => {
    const ring = foldHistory([]);
    expect([ring.partitions, ring.n, ring.r, ring.w]).toEqual([256, 3, 2, 2]);
    expect(new Set(ring.owners)).toEqual(new Set(['']));
  });

  test('the first founding in stamp order counts', () => {
    const late: MembershipHistory = [{ stamp: [1, 'b'], kind: 'found', partitions: 32, n: 2, r: 1, w: 1 }];
    expect(foldHistory(unite(late, found(16))).partitions).toBe(16);
  });

  test('[CFG-1] of several changes of configuration the last in stamp order holds', () => {
    const times = ringTimesOf(defaultTimes);
    const first = say(grown(16, 4), named(1), { kind: 'config', n: 4, r: 2, w: 2, times });
    const one = say(first, named(2), { kind: 'config', n: 2, r: 1, w: 1, times });
    const other = say(join(first, named(9)), named(3), { kind: 'config', n: 2, r: 2, w: 2, times });
    const { n, r, w, config } = foldHistory(unite(other, one));
    expect([n, r, w]).toEqual([2, 2, 2]);
    expect(config?.stamp).toEqual(other.at(-1)?.stamp);
  });

  test('who left is known for ever, and is back after a new join', () => {
    let history = grown(16, 4);
    const node = named(2);
    history = say(history, named(1), { kind: 'remove', node });
    let ring = foldHistory(history);
    expect([ring.members.has(node), ring.known.has(node), ring.left.has(node)]).toEqual([false, true, true]);
    ring = foldHistory(join(history, node));
    expect([ring.members.has(node), ring.known.has(node), ring.left.has(node)]).toEqual([true, true, false]);
  });

  test('joining again as before moves nothing, and events of strangers mean nothing', () => {
    const history = grown(16, 4);
    const { owners } = foldHistory(history);
    expect(foldHistory(join(history, named(2))).owners).toEqual(owners);
    const stranger = named('stranger');
    expect(foldHistory(leave(history, stranger)).owners).toEqual(owners);
    const weighed = foldHistory(say(history, stranger, { kind: 'weight', node: stranger, weight: 5 }));
    expect(weighed.members.has(stranger)).toBe(false);
    expect(weighed.owners).toEqual(owners);
  });

  test('a ring that everybody left has no owners, and takes a newcomer', () => {
    const empty = leave(grown(16, 1), named(0));
    expect(new Set(foldHistory(empty).owners)).toEqual(new Set(['']));
    expect(new Set(foldHistory(join(empty, named(7))).owners)).toEqual(new Set([named(7)]));
  });
});

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** A small generator, so that the test takes the same course every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
