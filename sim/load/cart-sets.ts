/**
 * Carts as a set test: an item whose adding was acknowledged, and which nobody who saw it removed, is
 * there at rest (lost = 0); an item is there only if somebody added it (unexpected = 0) without an
 * acknowledged removal by one who saw that (removed-but-present = 0). And there are as many of it as were added
 * and taken since the number typed last: exactly, or within the bounds that edits without an answer leave.
 */
import { type AddWinsMap, entries } from '../../src/reconcile/add-wins-map.ts';
import { mayBeGone } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';
import type { Carts, Edit } from './carts.ts';
import { quantityBounds } from './quantities.ts';
import { addCounts, noCounts, type SetCounts } from './set-counts.ts';

export class CartSets {
  readonly #world: Pick<World, 'report'>;
  readonly #carts: Pick<Carts, 'edits'>;
  readonly #counts = new Map<string, SetCounts>();

  constructor(world: Pick<World, 'report'>, carts: Pick<Carts, 'edits'>) {
    this.#world = world;
    this.#carts = carts;
  }

  /** Of all carts judged, each counted once. */
  get counts(): SetCounts {
    return [...this.#counts.values()].reduce(addCounts, noCounts);
  }

  judge(key: string, cart: AddWinsMap, where: string): void {
    const items = entries(cart);
    const present = new Map(items.map(({ item, quantity }) => [item, quantity]));
    const byItem = new Map<string, Edit[]>();
    const edits = this.#carts.edits.get(key) ?? [];
    const excused = mayBeGone(edits.map(({ write }) => write));
    for (const edit of edits) {
      byItem.set(edit.item, [...(byItem.get(edit.item) ?? []), edit]);
    }
    const say = (text: string): void => this.#world.report('cart', `${where} of ${key} ${text}`);
    let counts: SetCounts = { ...noCounts, duplicates: items.length - present.size };
    for (const [item, own] of byItem) {
      counts = addCounts(counts, judgeItem(item, own, excused, present.get(item) ?? 0, say));
    }
    for (const item of present.keys()) {
      if (byItem.has(item)) continue;
      say(`has ${item}, which nobody added`);
      counts = addCounts(counts, { ...noCounts, unexpected: 1 });
    }
    if (counts.duplicates > 0) say(`has ${counts.duplicates} items twice`);
    if (!this.#counts.has(key)) this.#counts.set(key, counts);
  }
}

function judgeItem(
  item: string,
  edits: readonly Edit[],
  excused: ReadonlySet<number>,
  quantity: number,
  say: (text: string) => void,
): SetCounts {
  const { least, most } = quantityBounds(edits, excused);
  const lost = quantity === 0 && least > 0;
  const back = quantity > 0 && most === 0;
  if (lost) say(`has lost ${item}, of which there are ${least} at least`);
  else if (back) say(`has ${item} again, though it was removed`);
  else if (quantity < least || quantity > most) say(`has ${quantity} of ${item}, not ${least} to ${most}`);
  const additions = edits.filter(({ kind, write }) => kind !== 'remove' && write.status !== 'failed');
  const acked = additions.some(({ write }) => write.status === 'ok' && !excused.has(write.index));
  return {
    ...noCounts,
    attempted: additions.length > 0 ? 1 : 0,
    acked: acked ? 1 : 0,
    lost: lost ? 1 : 0,
    removedButPresent: back ? 1 : 0,
    recovered: quantity > 0 && !acked ? 1 : 0,
  };
}
