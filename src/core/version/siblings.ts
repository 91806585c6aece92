/**
 * Versions of one key, and the only rule by which one of them may disappear ([VER-2]): another
 * version's context covers its dot. The invariant: siblings are sorted by dot and pairwise concurrent.
 */
import { assert } from '../assert.ts';
import { type Dot, dotName, type OpId } from '../ids.ts';
import { compareDots, includesSeen, joinSeen, nothingSeen, type Seen, sameDot, seenByAll, sees } from './seen.ts';
import { type VersionVector, withDot } from './vector.ts';

/** What is known of a version without its value; kept in memory for every key that is held. */
export interface Clock {
  readonly dot: Dot;
  /**
   * What the writer had seen: everything it covers is obsolete. Once that is gone everywhere it may be
   * cut short ([VER-5]), so two copies of one version may name more and less of it.
   */
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

/**
 * All of `a` and `b` but what is obsolete among them. `a` itself if `b` brings no news; where both
 * hold a dot, the object is `a`'s, unless `b`'s names more of what the writer had seen.
 */
export function merge<T extends Clock>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (b.length === 0 || a === b) return a;
  const all = closed(unionByDot(a, b));
  const seen = seenByAll(all);
  const kept = all.filter(({ dot }) => !sees(seen, dot));
  if (kept.length < all.length) {
    // Whatever made a version obsolete is kept, or obsolete by something that also covers the first.
    // Contexts in a circle would lose them all.
    const remaining = seenByAll(kept);
    const lost = all.filter(({ dot }) => sees(seen, dot) && !sees(remaining, dot));
    assert(lost.length === 0, 'S3: a version is discarded only for one that is kept and has seen it');
  }
  return kept.length === a.length && kept.every((version, i) => version === a[i]) ? a : kept;
}

/**
 * Whoever has seen a version has seen all that its writer had ([VER-3]). A context that was cut ([VER-5])
 * no longer says so; where it meets one that was not, it says so again.
 */
function closed<T extends Clock>(versions: T[]): T[] {
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i];
    if (version === undefined) continue;
    const behind = versions.filter((other) => sees(version, other.dot) && !includesSeen(version, other));
    if (behind.length === 0) continue;
    versions[i] = { ...version, ...[version, ...behind].reduce<Seen>(joinSeen, nothingSeen) };
    // What it sees now may be behind others, and have more behind it.
    i = -1;
  }
  return versions;
}

/** The vector of all that the holder of this state has seen: every context and every dot. */
export function contextOf(siblings: readonly Clock[]): VersionVector {
  return seenBy(siblings).context;
}

/** All that the holder of this state has seen, with what a vector cannot say. */
export function seenBy(siblings: readonly Clock[]): Seen {
  const dots = siblings.reduce<VersionVector>((vector, { dot }) => withDot(vector, dot), []);
  return joinSeen(seenByAll(siblings), { context: dots, beyond: [] });
}

/** Whether the state holds all that is known of this version, or one whose writer had seen it. */
export function knows(state: readonly Clock[], clock: Clock): boolean {
  return state.some((version) => {
    return sameDot(version.dot, clock.dot) ? includesSeen(version, clock) : sees(version, clock.dot);
  });
}

/** The versions of `other` that the state does not know. */
export function lacks<T extends Clock>(state: readonly Clock[], other: readonly T[]): T[] {
  return other.filter((clock) => !knows(state, clock));
}

/**
 * The versions without those that a holder knows to be reaped ([DEL-3]): what it has reaped and does not hold
 * is obsolete. The array itself if all of them stand.
 */
export function withoutReaped<T extends Clock>(
  versions: readonly T[],
  holder: { readonly state: readonly Clock[]; readonly reaped: Seen },
): readonly T[] {
  const stands = ({ dot }: Clock): boolean =>
    !sees(holder.reaped, dot) || holder.state.some((held) => sameDot(held.dot, dot));
  return versions.every(stands) ? versions : versions.filter(stands);
}

/** Whether both hold the same versions, and know the same of them. */
export function sameClocks(a: readonly Clock[], b: readonly Clock[]): boolean {
  return a.length === b.length && lacks(a, b).length === 0 && lacks(b, a).length === 0;
}

/** Bytes of all values together. */
export function sizeOf(siblings: readonly Clock[]): number {
  return siblings.reduce((sum, { size }) => sum + size, 0);
}

/** Equal texts: equal clocks. It is hashed by the Merkle trees, so it leaves out what is for display. */
export function canonical(clocks: readonly Clock[]): string {
  return clocks
    .map(({ dot, context, beyond, deleted }) => {
      const seen = `${context.map(dotName).join(',')}|${beyond.map(dotName).join(',')}`;
      return `${dotName(dot)}${deleted ? '-' : '+'}${seen}`;
    })
    .join(';');
}

function unionByDot<T extends Clock>(a: readonly T[], b: readonly T[]): T[] {
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
    assert(!sees(next, next.dot), 'S5: no context covers its own dot');
    union.push(
      left && right && order === 0 && !includesSeen(left, right) ? { ...left, ...joinSeen(left, right) } : next,
    );
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}
