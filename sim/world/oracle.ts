/**
 * The checkers' own reading of causal contexts, kept apart from the core's on purpose: a fault in the core's
 * version rules must not blind those who look for it.
 */
import type { Dot } from '../../src/core/ids.ts';
import type { CausalContext } from '../../src/core/version/context.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';

export function covers(context: CausalContext, [actor, seq]: Dot): boolean {
  // Plain loops: this is asked of every pair of versions that a run has seen.
  for (const dot of context.vector) if (dot[0] === actor && seq <= dot[1]) return true;
  for (const dot of context.dots) if (dot[0] === actor && seq === dot[1]) return true;
  return false;
}

export const same = (a: Dot, b: Dot): boolean => a[0] === b[0] && a[1] === b[1];

/** Whether these versions hold the dot, or one of them replaced it. */
export function knows(versions: readonly VersionMetadata[], dot: Dot): boolean {
  return versions.some((version) => same(version.dot, dot) || covers(version.context, dot));
}

/** All that either has seen. */
export function joinContexts(a: CausalContext, b: CausalContext): CausalContext {
  const joined = new Map<string, number>();
  for (const [actor, seq] of [...a.vector, ...b.vector]) joined.set(actor, Math.max(seq, joined.get(actor) ?? 0));
  const vector = [...joined].sort(byActor);
  const dots = [...a.dots, ...b.dots]
    .filter((dot, at, all) => !covers({ vector, dots: [] }, dot) && all.findIndex((other) => same(other, dot)) === at)
    .sort((left, right) => byActor(left, right) || left[1] - right[1]);
  const ops = [...new Set([...(a.ops ?? []), ...(b.ops ?? [])])].sort();
  return { vector, dots, ...(ops.length > 0 && { ops }) };
}

const byActor = ([left]: Dot, [right]: Dot): number => (left < right ? -1 : left > right ? 1 : 0);
