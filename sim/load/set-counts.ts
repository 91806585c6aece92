/** The outcome of a set test, as Jepsen counts it: what became of items added and removed. */
export interface SetCounts {
  /** Items that somebody set out to add. */
  readonly attempted: number;
  /** Items whose adding was acknowledged. */
  readonly acked: number;
  /** Acknowledged, not removed by anyone who saw it, and not there at rest. */
  readonly lost: number;
  /** There, though nobody added it. */
  readonly unexpected: number;
  /** There, though an acknowledged removal saw every adding of it. */
  readonly removedButPresent: number;
  /** There, though no adding of it was acknowledged. */
  readonly recovered: number;
  /** There more than once. */
  readonly duplicates: number;
}

export const noCounts: SetCounts = {
  attempted: 0,
  acked: 0,
  lost: 0,
  unexpected: 0,
  removedButPresent: 0,
  recovered: 0,
  duplicates: 0,
};

export const addCounts = (a: SetCounts, b: SetCounts): SetCounts => ({
  attempted: a.attempted + b.attempted,
  acked: a.acked + b.acked,
  lost: a.lost + b.lost,
  unexpected: a.unexpected + b.unexpected,
  removedButPresent: a.removedButPresent + b.removedButPresent,
  recovered: a.recovered + b.recovered,
  duplicates: a.duplicates + b.duplicates,
});
