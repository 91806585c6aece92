/** Why bytes from a peer were refused: counted by reason, never thrown ([NET-3]). */
export interface Rejected {
  readonly type: 'rejected';
  readonly reason: RejectReason;
}

export type RejectReason =
  /** Longer than the limit for what it is. */
  | 'oversized'
  /** Not one whole, shallow MessagePack map of plain data that has a `type`. */
  | 'malformed'
  /** A map whose `type` is no message of ours: of a newer peer it is no offence ([NET-5]). */
  | 'unknown-type'
  /** A known type with a field missing or out of its bounds. */
  | 'schema'
  /** A frame that is empty or whose records do not fill it. */
  | 'bad-frame'
  /** A chunk that does not continue what came before it. */
  | 'bad-chunk';

export const rejected = (reason: RejectReason): Rejected => ({ type: 'rejected', reason });
