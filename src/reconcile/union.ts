/**
 * A set that reconciles by union, as the paper's cart does (P§4.4): an addition is never lost, and a
 * removed item may come back when somebody else had not seen the removal. Kept sorted, each item once,
 * so that equal sets are equal texts.
 */

export function union<T extends string | number>(siblings: readonly (readonly T[])[]): T[] {
  return [...new Set(siblings.flat())].sort(compare);
}

/** Numbers before texts: `1` and `'1'` are two items, in one order. NaN, which is like no number, comes last of them. */
function compare(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

export function withItem<T extends string | number>(set: readonly T[], item: T): T[] {
  return union([set, [item]]);
}

export function withoutItem<T extends string | number>(set: readonly T[], item: T): T[] {
  return set.filter((other) => other !== item);
}
