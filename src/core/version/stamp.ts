/** The minting of a version on top of the state that its coordinator holds ([VER-1], [PUT-2]). */
import type { Dot, OpId } from '../ids.ts';
import { joinSeen, type Seen, seenAfter, sees } from './seen.ts';
import { type Clock, seenBy, type Version } from './siblings.ts';

/** A write that has no dot yet; `context` and `beyond` are what its writer has seen. */
export interface NewVersion extends Seen {
  readonly value: Uint8Array;
  readonly deleted: boolean;
  readonly time: number;
  readonly op: OpId;
}

export interface Stamped {
  readonly version: Version;
  /** What stays beside it, because the writer has not seen it. */
  readonly siblings: readonly Clock[];
  /** What the writer has seen now: the context of its next put. */
  readonly seen: Seen;
}

export function stamp(clocks: readonly Clock[], dot: Dot, put: NewVersion): Stamped {
  const siblings = clocks.filter((clock) => !sees(put, clock.dot));
  const known = seenBy(clocks);
  // With nothing here that the writer has not seen, all that this state knows is behind the new version.
  const { context, beyond } = siblings.length === 0 ? joinSeen(put, known) : put;
  const { value, deleted, time, op } = put;
  const version = { dot, context, beyond, deleted, size: value.length, time, op, value };
  return { version, siblings, seen: seenAfter(version, dot, known) };
}
