/**
 * Versions of one key, and the only rule by which one of them may disappear ([VER-2]): another
 * version's context covers its dot. The invariant: siblings are sorted by dot and pairwise concurrent.
 */
import { assert } from '../assert.ts';
import { type Dot, dotName, isOwn, type OpId } from '../ids.ts';
import { limits } from '../limits.ts';
import {
  type CausalContext,
  compareDots,
  contextSize,
  covers,
  descends,
  emptyContext,
  hasSeen,
  joinContexts,
  sameDot,
  withForwards,
  withOp,
  writersContext,
} from './context.ts';
import { withDot } from './vector.ts';

/** What is known of a version without its value; kept in memory for every key that is held. */
export interface VersionMetadata {
  readonly dot: Dot;
  /**
   * What the writer had seen: everything it covers is obsolete. Once that is gone everywhere it may be
   * cut short ([VER-5]), so two copies of one version may name more and less of it. It has dots only if the
   * writer went on from a receipt while siblings that it had not read stood between its own dots.
   */
  readonly context: CausalContext;
  readonly deleted: boolean;
  /** Bytes of the value. */
  readonly size: number;
  /** Wall time of the write in ms, for display only, never for order. */
  readonly time: number;
  readonly op: OpId;
  /** The write was forwarded again, so that another coordinator may have minted it, too ([PUT-1]). */
  readonly retried?: true;
  /**
   * Forwarded writes that it has replaced, the last first, if any: of each a version may come late from a coordinator
   * that had the forward all the time ([PUT-1]).
   */
  readonly replaced?: readonly OpId[];
}

/** One immutable version of a key: metadata and value. A tombstone has an empty value. */
export interface Version extends VersionMetadata {
  readonly value: Uint8Array;
}

export function metadataOf({
  dot,
  context,
  deleted,
  size,
  time,
  op,
  retried,
  replaced,
}: VersionMetadata): VersionMetadata {
  return { dot, context, deleted, size, time, op, ...(retried && { retried }), ...(replaced && { replaced }) };
}

/** For whether a version is held at all, however much is known of what its writer had seen. */
export const withoutContext = (version: VersionMetadata): VersionMetadata => ({ ...version, context: emptyContext });

/** All versions of a key that none has replaced, with their values. They travel whole ([VER-4]). */
export type Siblings = readonly Version[];

/**
 * All of `a` and `b` but what is obsolete among them. `a` itself if `b` brings no news; where both
 * hold a dot, the object is `a`'s, unless `b`'s names more of what the writer had seen.
 */
export function merge<T extends VersionMetadata>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (b.length === 0 || a === b) return a;
  const all = closed(unionByDot(a, b));
  const seen = writersContext(all);
  const kept = all.filter((version) => !hasSeen(seen, version));
  if (kept.length < all.length) {
    // What made a version obsolete is kept, or is obsolete by something that also covers the first.
    // Contexts in a circle would lose them all.
    const remaining = writersContext(kept);
    const lost = all.filter((version) => hasSeen(seen, version) && !hasSeen(remaining, version));
    assert(lost.length === 0, 'S3: a version is discarded only for one that is kept and has seen it');
  }
  return kept.length === a.length && kept.every((version, i) => version === a[i]) ? a : kept;
}

/**
 * Who has seen a version has seen all that its writer had ([VER-3]). A context that was cut ([VER-5])
 * no longer says so; where it meets one that was not, it says so again.
 */
function closed<T extends VersionMetadata>(versions: T[]): T[] {
  const hasTwins = new Set(versions.map(({ op }) => op)).size < versions.length;
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i];
    if (version === undefined) continue;
    if (contextSize(version.context) === 0 && version.replaced === undefined) continue;
    const whole = wholeContext(version, versions, hasTwins);
    if (whole === version.context) continue;
    versions[i] = { ...version, context: whole };
    // What it covers now may be behind others, and have more behind it.
    i = -1;
  }
  return versions;
}

/**
 * The version's context with all that was seen with what it says. Of a write that was forwarded again there may be
 * several versions: who has seen one has seen the write, so that all of them are obsolete ([PUT-1]).
 */
function wholeContext<T extends VersionMetadata>(version: T, versions: readonly T[], hasTwins: boolean): CausalContext {
  const { context } = version;
  const isTwinSeen = ({ op }: T): boolean =>
    hasTwins && versions.some((twin) => twin.op === op && covers(context, twin.dot));
  let whole = context;
  for (const other of versions) {
    if (other === version || !(hasSeen(context, other) || hasReplaced(version, other) || isTwinSeen(other))) continue;
    if (!descends(whole, other.context)) whole = joinContexts(whole, other.context);
    // Another version of the write than the one that was seen: from now on by its dot, too.
    if (!covers(whole, other.dot)) whole = joinContexts(withOp(whole, other.op), { vector: [], dots: [other.dot] });
  }
  return whole;
}

