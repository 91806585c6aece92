/**
 * The preference list of a partition ([RING-3]): its owner, then the owners met walking clockwise, each
 * node once. The first N, the primaries, are of distinct zones as far as there are zones. The invariant:
 * every member is exactly once a primary or a fallback.
 */
import type { NodeId, Partition } from '../ids.ts';
import type { Ring } from './fold.ts';

export interface WalkStep {
  readonly node: NodeId;
  readonly role: 'primary' | 'fallback' | 'skipped';
  /** Why it was skipped; stops are counted from 1 in the order of the steps. */
  readonly reason?: string;
}

export interface Preference {
  readonly primaries: readonly NodeId[];
  readonly fallbacks: readonly NodeId[];
}

/** What is known of a ring's lists, for all nodes of this process: a memo of pure functions. */
interface Lists {
  readonly preferences: (Preference | undefined)[];
  /** The partitions of which each node is a primary, in order. */
  partitions: ReadonlyMap<NodeId, readonly Partition[]> | undefined;
  moves: { readonly before: Ring; readonly lost: Moves } | undefined;
}

/** For each node the partitions of which it is a primary no more. */
export type Moves = ReadonlyMap<NodeId, readonly Partition[]>;

const memo = new WeakMap<Ring, Lists>();

function listsOf(ring: Ring): Lists {
  const known = memo.get(ring);
  if (known) return known;
  const lists: Lists = { preferences: [], partitions: undefined, moves: undefined };
  memo.set(ring, lists);
  return lists;
}

/** The fallbacks are all other members, and seldom asked for: they are looked for only then. */
export function preferenceOf(ring: Ring, partition: Partition): Preference {
  const { preferences } = listsOf(ring);
  const known = preferences[partition];
  if (known) return known;
  let fallbacks: readonly NodeId[] | undefined;
  const preference = {
    primaries: nodes(walk(ring, partition, true), 'primary'),
    get fallbacks() {
      fallbacks ??= nodes(walk(ring, partition), 'fallback');
      return fallbacks;
    },
  };
  preferences[partition] = preference;
  return preference;
}

const nodes = (steps: readonly WalkStep[], role: WalkStep['role']): readonly NodeId[] =>
  steps.filter((step) => step.role === role).map(({ node }) => node);

/** The partitions of which a node is a primary. */
export function partitionsOf(ring: Ring, node: NodeId): readonly Partition[] {
  const lists = listsOf(ring);
  lists.partitions ??= byPrimary(ring);
  return lists.partitions.get(node) ?? [];
}

function byPrimary(ring: Ring): ReadonlyMap<NodeId, readonly Partition[]> {
  const partitions = new Map<NodeId, Partition[]>();
  for (let partition = 0; partition < ring.partitions; partition++) {
    for (const node of preferenceOf(ring, partition).primaries) {
      const its = partitions.get(node);
      if (its) its.push(partition);
      else partitions.set(node, [partition]);
    }
  }
  return partitions;
}

/** Who was a primary of what before, and is none any more; nobody if the circle is divided again. */
export function movesBetween(before: Ring, after: Ring): Moves {
  const lists = listsOf(after);
  if (lists.moves?.before === before) return lists.moves.lost;
  const lost = new Map<NodeId, Partition[]>();
  for (let partition = 0; before.partitions === after.partitions && partition < after.partitions; partition++) {
    const { primaries } = preferenceOf(after, partition);
    for (const node of preferenceOf(before, partition).primaries) {
      if (!primaries.includes(node)) lost.set(node, [...(lost.get(node) ?? []), partition]);
    }
  }
  lists.moves = { before, lost };
  return lost;
}

/**
 * The walk as it is made, with the stops (a run of one node is one stop) passed over until the primaries
 * were found; to the end, or as far as the primaries go.
 */
export function walk(ring: Ring, partition: Partition, primariesOnly = false): readonly WalkStep[] {
  if (ring.members.size === 0) return [];
  const wanted = Math.min(ring.n, ring.members.size);
  const steps: WalkStep[] = [];
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

  const isDone = () => stops.size >= ring.members.size || (primariesOnly && primaries >= wanted);
  for (let i = 0; i < ring.partitions && !isDone(); i++) {
    const node = ring.owners[(partition + i) % ring.partitions] ?? '';
    const stop = stops.get(node);
    const last = steps.at(-1);
    if (stop === undefined) meet(node);
    else if (primaries < wanted && !(last?.role === 'skipped' && last.node === node)) {
      steps.push({ node, role: 'skipped', reason: `same node as stop ${stop}` });
    }
  }
  // A member whose weight is too small for a partition of its own is the last resort.
  for (const node of ring.members.keys()) if (!isDone() && !stops.has(node)) meet(node);
  return steps;
}
