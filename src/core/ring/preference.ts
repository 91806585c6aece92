/**
 * The preference list of a partition ([RING-3]): its owner, then the owners met walking clockwise, each
 * node once. The first N, the primaries, are of distinct zones as far as there are zones. The invariant:
 * every member is exactly once a primary or a fallback.
 */
import type { NodeId, Partition } from '../ids.ts';
import type { Ring } from './fold.ts';

export interface Step {
  readonly node: NodeId;
  readonly role: 'primary' | 'fallback' | 'skipped';
  /** Why it was skipped; stops are counted from 1 in the order of the steps. */
  readonly reason?: string;
}

export interface Preference {
  readonly primaries: readonly NodeId[];
  readonly fallbacks: readonly NodeId[];
}

export function preferenceOf(ring: Ring, partition: Partition): Preference {
  const steps = walk(ring, partition);
  const nodes = (role: Step['role']) => steps.filter((step) => step.role === role).map(({ node }) => node);
  return { primaries: nodes('primary'), fallbacks: nodes('fallback') };
}

/** The walk as it is made, with the stops (a run of one node is one stop) passed over until the primaries were found. */
export function walk(ring: Ring, partition: Partition): readonly Step[] {
  if (ring.members.size === 0) return [];
  const wanted = Math.min(ring.n, ring.members.size);
  const steps: Step[] = [];
  /** The first stop of each node, and of each zone that has a primary. */
  const stops = new Map<NodeId, number>();
  const zoneStops = new Map<string, number>();
  let passedOver: NodeId[] = [];
  let primaries = 0;

  const take = (node: NodeId) => {
    steps.push({ node, role: primaries < wanted ? 'primary' : 'fallback' });
    primaries++;
  };
  const meet = (node: NodeId) => {
    const zone = ring.members.get(node)?.zone ?? '';
    const zoneStop = zoneStops.get(zone);
    stops.set(node, steps.length + 1);
    if (primaries < wanted && zoneStop !== undefined && zoneStops.size < ring.zones) {
      steps.push({ node, role: 'skipped', reason: `same zone as stop ${zoneStop}` });
      passedOver.push(node);
      return;
    }
    if (zoneStop === undefined) zoneStops.set(zone, steps.length + 1);
    take(node);
    if (primaries >= wanted || zoneStops.size >= ring.zones) {
      passedOver.forEach(take);
      passedOver = [];
    }
  };

  for (let i = 0; i < ring.partitions && stops.size < ring.members.size; i++) {
    const node = ring.owners[(partition + i) % ring.partitions] ?? '';
    const stop = stops.get(node);
    const last = steps.at(-1);
    if (stop === undefined) meet(node);
    else if (primaries < wanted && !(last?.role === 'skipped' && last.node === node)) {
      steps.push({ node, role: 'skipped', reason: `same node as stop ${stop}` });
    }
  }
  // A member whose weight is too small for a partition of its own is the last resort.
  for (const node of ring.members.keys()) if (!stops.has(node)) meet(node);
  return steps;
}
