/**
 * Timestamp reconciliation (P§6): of all versions the one written last, by its writer's clock. Simple,
 * and lossy: of two concurrent writes one is forgotten, and a fast clock beats a later write.
 */

export interface Timed<T> {
  /** Wall time of the write in ms. */
  readonly at: number;
  readonly value: T;
}

/** Undefined if there are none. Of equal times the larger JSON text wins, so that all choose alike. */
export function lastWriteWins<T>(siblings: readonly Timed<T>[]): Timed<T> | undefined {
  return siblings.reduce<Timed<T> | undefined>((a, b) => (a === undefined || isLater(b, a) ? b : a), undefined);
}

/** A new value, later than all that its writer sees, even if their clocks are ahead of `now`. */
export function written<T>(siblings: readonly Timed<T>[], value: T, now: number): Timed<T> {
  return { at: siblings.reduce((at, sibling) => Math.max(at, sibling.at + 1), now), value };
}

function isLater<T>(a: Timed<T>, b: Timed<T>): boolean {
  return a.at === b.at ? JSON.stringify(a.value) > JSON.stringify(b.value) : a.at > b.at;
}
