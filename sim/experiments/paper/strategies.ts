/**
 * The three ways of the paper (§6.2) to give the keys to nodes. Strategies 1 and 2 exist for comparison
 * alone; strategy 3 is the ring of the store, with its own fold and preference lists.
 *
 *   1  T random tokens per node    a key goes to the first N nodes met clockwise from it
 *   2  the same tokens, Q equal    all keys of a partition go to the first N nodes met clockwise
 *      partitions                  from the partition's end
 *   3  Q equal partitions, of which every node owns Q/S
 *
 * The invariant: arcs are in order and end at 1, so that every position is in exactly one of them, and
 * the nodes of an arc are distinct.
 */
import type { NodeId } from '../../../src/core/ids.ts';
import { foldHistory } from '../../../src/core/ring/fold.ts';
import type { MembershipHistory, RingEvent } from '../../../src/core/ring/history.ts';
import { preferenceOf } from '../../../src/core/ring/preference.ts';
import type { SeededRandom } from '../../world/random.ts';
import { firstAbove } from './chance.ts';

/** Positions are fractions of the ring. */
export interface Arc {
  readonly end: number;
  /** Who holds the keys of this arc, N of them. */
  readonly nodes: readonly NodeId[];
}

export interface Partitioning {
  readonly arcs: readonly Arc[];
  /** Entries of the table that every node must know: tokens, or owners of partitions. */
  readonly metadata: number;
}

interface TrackedContext {
  readonly position: number;
  readonly node: NodeId;
}

export const namesOf = (random: SeededRandom, nodes: number): NodeId[] =>
  Array.from({ length: nodes }, () => random.name());

export function randomTokens(random: SeededRandom, nodes: readonly NodeId[], n: number, perNode: number): Partitioning {
  const tokens = drawTokens(random, nodes, perNode);
  const arcs = tokens.map(({ position }, index) => ({ end: position, nodes: distinctFrom(tokens, index, n) }));
  // After the last token the ring begins again.
  arcs.push({ end: 1, nodes: distinctFrom(tokens, 0, n) });
  return { arcs, metadata: tokens.length };
}

export function tokensOverPartitions(
  random: SeededRandom,
  nodes: readonly NodeId[],
  n: number,
  perNode: number,
  partitions: number,
): Partitioning {
  const tokens = drawTokens(random, nodes, perNode);
  const positions = tokens.map(({ position }) => position);
  const last = positions.at(-1) ?? 0;
  const arcs = Array.from({ length: partitions }, (_, partition) => {
    const end = (partition + 1) / partitions;
    return { end, nodes: distinctFrom(tokens, end >= last ? 0 : firstAbove(positions, end), n) };
  });
  // How many partitions there are never changes, so only the tokens are membership.
  return { arcs, metadata: tokens.length };
}

export function equalShares(nodes: readonly NodeId[], n: number, partitions: number): Partitioning {
  return partitioningOf(historyOf(nodes, n, partitions));
}

export function partitioningOf(history: MembershipHistory): Partitioning {
  const ring = foldHistory(history);
  const arcs = Array.from({ length: ring.partitions }, (_, partition) => ({
    end: (partition + 1) / ring.partitions,
    nodes: preferenceOf(ring, partition).primaries,
  }));
  return { arcs, metadata: ring.partitions };
}

/** A ring that the first node founds and the others join, each in a zone of its own. */
export function historyOf(nodes: readonly NodeId[], n: number, partitions: number): MembershipHistory {
  const [founder = ''] = nodes;
  const found: RingEvent = { stamp: [1, founder], kind: 'found', partitions, n, r: Math.min(2, n), w: Math.min(2, n) };
  return [found, ...nodes.map((node, index) => joining(node, index + 2))];
}

export function joining(node: NodeId, lamport: number): RingEvent {
  return { stamp: [lamport, node], kind: 'join', node, weight: 1, zone: node };
}

function drawTokens(random: SeededRandom, nodes: readonly NodeId[], perNode: number): TrackedContext[] {
  const tokens = nodes.flatMap((node) =>
    Array.from({ length: perNode }, () => ({ position: random.fraction(), node })),
  );
  return tokens.sort((a, b) => a.position - b.position);
}

/** The first N distinct nodes met from a token on, that of the token included. */
function distinctFrom(tokens: readonly TrackedContext[], from: number, n: number): NodeId[] {
  const met: NodeId[] = [];
  for (let step = 0; step < tokens.length && met.length < n; step++) {
    const node = tokens[(from + step) % tokens.length]?.node;
    if (node !== undefined && !met.includes(node)) met.push(node);
  }
  return met;
}
