/**
 * The names of edits, and sets of them as ranges: what has been seen of a map that many edit. Invariant: a set has one
 * form, sorted, with ranges that neither overlap nor touch.
 */

/** `editor#counter`, unique for ever; an editor counts its edits of this map from 1. */
export type Tag = string;

type Range = readonly [from: number, to: number];
export type SeenTags = readonly (readonly [editor: string, counters: readonly Range[]])[];

export interface TagParts {
  readonly editor: string;
  readonly counter: number;
}

/** Undefined of a text that is no tag. */
export function parseTag(tag: Tag): TagParts | undefined {
  const at = tag.lastIndexOf('#');
  const counter = Number(tag.slice(at + 1));
  return at > 0 && isPositive(counter) && String(counter) === tag.slice(at + 1)
    ? { editor: tag.slice(0, at), counter }
    : undefined;
}

/** Whether all of an editor's edits from one to another are in the set. */
export function hasSeen(seen: SeenTags, editor: string, first: number, last = first): boolean {
  const counters = seen.find(([other]) => other === editor)?.[1] ?? [];
  return counters.some(([from, to]) => from <= first && last <= to);
}

export function mergeSeen(a: SeenTags, b: SeenTags): SeenTags {
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

export function sortedByKey<T extends readonly [key: string, ...unknown[]]>(pairs: readonly T[]): T[] {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

export const isPositive = (value: unknown): value is number => isWhole(value) && value >= 1;

/** Pairs with strictly rising string keys. */
export function isSortedPairs<V>(
  value: unknown,
  isValue: (value: unknown) => value is V,
): value is (readonly [string, V])[] {
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

export const isSeenTags = (value: unknown): value is SeenTags => isSortedPairs(value, isRanges);

function isRanges(value: unknown): value is readonly Range[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const ranges: readonly unknown[] = value;
  let last = -1;
  for (const range of ranges) {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [from, to]: readonly unknown[] = range;
    if (!isPositive(from) || !isPositive(to) || to < from || from <= last + 1) return false;
    last = to;
  }
  return true;
}
