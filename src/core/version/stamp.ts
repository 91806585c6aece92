/** The minting of a version on top of the versions that its coordinator holds ([VER-1], [PUT-2]). */
import type { Dot, OpId } from '../ids.ts';
import { type CausalContext, contextAfter, covers, joinContexts } from './context.ts';
import { contextOf, type Version, type VersionMetadata } from './siblings.ts';

/** A write that has no dot yet. */
export interface NewVersion {
  /** What its writer has seen. */
  readonly context: CausalContext;
  readonly value: Uint8Array;
  readonly deleted: boolean;
  readonly time: number;
  readonly op: OpId;
}

export interface Stamped {
  readonly version: Version;
  /** What stays beside it, because the writer has not seen it. */
  readonly siblings: readonly VersionMetadata[];
  /** What the writer has seen now: the context of its next put. */
  readonly context: CausalContext;
}

export function stamp(held: readonly VersionMetadata[], dot: Dot, put: NewVersion): Stamped {
  const siblings = held.filter((version) => !covers(put.context, version.dot));
  const known = contextOf(held);
  // With nothing here that the writer has not seen, all that is known here is behind the new version.
  const context = siblings.length === 0 ? joinContexts(put.context, known) : put.context;
  const { value, deleted, time, op } = put;
  const version = { dot, context, deleted, size: value.length, time, op, value };
  return { version, siblings, context: contextAfter(context, dot, known) };
}
