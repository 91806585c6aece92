/**
 * The membership history ([RING-2]): events stamped (lamport, node), kept sorted by stamp. It only
 * grows, so that merging two histories is a union.
 *
 * What all members have may be folded into a checkpoint, which then is the first event: all before it is
 * in it, and what else turns up with an earlier stamp has come too late. Who said it finds that it is no
 * member, and says it again. Of two checkpoints the later one counts.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type RingTimes, ringTimeNames } from '../config.ts';
import type { NodeId } from '../ids.ts';
import { limits } from '../limits.ts';

/** lamport first, then the node that said it: a total order, and no two events share a stamp. */
export type Stamp = readonly [lamport: number, by: NodeId];

export type RingEvent =
  /** Sets the ring up. With several (rings founded apart), the first in stamp order counts. */
  | {
      readonly stamp: Stamp;
      readonly kind: 'found';
      readonly partitions: number;
      readonly n: number;
      readonly r: number;
      readonly w: number;
    }
  | {
      readonly stamp: Stamp;
      readonly kind: 'join';
      readonly node: NodeId;
      readonly weight: number;
      readonly zone: string;
    }
  | { readonly stamp: Stamp; readonly kind: 'leave'; readonly node: NodeId }
  /** Said by another member, of a node that is gone for good. */
  | { readonly stamp: Stamp; readonly kind: 'remove'; readonly node: NodeId }
  /** Said by another member, of one that nobody has heard of for a while: it owns nothing until it joins again. */
  | { readonly stamp: Stamp; readonly kind: 'out'; readonly node: NodeId }
  | { readonly stamp: Stamp; readonly kind: 'weight'; readonly node: NodeId; readonly weight: number }
  | { readonly stamp: Stamp; readonly kind: 'zone'; readonly node: NodeId; readonly zone: string }
  | ConfigEvent
  | Checkpoint;

/** What holds for all members from here on: the last one counts ([CFG-1]). */
export interface ConfigEvent {
  readonly stamp: Stamp;
  readonly kind: 'config';
  readonly n: number;
  readonly r: number;
  readonly w: number;
  readonly times: RingTimes;
}

/** A prefix of the history, folded; its stamp is that of the last event of it. */
export interface Checkpoint {
  readonly stamp: Stamp;
  readonly kind: 'checkpoint';
  /** Digest of the prefix, and how many events it had. */
  readonly digest: string;
  readonly folded: number;
  /** As the founder set them: the claim goes by this n for ever. */
  readonly partitions: number;
  readonly n: number;
  readonly r: number;
  readonly w: number;
  /** The last change of them. */
  readonly config?: ConfigEvent;
  /** In the order in which they came. */
  readonly members: readonly { readonly node: NodeId; readonly weight: number; readonly zone: string }[];
  /** Those that are out. */
  readonly out?: readonly NodeId[];
  /** For each partition the place of its owner in `members`. */
  readonly owners: readonly number[];
}

export type MembershipHistory = readonly RingEvent[];

export function compareStamps(a: Stamp, b: Stamp): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

/**
 * The stamp of the next event that this node says: after all that it knows. A ring's first stamp is its
 * wall time in ms, so that a node which founded one apart, late, comes late in the order of the other
 * ring's events too, and moves no more there than any other that joins. No more than that hangs on it.
 */
export function nextStamp(history: MembershipHistory, by: NodeId, time: number): Stamp {
  // A clock that is wrong by millennia leaves room for later events all the same.
  const first = Math.min(Math.max(0, Math.trunc(time)), limits.lamportMax / 2);
  return [(history.at(-1)?.stamp[0] ?? first) + 1, by];
}

/**
 * Whether every peer takes the history with these events added to it. The last of the room is for those by
 * which it becomes shorter: a history is folded when all members are there.
 */
export function hasRoomFor(history: MembershipHistory, events: readonly Pick<RingEvent, 'kind'>[]): boolean {
  const shortens = events.every(({ kind }) => kind === 'leave' || kind === 'remove' || kind === 'out');
  const most = limits.historyEvents - (shortens ? 0 : limits.historyReserve);
  const lamport = history.at(-1)?.stamp[0] ?? 0;
  return history.length + events.length <= most && lamport + events.length <= limits.lamportMax;
}

