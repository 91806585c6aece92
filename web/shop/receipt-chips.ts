/**
 * Where the last write of a cart is, replica by replica. Invariant: a chip says "stored" only of a node
 * whose storage has acknowledged the write, or which was seen to hold what such a node holds.
 */
import type { NodeId, Receipt, ReplicaState } from '../../src/index.ts';
import type { Names } from '../animals.ts';
import { count } from '../words.ts';

export type ChipState = 'sending' | 'stored' | 'hinted' | 'failed' | 'unknown';

export interface Chip {
  readonly node: NodeId;
  readonly state: ChipState;
  readonly symbol: string;
  readonly text: string;
}

export interface Saved {
  readonly receipt: Receipt;
  /** The primaries of the key when it was written. */
  readonly primaries: readonly NodeId[];
  /** What the replicas held when they were asked later; undefined until they answered. */
  readonly replicas: readonly ReplicaState[] | undefined;
}

const symbols: Record<ChipState, string> = { sending: '○', stored: '●', hinted: '◐', failed: '✕', unknown: '?' };

export function chips(saved: Saved, names: Names): Chip[] {
  const stored = storedOn(saved);
  const others = [...stored].filter((node) => !saved.primaries.includes(node) && !holdsHint(saved, node));
  return [...saved.primaries, ...others].map((node) => chip(saved, node, stored, names));
}

function chip({ receipt, replicas }: Saved, node: NodeId, stored: ReadonlySet<NodeId>, names: Names): Chip {
  const { label } = names(node);
  const made = (state: ChipState, text: string): Chip => ({ node, state, symbol: symbols[state], text });
  if (stored.has(node)) return made('stored', `stored by ${label}`);
  const hint = receipt.hinted.find((hinted) => hinted.for === node);
  if (hint) return made('hinted', `hinted for ${label}, by ${names(hint.by).label}`);
  const seen = replicas?.find((replica) => replica.node === node);
  if (seen && !seen.reachable) return made('failed', `${label} not reached`);
  return replicas ? made('unknown', `${label} has not said`) : made('sending', `sending to ${label}`);
}

/** The nodes that are known to hold the write. */
export function storedOn({ receipt, primaries, replicas = [] }: Saved): Set<NodeId> {
  const stored = new Set(receipt.acks);
  const held = new Set(replicas.filter(({ node }) => receipt.acks.includes(node)).map(dots));
  for (const replica of replicas) {
    const agrees = replica.reachable && replica.versions.length > 0 && held.has(dots(replica));
    if (agrees && primaries.includes(replica.node)) stored.add(replica.node);
  }
  return stored;
}

export function everywhere(saved: Saved): boolean {
  const stored = storedOn(saved);
  return saved.primaries.every((node) => stored.has(node));
}

export function headline(saved: Saved): string {
  const stored = storedOn(saved);
  const on = saved.primaries.filter((node) => stored.has(node)).length;
  const sentence = `Saved on ${on} of ${saved.primaries.length}`;
  if (on === saved.primaries.length) return sentence;
  const { hinted, quorum } = saved.receipt;
  const held = hinted.filter((hint) => !stored.has(hint.for)).length;
  const more = held > 0 ? `, and kept for ${count(held, 'absent owner')}` : '';
  return quorum === 'under'
    ? `${sentence}${more}. Fewer than asked for; it spreads when links return`
    : `${sentence}${more}`;
}

const holdsHint = ({ receipt }: Saved, node: NodeId): boolean => receipt.hinted.some(({ by }) => by === node);

const dots = ({ versions }: ReplicaState): string =>
  versions
    .map(({ dot }) => dot)
    .toSorted()
    .join(' ');
