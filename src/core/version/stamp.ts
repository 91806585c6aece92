/** The minting of a version on top of the versions that its coordinator holds ([VER-1], [PUT-2]). */
import { type Dot, isOwn, type OpId } from '../ids.ts';
import { limits } from '../limits.ts';
import { type CausalContext, contextAfter, covers, hasSeen, joinContexts, withForwards, withOp } from './context.ts';
import { contextOf, type Version, type VersionMetadata } from './siblings.ts';

/** A write that has no dot yet. */
export interface NewVersion {
  /** What its writer has seen. */
  readonly context: CausalContext;
  readonly value: Uint8Array;
  readonly deleted: boolean;
  readonly time: number;
  readonly op: OpId;
  /** Whether another coordinator may have minted it before ([PUT-1]). */
  readonly retried?: boolean;
}

export interface Stamped {
  readonly version: Version;
  /** What stays beside it, because the writer has not seen it. */
  readonly siblings: readonly VersionMetadata[];
  /** What the writer has seen now: the context of its next put. */
  readonly context: CausalContext;
}

/** `isUnderWay`: whether a forward of this write may still come to somebody. */
export function stamp(
  held: readonly VersionMetadata[],
  dot: Dot,
  put: NewVersion,
  isUnderWay: (op: OpId) => boolean = () => true,
): Stamped {
  const seen = withAllVersions(put.context, held);
  const siblings = held.filter((version) => !hasSeen(seen, version));
  const known = contextOf(held);
  // With nothing here that the writer has not seen, all that is known here is behind the new version.
  const context = siblings.length === 0 ? joinContexts(seen, known) : seen;
  const { value, deleted, time, op, retried } = put;
  const before = held.filter((version) => hasSeen(seen, version));
  const replaced = forwardsIn(before, put.context.forwards).filter(isUnderWay).slice(0, limits.replacedForwards);
  const about = { ...(retried && { retried: true as const }), ...(replaced.length > 0 && { replaced }) };
  const version = { dot, context, deleted, size: value.length, time, op, value, ...about };
  const after = contextAfter(context, dot, known);
  // Of what was replaced another version may still come to a node that has nothing of the key, where its writer goes on.
  return { version, siblings, context: withForwards(retried ? withOp(after, op) : after, replaced) };
}

/** The forwarded ones among these writes, those that the writer has read elsewhere, and those that they had replaced. */
function forwardsIn(replaced: readonly VersionMetadata[], read: readonly OpId[] = []): readonly OpId[] {
  const forwarded = replaced.filter(({ dot, op }) => !isOwn(dot, op)).map(({ op }) => op);
  const earlier = replaced.flatMap((version) => version.replaced ?? []);
  return [...new Set([...forwarded, ...read, ...earlier])];
}

/** Who has seen one version of a write has seen the write. */
function withAllVersions(
  { forwards = [], ...context }: CausalContext,
  held: readonly VersionMetadata[],
): CausalContext {
  const isTwin = (version: VersionMetadata): boolean =>
    forwards.includes(version.op) || held.some(({ dot, op }) => op === version.op && covers(context, dot));
  const twins = held.filter((version) => !hasSeen(context, version) && isTwin(version));
  return twins.reduce<CausalContext>((seen, { op }) => withOp(seen, op), context);
}
