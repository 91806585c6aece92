import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import {
  type Checkpoint,
  compareStamps,
  digestOf,
  hasRoomFor,
  type MembershipHistory,
  nextStamp,
  type RingEvent,
  type Stamp,
  unite,
} from './history.ts';

const anyEvent: fc.Arbitrary<RingEvent> = fc
  .record({
    stamp: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom('a', 'b', 'c')),
    kind: fc.constantFrom('join' as const, 'leave' as const),
    node: fc.constantFrom('a', 'b'),
  })
  .map(({ stamp, kind, node }) =>
    kind === 'join' ? { stamp, kind, node, weight: 1, zone: '' } : { stamp, kind, node },
  );
const anyHistory = fc.array(anyEvent, { maxLength: 8 }).map((events) => {
  const byStamp = new Map(events.map((event) => [String(event.stamp), event]));
  return [...byStamp.values()].sort((a, b) => compareStamps(a.stamp, b.stamp));
});

const leave = (stamp: Stamp): RingEvent => ({ stamp, kind: 'leave', node: 'x' });

describe('the membership history', () => {
  test('[RING-2] uniting is commutative, associative and idempotent, and keeps stamp order', () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, anyHistory, (a, b, c) => {
        expect(unite(a, b)).toEqual(unite(b, a));
        expect(unite(unite(a, b), c)).toEqual(unite(a, unite(b, c)));
        expect(unite(a, a)).toBe(a);
        const united = unite(a, b);
        expect(unite(united, b)).toBe(united);
        expect(unite(united, structuredClone(a))).toBe(united);
        const stamps = new Set([...a, ...b].map(({ stamp }) => String(stamp)));
        expect(united.map(({ stamp }) => String(stamp))).toHaveLength(stamps.size);
        expect(united.every(({ stamp }, i) => i === 0 || compareStamps(united[i - 1]?.stamp ?? stamp, stamp) < 0)).toBe(
          true,
        );
      }),
    );
  });

  test('[RING-2] digests are equal exactly for equal histories', () => {
    fc.assert(
      fc.property(anyHistory, anyHistory, (a, b) => {
        expect(digestOf(a) === digestOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    const event: MembershipHistory = [{ stamp: [1, 'a'], kind: 'zone', node: 'a', zone: 'z' }];
    const shuffled: MembershipHistory = [{ zone: 'z', node: 'a', kind: 'zone', stamp: [1, 'a'] }];
    expect(digestOf(shuffled)).toBe(digestOf(event));
  });

  test('[RING-2] two events under one stamp, by a node that forgot the first, end as one everywhere', () => {
    const a: MembershipHistory = [leave([1, 'a'])];
    const b: MembershipHistory = [{ stamp: [1, 'a'], kind: 'join', node: 'a', weight: 1, zone: '' }];
    expect(digestOf(unite(a, b))).toBe(digestOf(unite(b, a)));
  });

  test('[RING-2] a checkpoint makes way for a later one, also where there is nothing else', () => {
    const folded = (lamport: number): Checkpoint => ({
      ...{ stamp: [lamport, 'a'], kind: 'checkpoint', digest: `${lamport}0`.repeat(8), folded: lamport },
      ...{ partitions: 8, n: 3, r: 2, w: 2, members: [], owners: [] },
    });
    for (const earlier of [[folded(11)], [leave([3, 'a'])]]) {
      expect(unite(earlier, [folded(15)])).toEqual([folded(15)]);
      expect(unite([folded(15)], earlier)).toEqual([folded(15)]);
    }
  });

  test('a new event is stamped after all that is known', () => {
    expect(nextStamp([], 'b', 1e6)).toEqual([1e6 + 1, 'b']);
    expect(nextStamp([leave([3, 'a']), leave([7, 'c'])], 'b', 1e6)).toEqual([8, 'b']);
    expect(compareStamps([2, 'a'], [10, 'a'])).toBeLessThan(0);
    expect(compareStamps([2, 'b'], [2, 'a'])).toBeGreaterThan(0);
    expect(compareStamps([2, 'b'], [2, 'b'])).toBe(0);
  });

  test('[RING-2] a founder whose clock is wrong by millennia leaves room for later stamps', () => {
    for (const time of [8.64e15, -8.64e15, Number.MAX_VALUE]) {
      const [lamport] = nextStamp([], 'b', time);
      expect(lamport).toBeGreaterThan(0);
      expect(lamport).toBeLessThan(limits.lamportMax - 1e12);
    }
  });

  test('[RING-2] there is room for as many events as peers take, the last of it for what makes a history shorter', () => {
    const length = (events: number, from = 1) => Array.from({ length: events }, (_, at) => leave([from + at, 'a']));
    const [join, gone] = [{ kind: 'join' }, { kind: 'remove' }] as const;
    const open = limits.historyEvents - limits.historyReserve;
    expect(hasRoomFor(length(open - 1), [join])).toBe(true);
    expect(hasRoomFor(length(open - 1), [join, join])).toBe(false);
    expect(hasRoomFor(length(open), [join])).toBe(false);
    expect(hasRoomFor(length(open), [gone])).toBe(true);
    expect(hasRoomFor(length(limits.historyEvents), [gone])).toBe(false);
    expect(hasRoomFor(length(1, limits.lamportMax - 1), [join])).toBe(true);
    expect(hasRoomFor(length(1, limits.lamportMax), [join])).toBe(false);
  });
});
