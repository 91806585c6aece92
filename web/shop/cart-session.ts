/**
 * One cart of the store, as this tab edits it. Invariant: `local` only grows (it is the join of all that
 * this tab has read and done), so an edit is painted at once, and no answer that comes late takes it back.
 *
 * Because carts merge, an edit needs no queue of its own: each save joins what the store holds with
 * `local`. Saves are one at a time; edits made meanwhile go with the next.
 *
 * Siblings are written back as one, so that they do not stay for ever. All tabs that show the cart hear
 * of them in the same moment; each waits a random while first, visible tabs only, and the first one's
 * write is heard by the others, which then have nothing left to do. Any edit writes back, too.
 */
import { type AddWinsMap, addWinsMap, type Store } from '../../src/index.ts';
import { explained } from '../errors.ts';
import { type MergeView, mergeView } from './merge-view.ts';
import { everywhere, type Saved } from './receipt-chips.ts';

const { add, emptyMap, entries, isAddWinsMap, merge, remove, setQuantity } = addWinsMap;

export type Save =
  | { readonly state: 'none' }
  | { readonly state: 'sending' }
  | ({ readonly state: 'saved' } & Saved)
  /** `maybe`: the write may have been applied all the same. */
  | { readonly state: 'failed'; readonly message: string; readonly maybe: boolean };

export interface CartState {
  readonly lines: readonly Line[];
  /** Whether the store has answered yet. */
  readonly read: boolean;
  readonly save: Save;
  /** Edits that not every owner of the cart is known to have. */
  readonly waiting: number;
  readonly merged: MergeView | undefined;
  /** Versions under this key that are no carts; they are left out. */
  readonly foreign: number;
  /** The line removed last, until something else is. */
  readonly removed: Line | undefined;
  /** What was changed elsewhere last: quantities as they are now, 0 of what is gone. */
  readonly heard: readonly Line[];
}

export interface Line {
  readonly item: string;
  readonly quantity: number;
}

const writeBackMs = { least: 600, most: 3000 };
const inspectMs = { first: 800, again: 3000 };

export class CartSession {
  state: CartState = {
    lines: [],
    read: false,
    save: { state: 'none' },
    waiting: 0,
    merged: undefined,
    foreign: 0,
    removed: undefined,
    heard: [],
  };
  readonly key: string;
  readonly #store: Store<unknown>;
  readonly #changed: () => void;
  readonly #closing = new AbortController();
  /** Who edits, in the map's sense: this session, and no other session of any tab. */
  readonly #editor: string;
  #edits = 0;
  #local: AddWinsMap = emptyMap();
  #unsaved = 0;
  #siblings = 0;
  #saving = false;
  #writeBack: ReturnType<typeof setTimeout> | undefined;
  #inspection: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store<unknown>, cart: string, changed: () => void) {
    this.key = cartKey(cart);
    this.#store = store;
    this.#changed = changed;
    this.#editor = `${store.view().self.id}.${randomName()}`;
    store.addEventListener('membership', this.#inspectSoon);
    void this.#follow();
  }

  /** So many more, or less if negative: what was added and taken in other tabs meanwhile counts as well. */
  add(item: string, quantity = 1): void {
    this.#edit(add(this.#local, item, quantity, this.#tag()));
  }

  /** So many, as somebody typed, in place of what this tab shows. */
  setQuantity(item: string, quantity: number): void {
    if (quantity <= 0) this.remove(item);
    else this.#edit(setQuantity(this.#local, item, quantity, this.#tag()));
  }

  remove(item: string): void {
    const removed = this.state.lines.find((line) => line.item === item);
    this.#edit(remove(this.#local, item));
    this.#set({ removed });
  }

  undoRemove(): void {
    const { removed } = this.state;
    if (!removed) return;
    this.#set({ removed: undefined });
    // Of a line that is not back, two tabs that put it back want one number of it, not the sum.
    const isBack = this.state.lines.some(({ item }) => item === removed.item);
    if (isBack) this.add(removed.item, removed.quantity);
    else this.setQuantity(removed.item, removed.quantity);
  }

  retry(): void {
    void this.#save();
  }

  dismissMerge(): void {
    this.#set({ merged: undefined });
  }

