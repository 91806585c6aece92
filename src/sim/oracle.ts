/**
 * The checkers' own reading of clocks, kept apart from the core's on purpose: a fault in the core's
 * version rules must not blind those who look for it.
 */
import type { Dot } from '../core/ids.ts';
import type { Clock } from '../core/version/siblings.ts';

/** What somebody has seen: dots up to a vector, and single ones beyond it. */
export interface SeenDots {
  readonly context: readonly Dot[];
  readonly beyond: readonly Dot[];
}

export const nothingSeen: SeenDots = { context: [], beyond: [] };

export function covers(seen: SeenDots, [actor, seq]: Dot): boolean {
  return (
    seen.context.some(([other, upTo]) => other === actor && seq <= upTo) ||
    seen.beyond.some(([other, at]) => other === actor && seq === at)
  );
}

export const same = (a: Dot, b: Dot): boolean => a[0] === b[0] && a[1] === b[1];

/** Whether these versions hold the dot, or one of them replaced it. */
export function knows(clocks: readonly Clock[], dot: Dot): boolean {
  return clocks.some((clock) => same(clock.dot, dot) || covers(clock, dot));
}

/** The join of two vectors. */
export function joinVectors(a: readonly Dot[], b: readonly Dot[]): readonly Dot[] {
  const joined = new Map(a.map(([actor, seq]) => [actor, seq]));
  for (const [actor, seq] of b) joined.set(actor, Math.max(seq, joined.get(actor) ?? 0));
  return [...joined].sort(([left], [right]) => (left < right ? -1 : 1));
}
