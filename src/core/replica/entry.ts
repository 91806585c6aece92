/** What becomes of a key's entry: pure functions, as the replica applies them ([HINT-1], [DEL-3]). */
import type { Dot, NodeId } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Entry } from '../storage.ts';
import { type CausalContext, covers, hasSeen, sameDot } from '../version/context.ts';
import {
  contextOf,
  hasReplaced,
  knows,
  merge,
  type Siblings,
  type VersionMetadata,
  withoutContext,
} from '../version/siblings.ts';
import type { Stamped } from '../version/stamp.ts';
import { bytesOf } from './pieces.ts';

/** A plain copy stays plain and makes a hint plain; hints add up. The same array if nothing changes. */
export function hintForAfter(before: Entry | undefined, hintFor: readonly NodeId[]): readonly NodeId[] {
  if (before === undefined) return hintFor;
  const known = before.hintFor;
  if (known.length === 0) return known;
  if (hintFor.length === 0) return [];
  return hintFor.every((owner) => known.includes(owner)) ? known : [...new Set([...known, ...hintFor])];
}

/**
 * Whether a writer has to read the key first: beside its version too much would stay that it has not seen ([VER-6]), or
 * what it has seen is too long ([VER-5]). One that ends several siblings is taken, however much all of them had seen.
 */
export function mustReadFirst(
  held: readonly VersionMetadata[],
  { siblings, version }: Stamped,
  limits: Limits,
): boolean {
  if (siblings.length >= limits.siblingsMax || bytesOf(siblings) >= limits.siblingsBytes) return true;
  if (held.length - siblings.length > 1) return false;
  const { vector, dots, ops = [] } = version.context;
  return Math.max(vector.length, ops.length) >= limits.clockMax || dots.length >= limits.contextDotsMax;
}

/** Whether nothing has changed from one to the other, but perhaps what is remembered of reaps. */
export function holdsSame(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.versions === b?.versions && a?.hintFor === b?.hintFor;
}

/** The entry as if nothing of it had been reaped. */
export function beforeReap(entry: Entry | undefined): Entry | undefined {
  if (entry?.reapRecord === undefined) return entry;
  return { versions: merge(entry.versions, entry.reapRecord.versions), hintFor: entry.hintFor };
}

/** Whether these siblings hold something that was reaped here: their sender has missed it. */
export function missedReap(before: Entry | undefined, siblings: Siblings): boolean {
  if (before?.reapRecord === undefined) return false;
  const record = before.reapRecord.versions;
  const reaped = contextOf(record);
  const isReaped = (version: VersionMetadata): boolean =>
    hasSeen(reaped, version) || record.some((each) => hasReplaced(each, version));
  return siblings.some((version) => isReaped(version) && !knows(before.versions, withoutContext(version)));
}

/**
 * What is left of an entry when the values of these dots are lost: all that claims neither them nor what only they
 * had replaced. Undefined: nothing.
 */
export function withoutLost({ versions, hintFor, reapRecord }: Entry, dots: readonly Dot[]): Entry | undefined {
  let left = versions;
  const lost = versions.filter(({ dot }) => dots.some((other) => sameDot(dot, other)));
  // Whatever goes is lost as well.
  for (let goes: readonly VersionMetadata[] = lost; goes.length > 0; lost.push(...goes)) {
    left = left.filter((version) => !goes.includes(version));
    goes = left.filter((version) => lost.some((other) => claims(version, other)));
  }
  const record = reapRecord && !lost.some((other) => recordClaims(reapRecord.versions, other)) ? reapRecord : undefined;
  if (left.length === 0 && record === undefined) return undefined;
  return { versions: left, hintFor, ...(record && { reapRecord: record }) };
}

/** Its dot stands for all earlier ones of its actor ([VER-4]): the lost one, or what that had replaced, may be among them. */
function claims(version: VersionMetadata, lost: VersionMetadata): boolean {
  const [actor] = version.dot;
  const seen = ({ vector }: CausalContext): number => vector.find(([other]) => other === actor)?.[1] ?? 0;
  const apart = lost.context.dots.some(([other]) => other === actor);
  return covers(contextOf([version]), lost.dot) || apart || seen(lost.context) > seen(version.context);
}

/** What lived when it was reaped may have been replaced since by the lost one alone. */
function recordClaims(reaped: readonly VersionMetadata[], lost: VersionMetadata): boolean {
  if (covers(contextOf(reaped), lost.dot)) return true;
  return reaped.some(({ deleted, dot }) => !deleted && covers(lost.context, dot));
}
