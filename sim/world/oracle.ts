/**
 * The checkers' own reading of clocks, kept apart from the core's on purpose: a fault in the core's
 * version rules must not blind those who look for it.
 */
import type { Dot } from '../../src/core/ids.ts';
import type { Clock } from '../../src/core/version/siblings.ts';

/** What somebody has seen: dots up to a vector, and single ones beyond it. */
export interface SeenDots {
  readonly context: readonly Dot[];
  readonly beyond: readonly Dot[];
}

export function covers(seen: SeenDots, [actor, seq]: Dot): boolean {
  // Plain loops: this is asked of every pair of versions that a run has seen.
  for (const dot of seen.context) if (dot[0] === actor && seq <= dot[1]) return true;
  for (const dot of seen.beyond) if (dot[0] === actor && seq === dot[1]) return true;
  return false;
}

export const same = (a: Dot, b: Dot): boolean => a[0] === b[0] && a[1] === b[1];

/** Whether these versions hold the dot, or one of them replaced it. */
export function knows(clocks: readonly Clock[], dot: Dot): boolean {
  return clocks.some((clock) => same(clock.dot, dot) || covers(clock, dot));
}

/** All that either has seen. */
export function joinSeen(a: SeenDots, b: SeenDots): SeenDots {
  const joined = new Map<string, number>();
  for (const [actor, seq] of [...a.context, ...b.context]) joined.set(actor, Math.max(seq, joined.get(actor) ?? 0));
  const context = [...joined].sort(byActor);
  const beyond = [...a.beyond, ...b.beyond]
    .filter(
      (dot, at, all) => !covers({ context, beyond: [] }, dot) && all.findIndex((other) => same(other, dot)) === at,
    )
    .sort((left, right) => byActor(left, right) || left[1] - right[1]);
  return { context, beyond };
}

const byActor = ([left]: Dot, [right]: Dot): number => (left < right ? -1 : left > right ? 1 : 0);
