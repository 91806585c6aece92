/**
 * A map from items to quantities that many can edit apart: additions, which may be negative, all count; a typed number
 * and a removal replace only what their editor had seen ([MAP-1]). An observed-remove map of resettable PN-counters, as a plain
 * JSON value, in one form only: equal maps are equal texts. The invariant: whatever is in `seen` and not among the
 * entries was taken away; an edit that is not in `seen` is unknown, and is never taken for that.
 *
 * It grows with editors, not with edits: each editor has one count of an item, which it goes on with.
 */

import type { SeenTags, Tag, TagParts } from './seen-tags.ts';
import {
  hasSeen,
  isPositive,
  isSeenTags,
  isSortedPairs,
  isWhole,
  mergeSeen,
  parseTag,
  sortedByKey,
} from './seen-tags.ts';
import { isCount, isEnded, isShares, joinShares, type Share, sumOf, takenAway } from './shares.ts';

export type { Tag } from './seen-tags.ts';

type Shares = readonly (readonly [tag: Tag, share: Share])[];

export interface AddWinsMap {
  /**
   * What each item's quantity is made of, by the tag of the edit that began it. Pairs, so that an item may be called
   * `__proto__`. Counts of which all was taken away stay, until their editor's next edit.
   */
  readonly entries: readonly (readonly [item: string, shares: Shares])[];
  /**
   * Every edit known here. Ranges and not the highest counter: a writer may have missed its own last
   * edit (a read under quorum), and then it has seen what is before and after a gap.
   */
  readonly seen: SeenTags;
}

export function emptyMap(): AddWinsMap {
  return { entries: [], seen: [] };
}

/**
 * So many more of the item, or less if negative; with none left the item goes, and more are counted from zero.
 * An edit whose tag is known already, being a repetition, changes nothing. RangeError, TypeError.
 */
export function add(map: AddWinsMap, item: string, quantity: number, tag: Tag): AddWinsMap {
  const present = Math.max(0, sumOf(valuesOf(map, item)));
  if (quantity === 0 || !isWhole(quantity) || !isWhole(present + quantity))
    throw new RangeError(`an addition is a whole number, and not 0; it is ${quantity}`);
  const edit = partsOf(tag);
  if (hasSeen(map.seen, edit.editor, edit.counter)) return map;
  const left = present + quantity;
  const kept = forgetEnded(present === 0 || left <= 0 ? remove(map, item) : map, edit);
  return noted(left <= 0 ? kept : counted(kept, item, quantity, tag, edit), edit);
}

/**
 * So many of the item, in place of all that the editor sees; additions made meanwhile by others count on top, and of
 * numbers typed apart the largest holds. RangeError, TypeError.
 */
export function setQuantity(map: AddWinsMap, item: string, quantity: number, tag: Tag): AddWinsMap {
  if (!isPositive(quantity)) throw new RangeError(`a quantity is a whole number from 1, not ${quantity}`);
  const edit = partsOf(tag);
  if (hasSeen(map.seen, edit.editor, edit.counter)) return map;
  const kept = forgetEnded(remove(map, item), edit);
  return noted(withShares(kept, item, [...sharesOf(kept, item), [tag, { typed: quantity }]]), edit);
}

/** Takes the item away, as far as this map has seen it. */
export function remove(map: AddWinsMap, item: string): AddWinsMap {
  const left = sharesOf(map, item).flatMap(([tag, share]) => {
    const rest = takenAway(share);
    return rest === undefined ? [] : [[tag, rest] as const];
  });
  return withShares(map, item, left);
}

/** Commutative, associative and idempotent. */
export function merge(a: AddWinsMap, b: AddWinsMap): AddWinsMap {
  const items = new Set([...a.entries, ...b.entries].map(([item]) => item));
  const entries = [...items].map((item): AddWinsMap['entries'][number] => {
    const [left, right] = [sharesOf(a, item), sharesOf(b, item)];
    const others = new Map(right);
    const shared = left.flatMap(([tag, share]) => {
      const other = others.get(tag);
      return other === undefined ? [] : [[tag, joinShares(share, other)] as const];
    });
    return [item, sortedByKey([...shared, ...unseenBy(b.seen, left), ...unseenBy(a.seen, right)])];
  });
  return {
    entries: sortedByKey(entries.filter(([, shares]) => shares.length > 0)),
    seen: mergeSeen(a.seen, b.seen),
  };
}

