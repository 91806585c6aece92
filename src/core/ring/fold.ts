/**
 * The ring as a pure fold of the history, in stamp order ([RING-2]). The invariant: equal histories give
 * byte-identical rings, whatever the order in which the events came.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { NodeId } from '../ids.ts';
import { Claim } from './claim.ts';
import type { History, RingEvent } from './history.ts';

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

export function foldHistory(history: History): Ring {
  const found = history.find(({ kind }) => kind === 'found');
  const { partitions, n, r, w } = found?.kind === 'found' ? found : unfounded;
  const claim = new Claim(partitions, n);
  const members = new Map<NodeId, Member>();
  const known = new Set<NodeId>();
  for (const event of history) {
    if (event.kind === 'join') known.add(event.node);
    apply(event, members, claim);
  }
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
  const owners = claim.owners();
  const table = [owners, sorted.map(([node, { weight, zone }]) => [node, weight, zone]), n, r, w];
  return {
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