  dispose(): void {
    this.#closing.abort();
    this.#store.removeEventListener('membership', this.#inspectSoon);
    clearTimeout(this.#writeBack);
    clearTimeout(this.#inspection);
  }

  #tag(): string {
    this.#edits += 1;
    return `${this.#editor}#${this.#edits}`;
  }

  #edit(cart: AddWinsMap): void {
    this.#local = cart;
    this.#unsaved += 1;
    this.#set({ lines: entries(cart) });
    void this.#save();
  }

  /** Hears of every new version of the cart. */
  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    try {
      for await (const { values } of this.#store.watch(this.key, { signal })) {
        const carts = values.filter(isAddWinsMap);
        this.#siblings = values.length;
        this.#local = carts.reduce(merge, this.#local);
        const lines = entries(this.#local);
        const heard = this.state.read ? changed(this.state.lines, lines) : [];
        this.#set({
          lines,
          ...(heard.length > 0 ? { heard } : {}),
          read: true,
          foreign: values.length - carts.length,
          merged: mergeView(carts) ?? this.state.merged,
        });
        this.#planWriteBack();
        this.#inspectSoon();
      }
    } catch (error) {
      if (!signal.aborted) this.#set({ save: failure(error) });
    }
  }

  #planWriteBack(): void {
    clearTimeout(this.#writeBack);
    if (this.#siblings < 2 || document.hidden) return;
    const delay = writeBackMs.least + Math.random() * (writeBackMs.most - writeBackMs.least);
    this.#writeBack = setTimeout(() => {
      if (this.#siblings > 1 && !document.hidden) void this.#save();
    }, delay);
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    let again = true;
    // Also when the cart has been left meanwhile: what was painted as done is still written.
    while (again) {
      const edits = this.#unsaved;
      this.#unsaved = 0;
      this.#set({ save: { state: 'sending' } });
      try {
        const receipt = await this.#store.update(this.key, (siblings) =>
          siblings.filter(isAddWinsMap).reduce(merge, this.#local),
        );
        this.#saved({ receipt, primaries: this.#primaries(), replicas: undefined }, edits);
      } catch (error) {
        this.#unsaved += edits;
        this.#set({ save: failure(error) });
        break;
      }
      again = this.#unsaved > 0;
    }
    this.#saving = false;
  }

  #saved(saved: Saved, edits: number): void {
    this.#set({ save: { state: 'saved', ...saved }, waiting: everywhere(saved) ? 0 : this.state.waiting + edits });
    this.#inspectSoon();
  }

  #primaries(): string[] {
    return this.#store
      .explain(this.key)
      .walk.filter(({ role }) => role === 'primary')
      .map(({ node }) => node);
  }

  readonly #inspectSoon = (): void => this.#inspectLater(inspectMs.first);

  /** Asks the replicas what they hold, until all hold the write. */
  #inspectLater(inMs: number): void {
    const { save } = this.state;
    if (this.#inspection !== undefined || save.state !== 'saved' || everywhere(save)) return;
    this.#inspection = setTimeout(() => {
      this.#inspection = undefined;
      void this.#inspect();
    }, inMs);
  }

  async #inspect(): Promise<void> {
    const { save } = this.state;
    if (save.state !== 'saved' || document.hidden || this.#closing.signal.aborted) return;
    const replicas = await this.#store.inspect(this.key).catch(() => undefined);
    if (!replicas || this.state.save !== save) return;
    const saved = { ...save, replicas };
    this.#set({ save: saved, ...(everywhere(saved) ? { waiting: 0 } : {}) });
    this.#inspectLater(inspectMs.again);
  }

  #set(change: Partial<CartState>): void {
    if (this.#closing.signal.aborted) return;
    this.state = { ...this.state, ...change };
    this.#changed();
  }
}

/**
 * A session's own name beside its node's. The node alone is not enough: it may be resumed, or restored from an older copy
 * of the profile, and would count its edits from 1 again.
 */
const randomName = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte % 36).toString(36)).join('');

/** The lines that differ, as they are now. */
function changed(before: readonly Line[], after: readonly Line[]): Line[] {
  const was = new Map(before.map(({ item, quantity }) => [item, quantity]));
  const is = new Set(after.map(({ item }) => item));
  const gone = before.filter(({ item }) => !is.has(item)).map(({ item }) => ({ item, quantity: 0 }));
  return [...after.filter(({ item, quantity }) => was.get(item) !== quantity), ...gone];
}

export const cartKey = (cart: string): string => `cart/${cart}`;

function failure(error: unknown): Save {
  const maybe = error instanceof Error && 'mayHaveApplied' in error;
  return { state: 'failed', message: explained(error), maybe };
}
