/**
 * A set that reconciles by union, as the paper's cart does (P§4.4): an addition is never lost, and a
 * removed item may come back when somebody else had not seen the removal. Kept sorted, each item once,
 * so that equal sets are equal texts.
 */

export function union<T extends string | number>(siblings: readonly (readonly T[])[]): T[] {
  return [...new Set(siblings.flat())].sort((a, b) => (a < b ? -1 : 1));
}

export function withItem<T extends string | number>(set: readonly T[], item: T): T[] {
  return union([set, [item]]);
}

export function withoutItem<T extends string | number>(set: readonly T[], item: T): T[] {
  return set.filter((other) => other !== item);
}