/** Whether the version has replaced another version of the same write. */
export const hasReplaced = ({ replaced }: VersionMetadata, { op }: VersionMetadata): boolean =>
  replaced?.includes(op) === true;

/** All that the holder of these versions has seen: every context and every dot. */
export function contextOf(versions: readonly VersionMetadata[]): CausalContext {
  const vector = versions.reduce((vector, { dot }) => withDot(vector, dot), emptyContext.vector);
  const ops = versions.filter(({ retried }) => retried).map(({ op }) => op);
  return joinContexts(writersContext(versions), { vector, dots: [], ...(ops.length > 0 && { ops }) });
}

/**
 * The context of who has read these versions: with it a write replaces also what else there is of those that were forwarded,
 * and of the forwarded ones that they had replaced.
 */
export function readerContext(context: CausalContext, versions: readonly VersionMetadata[]): CausalContext {
  const forwarded = versions.filter(({ dot, op, retried }) => !retried && !isOwn(dot, op)).map(({ op }) => op);
  const before = versions.flatMap(({ replaced = [] }) => replaced).slice(0, limits.replacedForwards);
  return withForwards(context, [...forwarded, ...before]);
}

/** Whether these hold all that is known of this version, or one whose writer had seen it. */
export function knows(versions: readonly VersionMetadata[], version: VersionMetadata): boolean {
  return lacks(versions, [version]).length === 0;
}

/** The versions of `other` that `versions` does not know. */
export function lacks<T extends VersionMetadata>(versions: readonly VersionMetadata[], other: readonly T[]): T[] {
  if (other.length === 0) return [];
  const seen = writersContext(versions);
  return other.filter((version) => {
    const held = versions[placeOf(versions, version.dot)];
    return held && sameDot(held.dot, version.dot) ? !descends(held.context, version.context) : !hasSeen(seen, version);
  });
}

/** Where the version with this dot is, or would be. */
function placeOf(versions: readonly VersionMetadata[], dot: Dot): number {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = versions[middle];
    if (at !== undefined && compareDots(at.dot, dot) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The versions without those that a holder knows to be reaped ([DEL-3]): what it has reaped and does not hold
 * is obsolete. The array itself if all of them stand.
 */
export function withoutReaped<T extends VersionMetadata>(
  versions: readonly T[],
  holder: { readonly siblings: readonly VersionMetadata[]; readonly reaped: CausalContext },
): readonly T[] {
  const stands = (version: VersionMetadata): boolean =>
    !hasSeen(holder.reaped, version) || holder.siblings.some((held) => sameDot(held.dot, version.dot));
  return versions.every(stands) ? versions : versions.filter(stands);
}

/** Whether both hold the same versions, and know the same of them. */
export function sameVersions(a: readonly VersionMetadata[], b: readonly VersionMetadata[]): boolean {
  return a.length === b.length && lacks(a, b).length === 0 && lacks(b, a).length === 0;
}

/** Bytes of all values together. */
export function sizeOf(versions: readonly VersionMetadata[]): number {
  return versions.reduce((sum, { size }) => sum + size, 0);
}

/** Equal texts: equal versions. It is hashed by the Merkle trees, so it leaves out what is for display. */
export function canonical(versions: readonly VersionMetadata[]): string {
  return versions
    .map(({ dot, context, deleted }) => {
      const seen = `${context.vector.map(dotName).join(',')}|${context.dots.map(dotName).join(',')}`;
      const ops = context.ops ? `|${context.ops.join(',')}` : '';
      return `${dotName(dot)}${deleted ? '-' : '+'}${seen}${ops}`;
    })
    .join(';');
}

function unionByDot<T extends VersionMetadata>(a: readonly T[], b: readonly T[]): T[] {
  const union: T[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    const order = left && right ? compareDots(left.dot, right.dot) : left ? -1 : 1;
    const next = order <= 0 ? left : right;
    if (next === undefined) return union;
    if (left && right && order === 0) {
      assert(left.op === right.op && left.deleted === right.deleted, 'S2: a dot names one write for ever');
    }
    assert(!covers(next.context, next.dot), 'S5: no context covers its own dot');
    union.push(left && right && order === 0 ? knowingMore(left, right) : next);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** Two copies of one version, one of which may have been cut: `a`, with all that either names. */
function knowingMore<T extends VersionMetadata>(a: T, b: T): T {
  return descends(a.context, b.context) ? a : { ...a, context: joinContexts(a.context, b.context) };
}
