/**
 * A causal context: what a reader or writer has seen of a key. It is a version vector and single dots apart
 * from it, as in dotted version vectors. The vector says "all writes of this actor up to here", which is true
 * of who has read all siblings ([VER-4]); the dots are for a writer that knows its own write but not its
 * neighbours'. The invariant: who has seen a version has seen all that its writer had seen; and the vector
 * covers none of the dots.
 */
import type { Dot, OpId } from '../ids.ts';
import { emptyVector, joinVectors, type VersionVector, vectorCovers, vectorIncludes, withDot } from './vector.ts';

export interface CausalContext {
  readonly vector: VersionVector;
  /** Seen apart from the vector: sorted, each once. Nearly always empty. */
  readonly dots: readonly Dot[];
  /**
   * Writes seen of which there may be other versions: those that were forwarded again ([PUT-1]). Sorted, and left out
   * where there are none, which is nearly always.
   */
  readonly ops?: readonly OpId[];
  /**
   * In the context of a reader, or of a receipt: forwarded writes among what was read, or replaced. Of each another version may
   * be on its way, as long as its forward is ([PUT-1]). No version has it: what it replaces is named there in another way. Sorted.
   */
  readonly forwards?: readonly OpId[];
}

/** What a context can tell of a version. */
interface Minted {
  readonly dot: Dot;
  readonly op: OpId;
}

export const emptyContext: CausalContext = { vector: emptyVector, dots: [] };

/** Whether the dot is among what was seen. */
export function covers(context: CausalContext, dot: Dot): boolean {
  return vectorCovers(context.vector, dot) || context.dots.some((other) => sameDot(other, dot));
}

/** Whether the version is among what was seen, or another version of the same write is ([PUT-1]). */
export function hasSeen(context: CausalContext, { dot, op }: Minted): boolean {
  return covers(context, dot) || context.ops?.includes(op) === true;
}

/** Whether `a` has seen all that `b` has seen. */
export function descends(a: CausalContext, b: CausalContext): boolean {
  return (
    vectorIncludes(a.vector, b.vector) &&
    b.dots.every((dot) => covers(a, dot)) &&
    (b.ops?.every((op) => a.ops?.includes(op)) ?? true)
  );
}

/** What either has seen. */
export function joinContexts(a: CausalContext, b: CausalContext): CausalContext {
  return normal(joinVectors(a.vector, b.vector), [a.dots, b.dots], [a.ops, b.ops]);
}

/** The context of one who has seen all versions of this write, too. */
export function withOp(context: CausalContext, op: OpId): CausalContext {
  return withForwards(joinContexts(context, { ...emptyContext, ops: [op] }), context.forwards ?? []);
}

/** The context of who has read these forwarded writes, or has replaced them. */
export const withForwards = (context: CausalContext, forwards: readonly OpId[]): CausalContext =>
  forwards.length > 0 ? { ...context, forwards: [...new Set(forwards)].sort() } : context;

/** All that the writers of these versions had seen, together. */
export function writersContext(versions: readonly { readonly context: CausalContext }[]): CausalContext {
  const vector = versions.reduce((joined, { context }) => joinVectors(joined, context.vector), emptyVector);
  return normal(
    vector,
    versions.map(({ context }) => context.dots),
    versions.map(({ context }) => context.ops),
  );
}

/**
 * What a writer has seen once its write got its dot, `known` being all that the coordinator knew of
 * the key before. The dot enters the vector only if the writer has seen all earlier writes of the
 * actor; else a vector would claim siblings that it never read.
 */
export function contextAfter(writer: CausalContext, dot: Dot, known: CausalContext): CausalContext {
  const earlier = known.vector.find(([actor]) => actor === dot[0]);
  const apart = known.dots.filter(([actor]) => actor === dot[0]);
  const all =
    (earlier === undefined || vectorCovers(writer.vector, earlier)) && apart.every((one) => covers(writer, one));
  const { vector, dots, ops } = writer;
  return all ? normal(withDot(vector, dot), [dots], [ops]) : normal(vector, [dots, [dot]], [ops]);
}

/** How many entries the context has: what it costs to store and send. */
export const contextSize = ({ vector, dots, ops }: CausalContext): number =>
  vector.length + dots.length + (ops?.length ?? 0);

export function compareDots(a: Dot, b: Dot): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1];
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a[1] === b[1] && a[0] === b[0];
}

/** Apart from the vector only what it does not cover; all sorted, each once. */
function normal(
  vector: VersionVector,
  apart: readonly (readonly Dot[])[],
  seenOps: readonly (readonly OpId[] | undefined)[],
): CausalContext {
  const dots = apart
    .flat()
    .filter((dot) => !vectorCovers(vector, dot))
    .sort(compareDots)
    .filter((dot, i, all) => i === 0 || compareDots(all[i - 1] ?? dot, dot) !== 0);
  const ops = [...new Set(seenOps.flatMap((some) => some ?? []))].sort();
  return ops.length > 0 ? { vector, dots, ops } : { vector, dots };
}
