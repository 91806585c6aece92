/**
 * The shares that an item's quantity is made of, each under the tag of the edit that began it. Invariant: the shares
 * under one tag are a lattice, so that merging may come in any order, and any number of times.
 */
import { hasSeen, isPositive, isSortedPairs, isWhole, parseTag, type SeenTags } from './seen-tags.ts';

/**
 * What the additions of one editor come to: a PN-counter that only its editor goes on with. `upTo` counts its last
 * edit in it, and of that `gone` was taken away by those who had seen it up to `goneUpTo`; 0 and 0 if nothing was.
 */
export type Count = readonly [upTo: number, sum: number, goneUpTo: number, gone: number];

/** A number that somebody typed. */
export interface Typed {
  readonly typed: number;
}

/** A number alone is an addition of a map of 0.1.0, to which nothing is added any more. */
export type Share = number | Count | Typed;

export const isCount = (share: Share): share is Count => Array.isArray(share);
const isTyped = (share: Share): share is Typed => typeof share === 'object' && !isCount(share);

/** The largest of the numbers typed apart, and all that was counted beside them. May be below zero. */
export function sumOf(shares: readonly Share[]): number {
  const typed = Math.max(0, ...shares.filter(isTyped).map((share) => share.typed));
  return shares.reduce<number>((sum, share) => sum + counted(share), typed);
}

function counted(share: Share): number {
  if (isCount(share)) return share[1] - share[3];
  return isTyped(share) ? 0 : share;
}

/** Whether all of it was taken away, as far as is known here. */
export const isEnded = (share: Share): boolean => isCount(share) && share[2] === share[0];

/**
 * What stays of a share that is taken away. Its editor may have gone on with a count meanwhile, unseen here: so what
 * was taken of it is remembered, and what was added since will count.
 */
export function takenAway(share: Share): Count | undefined {
  if (!isCount(share)) return undefined;
  const [upTo, sum] = share;
  return [upTo, sum, upTo, sum];
}

/** Of a count each editor's later state contains the earlier; other shares never change. */
export function joinShares(a: Share, b: Share): Share {
  if (isCount(a) && isCount(b)) return [...later([a[0], a[1]], [b[0], b[1]]), ...later([a[2], a[3]], [b[2], b[3]])];
  if (isCount(a) || isCount(b)) return isCount(a) ? a : b;
  if (isTyped(a) && isTyped(b)) return a.typed >= b.typed ? a : b;
  if (isTyped(a) || isTyped(b)) return isTyped(a) ? a : b;
  return Math.max(a, b);
}

type Reached = readonly [upTo: number, sum: number];

/** Two sums up to the same edit are equal, but in maps that somebody made up. */
const later = (a: Reached, b: Reached): Reached => (a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]) ? a : b);

/** Shares by tag, all of which this map has seen. */
export function isShares(value: unknown, seen: SeenTags): value is readonly (readonly [string, Share])[] {
  if (!isSortedPairs(value, isShare) || value.length === 0) return false;
  return value.every(([tag, share]) => {
    const began = parseTag(tag);
    if (began === undefined) return false;
    const { editor, counter } = began;
    if (!isCount(share)) return hasSeen(seen, editor, counter);
    const [upTo, , goneUpTo] = share;
    return upTo >= counter && (goneUpTo === 0 || goneUpTo >= counter) && hasSeen(seen, editor, counter, upTo);
  });
}

function isShare(value: unknown): value is Share {
  if (typeof value !== 'object' || value === null) return isPositive(value);
  if (!Array.isArray(value)) return 'typed' in value && isPositive(value.typed) && Object.keys(value).length === 1;
  const numbers: readonly unknown[] = value;
  if (numbers.length !== 4 || !numbers.every(isWhole)) return false;
  const [upTo = 0, sum = 0, goneUpTo = 0, gone = 0] = numbers;
  if (goneUpTo < 0 || goneUpTo > upTo || (goneUpTo === 0 && gone !== 0)) return false;
  return goneUpTo < upTo || gone === sum;
}
