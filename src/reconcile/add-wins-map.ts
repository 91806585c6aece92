/**
 * A map from items to quantities that many can edit apart: concurrent additions all count, and a removal
 * takes away only what its editor had seen (an observed-remove map). A plain JSON value, in one form only:
 * equal maps are equal texts. The invariant: whatever is in `seen` and not among the entries was removed;
 * an edit that is not in `seen` is unknown, and is never taken for removed.
 */

/** `editor#counter`, unique for ever; an editor counts its edits of this map from 1. */
export type Tag = string;

type Range = readonly [from: number, to: number];
type Additions = readonly (readonly [tag: Tag, quantity: number])[];
type SeenTags = readonly (readonly [editor: string, counters: readonly Range[]])[];

export interface AddWinsMap {
  /** The additions of each item that nobody has removed. Pairs, so that an item may be called `__proto__`. */
  readonly entries: readonly (readonly [item: string, additions: Additions])[];
  /**
   * Every edit known here. Ranges and not the highest counter: a writer may have missed its own last
   * edit (a read under quorum), and then it has seen what is before and after a gap.
   */
  readonly seen: SeenTags;
}

export function emptyMap(): AddWinsMap {
  return { entries: [], seen: [] };
}

/** So many more of the item. An edit whose tag is known already, being a repetition, changes nothing. */
export function add(map: AddWinsMap, item: string, quantity: number, tag: Tag): AddWinsMap {
  return edited(map, item, quantity, tag, additionsOf(map, item));
}

/** So many of the item, in place of all that the editor sees; additions made meanwhile by others count on top. */
export function setQuantity(map: AddWinsMap, item: string, quantity: number, tag: Tag): AddWinsMap {
  return edited(map, item, quantity, tag, []);
}

/** Takes the item away, as far as this map has seen it. */
export function remove(map: AddWinsMap, item: string): AddWinsMap {
  return { entries: map.entries.filter(([other]) => other !== item), seen: map.seen };
}

/** Commutative, associative and idempotent. */
export function merge(a: AddWinsMap, b: AddWinsMap): AddWinsMap {
  const items = new Set([...a.entries, ...b.entries].map(([item]) => item));
  const entries = [...items].map((item): AddWinsMap['entries'][number] => {
    const [left, right] = [additionsOf(a, item), additionsOf(b, item)];
    const shared = left.filter(([tag]) => right.some(([other]) => other === tag));
    return [item, sortedByKey([...shared, ...unseenBy(b.seen, left), ...unseenBy(a.seen, right)])];
  });
  return {
    entries: sortedByKey(entries.filter(([, additions]) => additions.length > 0)),
    seen: mergeSeen(a.seen, b.seen),
  };
}

/** The reconciler: all siblings as one map. */
export function addWins(siblings: readonly AddWinsMap[]): AddWinsMap {
  return siblings.reduce((a, b) => merge(a, b), emptyMap());
}

export function entries(map: AddWinsMap): { item: string; quantity: number }[] {
  return map.entries.map(([item, additions]) => ({
    item,
    quantity: additions.reduce((sum, [, quantity]) => sum + quantity, 0),
  }));
}

/** Whether a value of unknown origin is such a map, in its one form. */
export function isAddWinsMap(value: unknown): value is AddWinsMap {
  if (typeof value !== 'object' || value === null || !('entries' in value) || !('seen' in value)) return false;
  const { entries, seen } = value;
  if (!isSortedPairs(seen, isRanges) || !isSortedPairs(entries, isAdditions)) return false;
  return entries.every(([, additions]) => additions.every(([tag]) => hasSeen(seen, tag)));
}

function edited(map: AddWinsMap, item: string, quantity: number, tag: Tag, kept: Additions): AddWinsMap {
  if (!isQuantity(quantity)) throw new RangeError(`a quantity is a whole number from 1, not ${quantity}`);
  const dot = parseTag(tag);
  if (dot === undefined) throw new TypeError(`a tag is editor#counter, not ${tag}`);
  if (hasSeen(map.seen, tag)) return map;
  const [editor, counter] = dot;
  const others = map.entries.filter(([other]) => other !== item);
  return {
    entries: sortedByKey([...others, [item, sortedByKey([...kept, [tag, quantity]])]]),
    seen: mergeSeen(map.seen, [[editor, [[counter, counter]]]]),
  };
}

function additionsOf(map: AddWinsMap, item: string): Additions {
  return map.entries.find(([other]) => other === item)?.[1] ?? [];
}

function unseenBy(seen: SeenTags, additions: Additions): Additions {
  return additions.filter(([tag]) => !hasSeen(seen, tag));
}

function mergeSeen(a: SeenTags, b: SeenTags): SeenTags {
  const editors = new Map<string, Range[]>();
  for (const [editor, counters] of [...a, ...b]) editors.set(editor, [...(editors.get(editor) ?? []), ...counters]);
  return sortedByKey([...editors].map(([editor, counters]) => [editor, joinRanges(counters)] as const));
}

/** Sorted, and neither overlapping nor touching. */
function joinRanges(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  return joined;
}

function hasSeen(seen: SeenTags, tag: Tag): boolean {
  const dot = parseTag(tag);
  if (dot === undefined) return false;
  const [editor, counter] = dot;
  const counters = seen.find(([other]) => other === editor)?.[1] ?? [];
  return counters.some(([from, to]) => from <= counter && counter <= to);
}

function parseTag(tag: Tag): [editor: string, counter: number] | undefined {
  const at = tag.lastIndexOf('#');
  const counter = Number(tag.slice(at + 1));
  return at > 0 && isQuantity(counter) && String(counter) === tag.slice(at + 1)
    ? [tag.slice(0, at), counter]
    : undefined;
}

function sortedByKey<T extends readonly [key: string, ...unknown[]]>(pairs: readonly T[]): T[] {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function isQuantity(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** Pairs with strictly rising string keys. */
function isSortedPairs<V>(value: unknown, isValue: (value: unknown) => value is V): value is (readonly [string, V])[] {
  if (!Array.isArray(value)) return false;
  const pairs: readonly unknown[] = value;
  let last: string | undefined;
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [key, content]: readonly unknown[] = pair;
    if (typeof key !== 'string' || (last !== undefined && key <= last) || !isValue(content)) return false;
    last = key;
  }
  return true;
}

function isAdditions(value: unknown): value is Additions {
  return isSortedPairs(value, isQuantity) && value.length > 0;
}

function isRanges(value: unknown): value is readonly Range[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const ranges: readonly unknown[] = value;
  let last = -1;
  for (const range of ranges) {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [from, to]: readonly unknown[] = range;
    if (!isQuantity(from) || !isQuantity(to) || to < from || from <= last + 1) return false;
    last = to;
  }
  return true;
}
