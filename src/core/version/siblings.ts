/**
 * Versions of one key, and the only rule by which one of them may disappear ([VER-2]): another
 * version's context covers its dot. The invariant: siblings are sorted by dot and pairwise concurrent.
 */
import type { Dot, OpId } from '../ids.ts';
import type { VersionVector } from './vector.ts';

/** What is known of a version without its value; kept in memory for every key that is held. */
export interface Clock {
  readonly dot: Dot;
  /** What the writer had seen: everything it covers is obsolete. */
  readonly context: VersionVector;
  /**
   * Dots seen beyond the vector. Empty but for a writer that goes on from a receipt while others'
   * siblings, which it has not read, stand between its own dots; a vector alone would claim those.
   */
  readonly beyond: readonly Dot[];
  readonly deleted: boolean;
  /** Bytes of the value. */
  readonly size: number;
  /** Wall time of the write in ms, for display only, never for order. */
  readonly time: number;
  readonly op: OpId;
}

/** A clock with its value. A tombstone has an empty value. */
export interface Version extends Clock {
  readonly value: Uint8Array;
}
