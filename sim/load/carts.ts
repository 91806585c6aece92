/**
 * Carts: add-wins maps that many sessions edit at once, and what each edit did, for the set test.
 * Invariant: an edit is get, change, put with the context read, one at a time per session and cart.
 */
import {
  type AddWinsMap,
  add,
  emptyMap,
  entries,
  isAddWinsMap,
  merge,
  remove,
  setQuantity,
} from '../../src/reconcile/add-wins-map.ts';
import type { WriteOperation } from '../world/operation-log.ts';
import { textOf } from '../world/text.ts';
import type { World } from '../world/world.ts';
import type { ClientSession } from './session.ts';

export interface Edit {
  readonly kind: 'add' | 'set' | 'remove';
  readonly item: string;
  /** How many more, or less if negative; of `set` how many; of `remove` 0. */
  readonly quantity: number;
  readonly write: WriteOperation;
}

/** All siblings of a cart as one map. */
export function mergeCarts(values: readonly Uint8Array[]): AddWinsMap {
  return values.map(parse).reduce(merge, emptyMap());
}

function parse(bytes: Uint8Array): AddWinsMap {
  const value: unknown = JSON.parse(textOf(bytes));
  if (!isAddWinsMap(value)) throw new Error(`not a cart: ${textOf(bytes)}`);
  return value;
}

export class Carts {
  readonly edits = new Map<string, Edit[]>();
  readonly #world: Pick<World, 'random'>;
  /** An editor counts its edits of each cart from 1. */
  readonly #editors = new Map<ClientSession, { readonly name: string; readonly counts: Map<string, number> }>();

  constructor(world: Pick<World, 'random'>) {
    this.#world = world;
  }

  /** Starts one edit, unless the session is still at an earlier one of this cart. */
  edit(session: ClientSession, key: string): void {
    if (session.busy.has(key)) return;
    session.busy.add(key);
    const incarnation = session.host.incarnation;
    session.get(key, 0, (outcome, token) => {
      if (session.host.incarnation !== incarnation) return;
      const cart = mergeCarts(outcome.siblings.filter(({ deleted }) => !deleted).map(({ value }) => value));
      const { changed, ...edit } = this.#change(session, key, cart);
      const fastest = outcome.replicas[0] ?? '';
      const done = (): boolean => session.busy.delete(key);
      const write = session.put(key, () => JSON.stringify(changed), { token, fastest }, done);
      const edits = this.edits.get(key) ?? [];
      this.edits.set(key, edits);
      edits.push({ ...edit, write });
    });
  }

  /** What is done to an item that is there goes in turn. */
  #change(session: ClientSession, key: string, cart: AddWinsMap): Omit<Edit, 'write'> & { changed: AddWinsMap } {
    const items = entries(cart).map(({ item }) => item);
    const known = this.#world.random.chance(0.6) ? this.#world.random.pick(items) : undefined;
    const less = known !== undefined && this.#world.random.chance(0.6);
    const { tag, count } = this.#nextEdit(session, key);
    if (less && count % 2 === 0) {
      return { kind: 'remove', item: known, quantity: 0, changed: remove(cart, known) };
    }
    if (known !== undefined && !less && count % 2 === 0) {
      const quantity = 1 + (count % 7);
      return { kind: 'set', item: known, quantity, changed: setQuantity(cart, known, quantity, tag) };
    }
    const item = known ?? `item${this.#world.random.int(1, 4)}`;
    const quantity = less ? -1 - (count % 3) : 1 + (count % 2);
    return { kind: 'add', item, quantity, changed: add(cart, item, quantity, tag) };
  }

  #nextEdit(session: ClientSession, key: string): { readonly tag: string; readonly count: number } {
    const editor = this.#editors.get(session) ?? { name: this.#world.random.name(), counts: new Map() };
    this.#editors.set(session, editor);
    const count = (editor.counts.get(key) ?? 0) + 1;
    editor.counts.set(key, count);
    return { tag: `${editor.name}#${count}`, count };
  }
}
