/**
 * Where the last write of a cart is, replica by replica. Invariants: a chip says "stored" only of a node
 * whose storage has acknowledged the write, or which was seen to hold what such a node holds; and "not reached" only if
 * nobody is known to keep the write for that owner.
 */
import type { NodeId, Receipt, ReplicaState } from '../../src/index.ts';
import type { Names } from '../animals.ts';
import { listed } from '../words.ts';

export type ChipState = 'sending' | 'stored' | 'kept' | 'failed' | 'unknown';

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

const symbols: Record<ChipState, string> = { sending: '○', stored: '●', kept: '◐', failed: '✕', unknown: '?' };

export function chips(saved: Saved, names: Names): Chip[] {
  const [stored, keepers] = [storedOn(saved), keepersOf(saved)];
  const shown = new Set([...saved.primaries, ...keepers.values()]);
  const others = [...stored].filter((node) => !shown.has(node));
  return [...saved.primaries, ...others].map((node) => chip(saved, node, stored, keepers, names));
}

function chip(
  { replicas }: Saved,
  node: NodeId,
  stored: ReadonlySet<NodeId>,
  keepers: ReadonlyMap<NodeId, NodeId>,
  names: Names,
): Chip {
  const { label } = names(node);
  const made = (state: ChipState, text: string): Chip => ({ node, state, symbol: symbols[state], text });
  if (stored.has(node)) return made('stored', `stored by ${label}`);
  const keeper = keepers.get(node);
  if (keeper !== undefined) return made('kept', `kept by ${names(keeper).label} for ${label}`);
  const seen = replicas?.find((replica) => replica.node === node);
  if (seen && !seen.reachable) return made('failed', `${label} not reached`);
  return replicas ? made('unknown', `${label} has not said`) : made('sending', `sending to ${label}`);
}

/** The nodes that are known to hold the write, owners or not. */
export function storedOn(saved: Saved): Set<NodeId> {
  const { receipt, replicas = [] } = saved;
  const held = new Set(replicas.filter(({ node }) => receipt.acks.includes(node)).map(dots));
  const equal = replicas.filter(({ reachable, versions }) => reachable && versions.length > 0);
  return new Set([...receipt.acks, ...equal.filter((replica) => held.has(dots(replica))).map(({ node }) => node)]);
}

/**
 * By owner that lacks the write, who keeps it for that owner: as the receipt says, and of those that it does not name,
 * because they had not answered yet, the stand-ins that were seen to hold it, in the order of the walk.
 */
export function keepersOf(saved: Saved): Map<NodeId, NodeId> {
  const { primaries, receipt } = saved;
  const stored = storedOn(saved);
  const lacking = primaries.filter((node) => !stored.has(node));
  const hinted = receipt.hinted.filter((hint) => lacking.includes(hint.for));
  const keepers = new Map(hinted.map((hint) => [hint.for, hint.by]));
  const named = new Set(keepers.values());
  const free = [...stored].filter((node) => !primaries.includes(node) && !named.has(node));
  for (const node of lacking) {
    const keeper = keepers.has(node) ? undefined : free.shift();
    if (keeper !== undefined) keepers.set(node, keeper);
  }
  return keepers;
}

export function everywhere(saved: Saved): boolean {
  const stored = storedOn(saved);
  return saved.primaries.every((node) => stored.has(node));
}

/** "Saved on 2 of 3, 1 kept by Fox 31" */
export function headline(saved: Saved, names: Names): string {
  const stored = storedOn(saved);
  const on = saved.primaries.filter((node) => stored.has(node)).length;
  const sentence = `Saved on ${on} of ${saved.primaries.length}`;
  if (on === saved.primaries.length) return sentence;
  const keepers = keepersOf(saved);
  const by = listed([...new Set(keepers.values())].map((node) => names(node).name));
  const more = keepers.size > 0 ? `, ${keepers.size} kept by ${by}` : '';
  return saved.receipt.quorum === 'under'
    ? `${sentence}${more}. Fewer than asked for; it spreads when links return`
    : `${sentence}${more}`;
}

const dots = ({ versions }: ReplicaState): string =>
  versions
    .map(({ dot }) => dot)
    .toSorted()
    .join(' ');
