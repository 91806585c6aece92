/**
 * Carts that the tabs of a ring edit while something is wrong with it, and the books kept of that outside of
 * the tabs: what a tab was asked is known even if it dies before it has answered. Invariant: an edit is in the
 * books as tried before it leaves, and as acknowledged only once its receipt is here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { type AddWinsMap, addWinsMap } from '../../src/index.ts';
import { miscounted } from '../carts.ts';
import type { Cluster } from '../cluster.ts';
import { knowsTag, liveTags } from '../live-tags.ts';
import type { Tab } from '../tab.ts';

const { add, addWins, isAddWinsMap, remove } = addWinsMap;

const items = ['loaf', 'lemon', 'honey', 'eggs', 'milk', 'pear'];
/** Between two edits of a tab: its ring shall be in use, not at its limit. */
const thinkMs = 15;

interface Books {
  readonly tried: Set<string>;
  readonly acked: Set<string>;
  /** What a removal had seen, of the acknowledged ones and of those whose end is not known. */
  readonly removed: Set<string>;
  readonly removedPerhaps: Set<string>;
}

export interface Audit {
  attempted: number;
  acked: number;
  lost: string[];
  unexpected: string[];
  removedButPresent: string[];
  duplicates: string[];
  /** Items of which there is another number than was added. */
  miscounted: string[];
  /** Additions whose tab never had an answer, and that are there. */
  recovered: number;
}

export class Carts {
  readonly keys: readonly string[] = Array.from({ length: 8 }, (_, at) => `basket/${at}`);
  /** What the stores said in place of a receipt. */
  readonly errors: string[] = [];
  readonly #cluster: Cluster;
  readonly #books: Books = { tried: new Set(), acked: new Set(), removed: new Set(), removedPerhaps: new Set() };
  readonly #lastTags = new Map<string, { readonly editor: string; readonly counter: number }>();
  #editors = 0;
  readonly #edits = new Map<Tab, number>();
  readonly #writers: Promise<void>[] = [];
  #stopped = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** This tab edits from now on, one cart after the other, until it is gone or `stop` is called. */
  editIn(tab: Tab): void {
    this.#edits.set(tab, 0);
    this.#writers.push(this.#write(tab));
  }

  /** Waits until each of these tabs has had so many more edits acknowledged. */
  async progress(count: number, tabs: readonly Tab[] = this.#cluster.tabs): Promise<void> {
    const from = new Map(tabs.map((tab) => [tab, this.#edits.get(tab) ?? 0]));
    await this.#cluster.until(async () => {
      for (const [tab, before] of from) expect(this.#edits.get(tab) ?? 0).toBeGreaterThanOrEqual(before + count);
    }, 60_000);
  }

  /** No edit begins after this; resolves when the last one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }

  /** Waits until all tabs read the same in all carts and all replicas hold the same. Returns the ms it took. */
  equal(withinMs: number): Promise<number> {
    return this.#cluster.until(async () => {
      const read = await this.#cluster.all((tab) => this.read(tab));
      expect(new Set(read.map((maps) => JSON.stringify(maps))).size).toBe(1);
      await this.#cluster.expectReplicasEqual(this.keys);
    }, withinMs);
  }

  /** Each cart, merged, as this tab reads it from all its replicas. */
  async read(tab: Tab): Promise<AddWinsMap[]> {
    return (await tab.getAll(this.keys, { r: 3 })).map(({ values }) => addWins(values.filter(isAddWinsMap)));
  }

  /** The cart as a set test: what is there that should not be, and the other way round. */
  audit(carts: readonly AddWinsMap[]): Audit {
    const { tried, acked, removed, removedPerhaps } = this.#books;
    const found = carts.flatMap((cart) => liveTags(cart));
    const final = new Set(found);
    return {
      attempted: tried.size,
      acked: acked.size,
      lost: [...acked].filter((tag) => !final.has(tag) && !removed.has(tag) && !removedPerhaps.has(tag)),
      unexpected: [...final].filter((tag) => !tried.has(tag)),
      removedButPresent: [...final].filter((tag) => removed.has(tag)),
      duplicates: found.filter((tag, at) => found.indexOf(tag) !== at),
      miscounted: carts.flatMap(miscounted),
      recovered: [...final].filter((tag) => !acked.has(tag)).length,
    };
  }

  async #write(tab: Tab): Promise<void> {
    const isHere = (): boolean => this.#cluster.tabs.includes(tab);
    for (let at = 1; !this.#stopped && isHere(); at++) {
      try {
        await this.#edit(tab, at);
        this.#edits.set(tab, (this.#edits.get(tab) ?? 0) + 1);
      } catch (error) {
        // Of a tab that was ended nobody knows what became of its last edit; one that runs has refused.
        if (isHere()) this.errors.push(String(error));
      }
      await pause(thinkMs);
    }
  }

  /** Every third edit removes an item. */
  async #edit(tab: Tab, at: number): Promise<void> {
    const key = this.keys[at % this.keys.length] ?? '';
    const item = items[(at * 7 + this.#writers.length) % items.length] ?? '';
    const { values, context } = await tab.get(key);
    const map = addWins(values.filter(isAddWinsMap));
    if (at % 3 === 0) {
      const seen = liveTags(map, item);
      for (const tag of seen) this.#books.removedPerhaps.add(tag);
      await tab.put(key, remove(map, item), { context });
      for (const tag of seen) this.#books.removed.add(tag);
      return;
    }
    const tag = this.#tag(tab, `${key}/${item}`, map);
    this.#books.tried.add(tag);
    await tab.put(key, add(map, item, 1, tag), { context });
    this.#books.acked.add(tag);
  }

  /**
   * `editor#counter`, unique for ever; an editor counts its additions of each item of each cart from 1. Where its last one
   * cannot be read, as under quorum, another one begins.
   */
  #tag(tab: Tab, line: string, map: AddWinsMap): string {
    const name = `${tab.id}.${tab.epoch}/${line}`;
    const last = this.#lastTags.get(name);
    const isKnown = last !== undefined && knowsTag(map, `${last.editor}#${last.counter}`);
    const editor = isKnown ? last.editor : `${name}~${this.#editors++}`;
    const counter = isKnown ? last.counter + 1 : 1;
    this.#lastTags.set(name, { editor, counter });
    return `${editor}#${counter}`;
  }
}
