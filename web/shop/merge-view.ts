/**
 * Two or more versions of a cart side by side, and what became of them. Invariant: the result lists
 * exactly the lines of the merged cart; a line that only some sides have says which.
 */
import { type AddWinsMap, addWinsMap } from '../../src/index.ts';

const { entries, merge } = addWinsMap;

export interface MergeLine {
  readonly item: string;
  readonly quantity: number;
  /** Names of the versions that have this item; empty if all have the same of it. */
  readonly from: readonly string[];
}

export interface MergeView {
  readonly sides: readonly { readonly name: string; readonly lines: readonly { item: string; quantity: number }[] }[];
  readonly result: readonly MergeLine[];
  readonly items: number;
}

const sideName = (index: number): string => `Version ${String.fromCharCode(65 + index)}`;

/** Undefined if the versions show the same cart: there is nothing to tell then. */
export function mergeView(carts: readonly AddWinsMap[]): MergeView | undefined {
  const sides = carts.map((cart, index) => ({ name: sideName(index), lines: entries(cart) }));
  const [first, ...rest] = carts;
  if (!first || new Set(sides.map(({ lines }) => JSON.stringify(lines))).size < 2) return undefined;
  const result = entries(rest.reduce(merge, first)).map(({ item, quantity }) => {
    const having = sides.filter(({ lines }) => lines.some((line) => line.item === item));
    const same =
      having.length === sides.length &&
      sides.every(({ lines }) => lines.some((line) => line.item === item && line.quantity === quantity));
    return { item, quantity, from: same ? [] : having.map(({ name }) => name) };
  });
  return { sides, result, items: itemCount(result) };
}

export const itemCount = (lines: readonly { quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);
