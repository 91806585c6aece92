/**
 * Carts as a set test: an item whose adding was acknowledged, and which nobody who saw it removed, is
 * there at rest (lost = 0); an item is there only if somebody added it (unexpected = 0) without an
 * acknowledged removal by one who saw that (removed-but-present = 0).
 */
import { type AddWinsMap, entries } from '../../reconcile/add-wins-map.ts';
import type { Carts, Edit } from '../carts.ts';
import type { World } from '../world.ts';

export class CartSets {
  readonly #world: World;
  readonly #carts: Carts;

  constructor(world: World, carts: Carts) {
    this.#world = world;
    this.#carts = carts;
  }

  judge(key: string, cart: AddWinsMap): void {
    const present = new Set(entries(cart).map(({ item }) => item));
    const byItem = new Map<string, Edit[]>();
    for (const edit of this.#carts.edits.get(key) ?? []) {
      byItem.set(edit.item, [...(byItem.get(edit.item) ?? []), edit]);
    }
    for (const [item, edits] of byItem) this.#judgeItem(key, item, edits, present.has(item));
    for (const item of present) {
      if (!byItem.has(item)) this.#world.report('cart', `${key} has ${item}, which nobody added`);
    }
  }

  #judgeItem(key: string, item: string, edits: readonly Edit[], present: boolean): void {
    const removals = edits.filter(({ kind }) => kind === 'remove');
    const additions = edits.filter(({ kind, write }) => kind !== 'remove' && write.status !== 'failed');
    // What is excused may be gone, as what has no answer may be.
    const sure = ({ write }: Edit): boolean => write.status === 'ok' && !write.excused;
    const sees = (removal: Edit, addition: Edit): boolean => removal.write.token.past.has(addition.write.index);
    const standing = additions.filter(
      (addition) => sure(addition) && !removals.some((one) => one.write.status !== 'failed' && sees(one, addition)),
    );
    if (!present && standing.length > 0) {
      this.#world.report('cart', `${key} lost ${item}, added by write ${standing[0]?.write.index}`);
    }
    const possible = additions.filter((addition) => !removals.some((one) => sure(one) && sees(one, addition)));
    if (present && possible.length === 0) {
      this.#world.report('cart', `${key} has ${item} again, though it was removed`);
    }
  }
}