/** All events of both; `a` itself if it has all of `b`. */
export function unite(a: MembershipHistory, b: MembershipHistory): MembershipHistory {
  const from = later(checkpointOf(a), checkpointOf(b));
  return union(after(a, from), after(b, from));
}

export function checkpointOf(history: MembershipHistory): Checkpoint | undefined {
  const [first] = history;
  return first?.kind === 'checkpoint' ? first : undefined;
}

function later(a: Checkpoint | undefined, b: Checkpoint | undefined): Checkpoint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compareStamps(a.stamp, b.stamp);
  return order > 0 || (order === 0 && textOf(a) <= textOf(b)) ? a : b;
}

/** The history as it is from this checkpoint on. */
function after(history: MembershipHistory, from: Checkpoint | undefined): MembershipHistory {
  if (from === undefined || history[0] === from) return history;
  return [from, ...history.filter(({ kind, stamp }) => kind !== 'checkpoint' && compareStamps(stamp, from.stamp) > 0)];
}

function union(a: MembershipHistory, b: MembershipHistory): MembershipHistory {
  const united: RingEvent[] = [];
  let news = false;
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (right === undefined) return news ? united.concat(a.slice(i)) : a;
    const order = left ? compareStamps(left.stamp, right.stamp) : 1;
    const next = order < 0 && left ? left : order === 0 && left ? oneOf(left, right) : right;
    united.push(next);
    if (next !== left) news = true;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** Equal digests: equal histories, however much of them is folded. */
export function digestOf(history: MembershipHistory): string {
  const sum = new Uint8Array(16);
  for (const event of history)
    hashOf(event).forEach((byte, at) => {
      sum[at] = (sum[at] ?? 0) ^ byte;
    });
  return bytesToHex(sum);
}

/** How many events there are, with those that are folded. */
export function lengthOf(history: MembershipHistory): number {
  return history.length + (checkpointOf(history)?.folded ?? 1) - 1;
}

const hashes = new WeakMap<RingEvent, Uint8Array>();

function hashOf(event: RingEvent): Uint8Array {
  const known = hashes.get(event);
  if (known) return known;
  const hash = event.kind === 'checkpoint' ? hexToBytes(event.digest) : md5(utf8ToBytes(textOf(event)));
  hashes.set(event, hash);
  return hash;
}

/**
 * A node that lost its history may say something else under a stamp it used before. Then all must
 * choose alike, or their histories would never become equal.
 */
function oneOf(a: RingEvent, b: RingEvent): RingEvent {
  return a === b || textOf(a) <= textOf(b) ? a : b;
}

function textOf(event: RingEvent): string {
  const { stamp, kind } = event;
  switch (kind) {
    case 'found':
      return JSON.stringify([...stamp, kind, event.partitions, event.n, event.r, event.w]);
    case 'join':
      return JSON.stringify([...stamp, kind, event.node, event.weight, event.zone]);
    case 'leave':
    case 'remove':
    case 'out':
      return JSON.stringify([...stamp, kind, event.node]);
    case 'weight':
      return JSON.stringify([...stamp, kind, event.node, event.weight]);
    case 'zone':
      return JSON.stringify([...stamp, kind, event.node, event.zone]);
    case 'config':
      return configText(event);
    case 'checkpoint': {
      const members = event.members.map(({ node, weight, zone }) => [node, weight, zone]);
      const { digest, folded, partitions, n, r, w, owners, out = [] } = event;
      const config = event.config ? configText(event.config) : '';
      return JSON.stringify([
        ...stamp,
        kind,
        digest,
        folded,
        partitions,
        n,
        r,
        w,
        config,
        members,
        owners,
        ...(out.length > 0 ? [out] : []),
      ]);
    }
    default:
      return event satisfies never;
  }
}

function configText(event: ConfigEvent): string {
  const { stamp, kind, n, r, w } = event;
  return JSON.stringify([...stamp, kind, n, r, w, ...timesOf(event)]);
}

/** In one order: an object that came from a peer or from disk may have its parts in another. */
export function timesOf({ times }: ConfigEvent): readonly number[] {
  const all = ringTimeNames.map((name) => times[name]);
  // Where those that earlier builds do not have are all 0 the digest is theirs.
  return all.slice(6).some((ms) => ms > 0) ? all : all.slice(0, 6);
}
