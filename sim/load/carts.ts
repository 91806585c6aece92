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
  readonly #editors = new Map<ClientSession, { readonly name: string; count: number }>();

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
      const { kind, item, changed } = this.#change(session, cart);
      const fastest = outcome.replicas[0] ?? '';
      const done = (): boolean => session.busy.delete(key);
      const write = session.put(key, () => JSON.stringify(changed), { token, fastest }, done);
      const edits = this.edits.get(key) ?? [];
      this.edits.set(key, edits);
      edits.push({ kind, item, write });
    });
  }

  #change(session: ClientSession, cart: AddWinsMap): Pick<Edit, 'kind' | 'item'> & { readonly changed: AddWinsMap } {
    const items = entries(cart).map(({ item }) => item);
    const known = this.#world.random.chance(0.6) ? this.#world.random.pick(items) : undefined;
    if (known !== undefined && this.#world.random.chance(0.6)) {
      return { kind: 'remove', item: known, changed: remove(cart, known) };
    }
    const tag = this.#tag(session);
    if (known !== undefined) return { kind: 'set', item: known, changed: setQuantity(cart, known, 7, tag) };
    const item = `item${this.#world.random.int(1, 12)}`;
    return { kind: 'add', item, changed: add(cart, item, 1, tag) };
  }

  #tag(session: ClientSession): string {
    const editor = this.#editors.get(session) ?? { name: this.#world.random.name(), count: 0 };
    this.#editors.set(session, editor);
    editor.count += 1;
    return `${editor.name}#${editor.count}`;
  }
}
