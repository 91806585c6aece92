/**
 * The ring as a pure fold of the history, in stamp order ([RING-2]). The invariant: equal histories give
 * byte-identical rings, whatever the order in which the events came.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { NodeId } from '../ids.ts';
import { Claim } from './claim.ts';
import {
  type Checkpoint,
  type ConfigEvent,
  checkpointOf,
  digestOf,
  lengthOf,
  type MembershipHistory,
  type RingEvent,
  timesOf,
} from './history.ts';

export interface Member {
  readonly weight: number;
  readonly zone: string;
}

export interface Ring {
  readonly partitions: number;
  readonly n: number;
  readonly r: number;
  readonly w: number;
  /** The change of configuration that holds; undefined while it is as it was founded ([CFG-1]). */
  readonly config: ConfigEvent | undefined;
  /** The owner of each partition, '' while there is no member. */
  readonly owners: readonly NodeId[];
  /** In order of node id. */
  readonly members: ReadonlyMap<NodeId, Member>;
  /** How many zones there are among the owners. */
  readonly zones: number;
  /** Who was heard of by nobody for a while ([MEM-6]): it owns nothing, and joins again when it is back. */
  readonly out: ReadonlySet<NodeId>;
  /** Who joined at any time. */
  readonly known: ReadonlySet<NodeId>;
  /** Who left or was removed, and has not joined again. */
  readonly left: ReadonlySet<NodeId>;
  /** Equal hashes: equal tables, members and n, r, w. */
  readonly hash: string;
}

/** What holds as long as nobody has founded the ring. */
const unfounded = { partitions: 256, n: 3, r: 2, w: 2 };

/** What a fold has come to: later events are applied to a copy of it. */
interface Fold {
  readonly history: MembershipHistory;
  readonly founding: Founding;
  readonly claim: Claim;
  /** In the order in which they came. */
  readonly members: ReadonlyMap<NodeId, Member>;
  readonly out: ReadonlySet<NodeId>;
  readonly ring: Ring;
  /** The history as one event, once somebody has asked for it. */
  checkpoint?: MembershipHistory;
}

type Founding = Pick<Checkpoint, 'partitions' | 'n' | 'r' | 'w'>;

/**
 * The latest folds, for what most often comes next: the same history at another node of this process, or
 * one with a few more events. A memo of a pure function: it changes no result.
 */
const latest: Fold[] = [];
const LATEST = 16;

export function foldHistory(history: MembershipHistory): Ring {
  return fold(history).ring;
}

/** The whole history as one event. Others may have folded less of it: what they fold comes to the same. */
export function checkpoint(history: MembershipHistory): MembershipHistory {
  const folded = fold(history);
  folded.checkpoint ??= checkpointAfter(folded);
  return folded.checkpoint;
}

function checkpointAfter({ history, founding, claim, members, out, ring }: Fold): MembershipHistory {
  const last = history.at(-1);
  if (last === undefined || last.kind === 'checkpoint') return history;
  const { partitions, n, r, w } = founding;
  const places = new Map([...members.keys()].map((node, place) => [node, place]));
  const folded: Checkpoint = {
    stamp: last.stamp,
    kind: 'checkpoint',
    digest: digestOf(history),
    folded: lengthOf(history),
    partitions,
    n,
    r,
    w,
    ...(ring.config ? { config: ring.config } : {}),
    members: [...members].map(([node, { weight, zone }]) => ({ node, weight, zone })),
    owners: claim.owners().map((owner) => places.get(owner) ?? -1),
    ...(out.size > 0 ? { out: [...out] } : {}),
  };
  return [folded];
}

/** A fold of the whole history is quadratic in the number of partitions; one more event is linear. */
function fold(history: MembershipHistory): Fold {
  const known = longestPrefix(history);
  const folded = known?.history.length === history.length ? known : goOn(known, history);
  if (known === folded) latest.splice(latest.indexOf(folded), 1);
  latest.unshift(folded);
  latest.length = Math.min(latest.length, LATEST);
  return folded;
}

