/**
 * The ring as a pure fold of the history, in stamp order ([RING-2]). The invariant: equal histories give
 * byte-identical rings, whatever the order in which the events came.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { NodeId } from '../ids.ts';
import { Claim } from './claim.ts';
import { type History, type RingEvent, sameEvent } from './history.ts';

export interface Member {
  readonly weight: number;
  readonly zone: string;
}

export interface Ring {
  readonly partitions: number;
  readonly n: number;
  readonly r: number;
  readonly w: number;
  /** The owner of each partition, '' while there is no member. */
  readonly owners: readonly NodeId[];
  /** In order of node id. */
  readonly members: ReadonlyMap<NodeId, Member>;
  /** How many zones there are among the owners. */
  readonly zones: number;
  /** Whoever joined at any time. */
  readonly known: ReadonlySet<NodeId>;
  /** Whoever left or was removed, and has not joined again. */
  readonly left: ReadonlySet<NodeId>;
  /** Equal hashes: equal tables, members and n, r, w. */
  readonly hash: string;
}

/** What holds as long as nobody has founded the ring. */
const unfounded = { partitions: 256, n: 3, r: 2, w: 2 };

/** What a fold has come to: later events are applied to a copy of it. */
interface Fold {
  readonly history: History;
  readonly claim: Claim;
  readonly members: ReadonlyMap<NodeId, Member>;
  readonly ring: Ring;
}

/**
 * The latest folds, for what most often comes next: the same history at another node of this process, or
 * one with a few more events. A memo of a pure function: it changes no result.
 */
const latest: Fold[] = [];
const LATEST = 16;

/** A fold of the whole history is quadratic in the number of partitions; one more event is linear. */
export function foldHistory(history: History): Ring {
  const known = longestPrefix(history);
  const fold = known?.history.length === history.length ? known : goOn(known, history);
  if (known === fold) latest.splice(latest.indexOf(fold), 1);
  latest.unshift(fold);
  latest.length = Math.min(latest.length, LATEST);
  return fold.ring;
}

function longestPrefix(history: History): Fold | undefined {
  let longest: Fold | undefined;
  for (const fold of latest) {
    if (longest === undefined || fold.history.length > longest.history.length) {
      if (startsWith(history, fold.history)) longest = fold;
    }
  }
  return longest;
}

/** Looks at the last event first, where histories differ. */
function startsWith(history: History, prefix: History): boolean {
  if (prefix.length > history.length) return false;
  for (let at = prefix.length - 1; at >= 0; at--) {
    const [a, b] = [history[at], prefix[at]];
    if (a === undefined || b === undefined || !sameEvent(a, b)) return false;
  }
  return true;
}

function goOn(from: Fold | undefined, history: History): Fold {
  const found = history.find(({ kind }) => kind === 'found');
  const { partitions, n, r, w } = found?.kind === 'found' ? found : unfounded;
  // A prefix without the founding has another table.
  const base = from?.history.some(({ kind }) => kind === 'found') ? from : undefined;
  const claim = base ? base.claim.copy() : new Claim(partitions, n);
  const members = new Map(base?.members);
  const known = new Set(base?.ring.known);
  for (const event of history.slice(base?.history.length ?? 0)) {
    if (event.kind === 'join') known.add(event.node);
    apply(event, members, claim);
  }
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  const owners = claim.owners();
  const table = [owners, sorted.map(([node, { weight, zone }]) => [node, weight, zone]), n, r, w];
  const ring = {
    partitions,
    n,
    r,
    w,
    owners,
    members: new Map(sorted),
    zones: new Set(owners.map((owner) => members.get(owner)?.zone)).size,
    known,
    left: new Set([...known].filter((node) => !members.has(node))),
    hash: bytesToHex(md5(utf8ToBytes(JSON.stringify(table)))),
  };
  return { history, claim, members, ring };
}

function apply(event: RingEvent, members: Map<NodeId, Member>, claim: Claim): void {
  if (event.kind === 'found') return;
  const member = members.get(event.node);
  switch (event.kind) {
    case 'join':
      members.set(event.node, { weight: event.weight, zone: event.zone });
      if (member?.weight !== event.weight) claim.weigh(event.node, event.weight);
      return;
    case 'leave':
    case 'remove':
      if (members.delete(event.node)) claim.drop(event.node);
      return;
    case 'weight':
      if (member === undefined || member.weight === event.weight) return;
      members.set(event.node, { ...member, weight: event.weight });
      claim.weigh(event.node, event.weight);
      return;
    case 'zone':
      if (member) members.set(event.node, { ...member, zone: event.zone });
      return;
    default:
      event satisfies never;
  }
}