/** The reconciler: all siblings as one map. */
export function addWins(siblings: readonly AddWinsMap[]): AddWinsMap {
  return siblings.reduce((a, b) => merge(a, b), emptyMap());
}

/** The items of which there is at least one. */
export function entries(map: AddWinsMap): { item: string; quantity: number }[] {
  return map.entries
    .map(([item]) => ({ item, quantity: sumOf(valuesOf(map, item)) }))
    .filter(({ quantity }) => quantity > 0);
}

/** Whether a value of unknown origin is such a map, in its one form; those of 0.1.0 are. */
export function isAddWinsMap(value: unknown): value is AddWinsMap {
  if (typeof value !== 'object' || value === null || !('entries' in value) || !('seen' in value)) return false;
  const { entries, seen } = value;
  return isSeenTags(seen) && isSortedPairs(entries, (shares): shares is Shares => isShares(shares, seen));
}

/** Adds to the editor's own count of the item, or begins one. */
function counted(map: AddWinsMap, item: string, quantity: number, tag: Tag, edit: TagParts): AddWinsMap {
  const shares = sharesOf(map, item);
  const own = shares.find(([began, share]) => isOwn(map, began, share, edit));
  if (own === undefined) return withShares(map, item, [...shares, [tag, [edit.counter, quantity, 0, 0]]]);
  const [began, share] = own;
  const [, sum, goneUpTo, gone] = isCount(share) ? share : [0, 0, 0, 0];
  const others = shares.filter(([other]) => other !== began);
  return withShares(map, item, [...others, [began, [edit.counter, sum + quantity, goneUpTo, gone]]]);
}

/**
 * Whether a count is the editor's own, and all that it ever added to it is known here. After a gap it is not, and the
 * editor begins another count: two that go on from one state apart would be taken for one.
 */
function isOwn({ seen }: AddWinsMap, began: Tag, share: Share, { editor, counter }: TagParts): boolean {
  const first = parseTag(began);
  if (first?.editor !== editor || !isCount(share) || share[0] >= counter) return false;
  return hasSeen(seen, editor, first.counter, counter - 1);
}

/** An editor's own counts that were taken away need not be remembered: it does not go on with them. */
function forgetEnded(map: AddWinsMap, edit: TagParts): AddWinsMap {
  const entries = map.entries.map(
    ([item, shares]) =>
      [item, shares.filter(([tag, share]) => !isEnded(share) || !isOwn(map, tag, share, edit))] as const,
  );
  return { entries: entries.filter(([, shares]) => shares.length > 0), seen: map.seen };
}

function noted({ entries, seen }: AddWinsMap, { editor, counter }: TagParts): AddWinsMap {
  return { entries, seen: mergeSeen(seen, [[editor, [[counter, counter]]]]) };
}

function withShares({ entries, seen }: AddWinsMap, item: string, shares: Shares): AddWinsMap {
  const others = entries.filter(([other]) => other !== item);
  return { entries: shares.length === 0 ? others : sortedByKey([...others, [item, sortedByKey(shares)]]), seen };
}

function sharesOf(map: AddWinsMap, item: string): Shares {
  return map.entries.find(([other]) => other === item)?.[1] ?? [];
}

const valuesOf = (map: AddWinsMap, item: string): Share[] => sharesOf(map, item).map(([, share]) => share);

function unseenBy(seen: SeenTags, shares: Shares): Shares {
  return shares.filter(([tag]) => {
    const began = parseTag(tag);
    return began === undefined || !hasSeen(seen, began.editor, began.counter);
  });
}

function partsOf(tag: Tag): TagParts {
  const parts = parseTag(tag);
  if (parts === undefined) throw new TypeError(`a tag is editor#counter, not ${tag}`);
  return parts;
}