function longestPrefix(history: MembershipHistory): Fold | undefined {
  let longest: Fold | undefined;
  for (const fold of latest) {
    if (longest === undefined || fold.history.length > longest.history.length) {
      if (startsWith(history, fold.history)) longest = fold;
    }
  }
  return longest;
}

/** The very same events: equal ones that came another way are folded again, so that no fold hides behind another. */
function startsWith(history: MembershipHistory, prefix: MembershipHistory): boolean {
  if (prefix.length > history.length) return false;
  for (let at = prefix.length - 1; at >= 0; at--) {
    if (history[at] !== prefix[at]) return false;
  }
  return true;
}

function goOn(prefix: Fold | undefined, history: MembershipHistory): Fold {
  // A prefix without the founding has another table.
  const base = prefix?.history.some(({ kind }) => kind === 'found' || kind === 'checkpoint') ? prefix : begin(history);
  const { founding } = base;
  const claim = base.claim.copy();
  const members = new Map(base.members);
  const out = new Set(base.out);
  const known = new Set(base.ring.known);
  let { config } = base.ring;
  for (const event of history.slice(base.history.length)) {
    if (event.kind === 'join') known.add(event.node);
    if (event.kind === 'config') config = event;
    else apply(event, { members, out, claim });
  }
  return { history, founding, claim, members, out, ring: ringOf({ founding, config, claim, members, out, known }) };
}

/** Where a fold begins that has no prefix to go on from: at the checkpoint, or before the first event. */
function begin(history: MembershipHistory): Fold {
  const first = checkpointOf(history);
  const found = history.find((event) => event.kind === 'found');
  const founding = first ?? (found?.kind === 'found' ? found : unfounded);
  const claim = first
    ? Claim.restore(first.n, first.members, first.owners)
    : new Claim(founding.partitions, founding.n);
  const members = new Map((first?.members ?? []).map(({ node, weight, zone }) => [node, { weight, zone }]));
  const out = new Set(first?.out);
  const known = new Set([...members.keys(), ...out]);
  const ring = ringOf({ founding, config: first?.config, claim, members, out, known });
  return { history: first ? [first] : [], founding, claim, members, out, ring };
}

function ringOf(state: Pick<Fold, 'founding' | 'claim' | 'members' | 'out'> & Pick<Ring, 'config' | 'known'>): Ring {
  const { founding, config, claim, members, out, known } = state;
  const { n, r, w } = config ?? founding;
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  const owners = claim.owners();
  const table = [
    owners,
    sorted.map(([node, { weight, zone }]) => [node, weight, zone]),
    n,
    r,
    w,
    config ? timesOf(config) : '',
    ...(out.size > 0 ? [[...out].sort()] : []),
  ];
  return {
    partitions: founding.partitions,
    n,
    r,
    w,
    config,
    owners,
    members: new Map(sorted),
    zones: new Set(owners.map((owner) => members.get(owner)?.zone)).size,
    out,
    known,
    left: new Set([...known].filter((node) => !members.has(node) && !out.has(node))),
    hash: bytesToHex(md5(utf8ToBytes(JSON.stringify(table)))),
  };
}

/** What the fold is at, as it goes on. */
interface State {
  readonly members: Map<NodeId, Member>;
  readonly out: Set<NodeId>;
  readonly claim: Claim;
}

function apply(event: Exclude<RingEvent, ConfigEvent>, { members, out, claim }: State): void {
  if (event.kind === 'found' || event.kind === 'checkpoint') return;
  const member = members.get(event.node);
  switch (event.kind) {
    case 'join':
      members.set(event.node, { weight: event.weight, zone: event.zone });
      out.delete(event.node);
      if (member?.weight !== event.weight) claim.weigh(event.node, event.weight);
      return;
    case 'leave':
    case 'remove':
      out.delete(event.node);
      if (members.delete(event.node)) claim.drop(event.node);
      return;
    case 'out':
      if (!members.delete(event.node)) return;
      claim.drop(event.node);
      out.add(event.node);
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
