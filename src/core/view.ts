/** What a node shows of itself to those who look on: plain data, made at each call, changing nothing. */
import type { Alarms } from './alarms.ts';
import type { RingTimes } from './config.ts';
import type { Environment } from './environment.ts';
import type { Actor, NodeId, Partition } from './ids.ts';
import type { Detector } from './membership/detector.ts';
import type { Membership } from './membership/membership.ts';
import type { Residence } from './membership/residence.ts';
import type { Comparisons } from './repair/comparisons.ts';
import type { HandOff } from './repair/hand-off.ts';
import type { Sync } from './repair/sync.ts';
import type { Replica } from './replica/replica.ts';
import { positionOf } from './ring/position.ts';
import { type WalkStep, walk } from './ring/preference.ts';

export type MemberStatus = 'up' | 'suspect' | 'unreachable' | 'hidden' | 'out' | 'left';

/** What this node knows, as plain data; the store adds links, signaling and latencies. */
export interface CoreView {
  readonly self: {
    readonly id: NodeId;
    readonly actor: Actor;
    readonly zone: string;
    readonly weight: number;
    /** Whether it owns nothing, and is to be a member later, or never ([MEM-7]). */
    readonly visits: boolean;
  };
  /** The linked nodes that are no members: they own nothing. */
  readonly visitors: readonly NodeId[];
  readonly members: readonly {
    readonly id: NodeId;
    readonly status: MemberStatus;
    readonly zone: string;
    readonly weight: number;
    /** When it was last heard, undefined if never. */
    readonly heardAt: number | undefined;
    readonly rttMs: number | undefined;
  }[];
  readonly ring: {
    readonly partitions: number;
    readonly hash: string;
    readonly history: number;
    /** The owner of each partition, '' for none. */
    readonly owners: readonly NodeId[];
    readonly n: number;
    readonly r: number;
    readonly w: number;
    /** The lamport of the last change of configuration, 0 if there was none ([CFG-1]). */
    readonly version: number;
    readonly times: RingTimes;
  };
  readonly hints: { readonly held: number; readonly bytes: number };
  readonly repair: { readonly rounds: number; readonly sent: number };
  readonly keys: number;
  /** Partitions of which this node holds data without being a primary. */
  readonly extras: readonly Partition[];
  readonly alarms: readonly { readonly code: string; readonly message: string; readonly since: number }[];
}

/** A plain copy of a key is an `extra` where its partition belongs to others. */
export type HeldRole = 'primary' | 'hint' | 'extra';

export interface Held {
  readonly key: string;
  readonly role: HeldRole;
}

export interface Explanation {
  /** 32 hex digits. */
  readonly position: string;
  readonly partition: Partition;
  readonly walk: readonly WalkStep[];
}

/** The parts that are looked at. */
interface Viewed {
  readonly env: Environment;
  readonly membership: Membership;
  readonly residence: Residence;
  readonly detector: Detector;
  readonly replica: Replica;
  readonly handOff: HandOff;
  readonly sync: Sync;
  readonly comparisons: Comparisons;
  readonly alarms: Alarms;
}

export function viewOf(viewed: Viewed, hidden: boolean): CoreView {
  const { env, membership, residence, replica, handOff, sync, comparisons, alarms } = viewed;
  const { ring, self, options, times } = env;
  const { zone, weight } = ring.members.get(self) ?? options;
  return {
    self: { id: self, actor: replica.actor, zone, weight, visits: residence.isVisiting },
    members: [...ring.known].map((id) => memberOf(viewed, id, hidden)),
    visitors: viewed.detector.linked().filter((node) => !ring.members.has(node)),
    ring: { ...ring, history: membership.length, version: ring.config?.stamp[0] ?? 0, times },
    hints: { held: replica.hints.size, bytes: replica.hints.bytes },
    repair: { rounds: sync.rounds, sent: sync.sent + comparisons.sent },
    keys: replica.size,
    extras: handOff.extras(),
    alarms: alarms.raised,
  };
}

function memberOf(viewed: Viewed, id: NodeId, selfHidden: boolean): CoreView['members'][number] {
  const { env, membership, detector } = viewed;
  const { ring, self, now } = env;
  const mine = id === self;
  const verdict = mine ? 'up' : detector.verdict(id);
  const hidden = mine ? selfHidden : membership.isHidden(id);
  const status = ring.left.has(id)
    ? 'left'
    : ring.out.has(id)
      ? 'out'
      : verdict === 'up' && hidden
        ? 'hidden'
        : verdict;
  const { zone = '', weight = 0 } = ring.members.get(id) ?? {};
  const heardAt = mine ? now : detector.heardAt(id);
  return { id, status, zone, weight, heardAt, rttMs: mine ? 0 : detector.roundTrip(id) };
}

export function explanationOf({ env, replica }: Pick<Viewed, 'env' | 'replica'>, key: string): Explanation {
  const { partition } = replica.place(key);
  return { position: positionOf(key), partition, walk: walk(env.ring, partition) };
}

export function* heldBy({ env, replica }: Pick<Viewed, 'env' | 'replica'>): Generator<Held> {
  for (const [key, { entry, partition }] of replica.keys()) {
    if (entry.versions.length === 0) continue;
    yield { key, role: entry.hintFor.length > 0 ? 'hint' : env.owns(partition) ? 'primary' : 'extra' };
  }
}
