/**
 * What a reader or writer has seen of a key: a vector, and single dots beyond it. The vector says "all
 * writes of this actor up to here", which is true of whoever has read a whole state ([VER-4]); the dots
 * are for a writer that knows its own write but not its neighbours'. The invariant: whoever has seen a
 * version has seen all that its writer had seen; and no dot beyond is covered by the vector.
 */
import type { Dot } from '../ids.ts';
import { covers, emptyVector, includes, join, type VersionVector, withDot } from './vector.ts';

export interface Seen {
  readonly context: VersionVector;
  readonly beyond: readonly Dot[];
}

export const nothingSeen: Seen = { context: emptyVector, beyond: [] };

export function sees(seen: Seen, dot: Dot): boolean {
  return covers(seen.context, dot) || seen.beyond.some((other) => sameDot(other, dot));
}

/** Whether `a` has seen all that `b` has seen. */
export function includesSeen(a: Seen, b: Seen): boolean {
  return includes(a.context, b.context) && b.beyond.every((dot) => sees(a, dot));
}

export function joinSeen(a: Seen, b: Seen): Seen {
  return normal(join(a.context, b.context), [a.beyond, b.beyond]);
}

/** All that the writers of these versions had seen, together. */
export function seenByAll(versions: readonly Seen[]): Seen {
  const context = versions.reduce((vector, version) => join(vector, version.context), emptyVector);
  return normal(
    context,
    versions.map(({ beyond }) => beyond),
  );
}

/**
 * What a writer has seen once its write got its dot, `known` being all that the coordinator knew of
 * the key before. The dot enters the vector only if the writer has seen all earlier writes of the
 * actor; else a vector would claim siblings that it never read.
 */
export function seenAfter(writer: Seen, dot: Dot, known: Seen): Seen {
  const earlier = known.context.find(([actor]) => actor === dot[0]);
  const alone = known.beyond.filter(([actor]) => actor === dot[0]);
  const all = (earlier === undefined || covers(writer.context, earlier)) && alone.every((one) => sees(writer, one));
  return all ? normal(withDot(writer.context, dot), [writer.beyond]) : normal(writer.context, [writer.beyond, [dot]]);
}

export function compareDots(a: Dot, b: Dot): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1];
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a[1] === b[1] && a[0] === b[0];
}

/** Beyond the vector only what it does not cover, sorted, each dot once. */
function normal(context: VersionVector, beyond: readonly (readonly Dot[])[]): Seen {
  const dots = beyond
    .flat()
    .filter((dot) => !covers(context, dot))
    .sort(compareDots)
    .filter((dot, i, all) => all.findIndex((other) => sameDot(other, dot)) === i);
  return { context, beyond: dots };
}
