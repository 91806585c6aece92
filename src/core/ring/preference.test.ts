import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../ids.ts';
import { foldHistory, type Member, type Ring } from './fold.ts';
import type { RingEvent } from './history.ts';
import { preferenceOf, type WalkStep, walk } from './preference.ts';

/** A ring by hand: owners 'abac', zones by node ('' if not said). */
function ringOf(owners: string, zones: Readonly<Record<NodeId, string>> = {}, idle = ''): Ring {
  const nodes = [...new Set(owners + idle)].sort();
  const members = new Map(nodes.map((node): [NodeId, Member] => [node, { weight: 1, zone: zones[node] ?? '' }]));
  return {
    ...foldHistory([]),
    partitions: owners.length,
    owners: [...owners],
    members,
    zones: new Set([...owners].map((node) => zones[node] ?? '')).size,
  };
}
const show = (steps: readonly WalkStep[]) =>
  steps.map(({ node, role, reason }) => `${node} ${role}${reason ? `: ${reason}` : ''}`);

describe('the walk', () => {
  test('[RING-3] goes from the owner clockwise, around the end of the table', () => {
    expect(show(walk(ringOf('abcde'), 3))).toEqual(['d primary', 'e primary', 'a primary', 'b fallback', 'c fallback']);
  });

  test('[RING-3] skips a node that it has met, and says where, until the primaries are found', () => {
    expect(show(walk(ringOf('aabacbad'), 0))).toEqual([
      'a primary',
      'a skipped: same node as stop 1',
      'b primary',
      'a skipped: same node as stop 1',
      'c primary',
      'd fallback',
    ]);
  });

  test('[RING-3] tells a long run of one node as one stop', () => {
    expect(show(walk(ringOf('aaaaaaab'), 0))).toEqual(['a primary', 'a skipped: same node as stop 1', 'b primary']);
  });

  test('[RING-3] passes over a zone that has a primary while others remain; who was passed over is the next fallback', () => {
    const zones = { a: 'x', b: 'x', c: 'y', d: 'y', e: 'z', f: 'z' };
    expect(show(walk(ringOf('abcdef', zones), 0))).toEqual([
      'a primary',
      'b skipped: same zone as stop 1',
      'c primary',
      'd skipped: same zone as stop 3',
      'e primary',
      'b fallback',
      'd fallback',
      'f fallback',
    ]);
  });

  test('[RING-3] with fewer zones than N, those passed over fill up the primaries in walk order', () => {
    const zones = { a: 'x', b: 'x', c: 'x', d: 'y' };
    expect(show(walk(ringOf('abcd', zones), 0))).toEqual([
      'a primary',
      'b skipped: same zone as stop 1',
      'c skipped: same zone as stop 1',
      'd primary',
      'b primary',
      'c fallback',
    ]);
    expect(preferenceOf(ringOf('adbc', zones), 0).primaries).toEqual(['a', 'd', 'b']);
  });

  test('[RING-3] in one zone is a plain walk', () => {
    expect(preferenceOf(ringOf('abcd', { a: 'x', b: 'x', c: 'x', d: 'x' }), 1)).toEqual({
      primaries: ['b', 'c', 'd'],
      fallbacks: ['a'],
    });
  });

  test('[RING-3] awaits no zone for the sake of a member that owns nothing; it is the last fallback', () => {
    expect(preferenceOf(ringOf('abcd', { z: 'far' }, 'z'), 0)).toEqual({
      primaries: ['a', 'b', 'c'],
      fallbacks: ['d', 'z'],
    });
  });

  test('with fewer members than N, N is their number; with none the list is empty', () => {
    expect(preferenceOf(ringOf('abab'), 1)).toEqual({ primaries: ['b', 'a'], fallbacks: [] });
    expect(preferenceOf(ringOf('aaaa'), 1)).toEqual({ primaries: ['a'], fallbacks: [] });
    expect(walk(foldHistory([]), 0)).toEqual([]);
  });
});

describe('any ring', () => {
  const anyRing = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom('x', 'y', 'z')), { minLength: 1, maxLength: 12 })
    .map((nodes) => {
      const events = nodes.map(([weight, zone], i): RingEvent => {
        const node = `node${String(i).padStart(2, '0')}`;
        return { stamp: [i + 2, node], kind: 'join', node, weight, zone };
      });
      return foldHistory([{ stamp: [1, 'a'], kind: 'found', partitions: 64, n: 3, r: 2, w: 2 }, ...events]);
    });

  test('[RING-3] every member is exactly once a primary or a fallback, and N entries are distinct', () => {
    fc.assert(
      fc.property(anyRing, fc.nat({ max: 63 }), (ring, partition) => {
        const { primaries, fallbacks } = preferenceOf(ring, partition);
        expect([...primaries, ...fallbacks].sort()).toEqual([...ring.members.keys()]);
        expect(primaries).toHaveLength(Math.min(3, ring.members.size));
        expect(primaries[0]).toBe(ring.owners[partition]);
      }),
    );
  });

  test('[RING-3] the primaries are of as many zones as there are owners for', () => {
    fc.assert(
      fc.property(anyRing, fc.nat({ max: 63 }), (ring, partition) => {
        const { primaries } = preferenceOf(ring, partition);
        const zones = new Set(primaries.map((node) => ring.members.get(node)?.zone));
        expect(zones.size).toBeGreaterThanOrEqual(Math.min(primaries.length, ring.zones));
      }),
    );
  });
});
