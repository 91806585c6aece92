/**
 * One tab of a test: a page of the production build, driven through the store that it exposes. The invariant:
 * a test sees of a node what any script on that page can see, and nothing else.
 */
import type { JSHandle, Page } from '@playwright/test';
import type { Context, NodeId, NodeView, Placement, Receipt, ReplicaState, Store, Versions } from '../src/index.ts';
import { type RingTab, tabOf } from '../src/testing/playwright.ts';

declare global {
  /** The open store of the page's room. */
  var tabring: Store<unknown>;
}

export interface Held {
  readonly key: string;
  readonly role: 'primary' | 'hint' | 'extra';
}

export class Tab implements RingTab {
  readonly page: Page;
  readonly store: JSHandle<Store<unknown>>;
  readonly id: NodeId;
  readonly epoch: number;

  private constructor({ page, store, id }: RingTab, epoch: number) {
    this.page = page;
    this.store = store;
    this.id = id;
    this.epoch = epoch;
  }

  /** Waits until the page has joined its room. */
  static async of(page: Page): Promise<Tab> {
    const tab = await tabOf(page);
    return new Tab(tab, await tab.store.evaluate((store) => store.view().self.epoch));
  }

  view(): Promise<NodeView> {
    return this.page.evaluate(() => tabring.view());
  }

  put(key: string, value: unknown, options: { context?: Context; w?: number } = {}): Promise<Receipt> {
    return this.page.evaluate(([key, value, options]) => tabring.put(key, value, options), [
      key,
      value,
      options,
    ] as const);
  }

  get(key: string, options: { r?: number } = {}): Promise<Versions<unknown>> {
    return this.page.evaluate(([key, options]) => tabring.get(key, options), [key, options] as const);
  }

  explain(key: string): Promise<Placement> {
    return this.page.evaluate((key) => tabring.explain(key), key);
  }

  inspect(key: string): Promise<ReplicaState[]> {
    return this.page.evaluate((key) => tabring.inspect(key), key);
  }

  /** Puts all of these at once; the receipts in the same order. */
  putAll(entries: readonly (readonly [key: string, value: unknown])[]): Promise<Receipt[]> {
    return this.page.evaluate(
      (entries) => Promise.all(entries.map(([key, value]) => tabring.put(key, value))),
      entries,
    );
  }

  /** Gets all of these at once. */
  getAll(keys: readonly string[], options: { r?: number } = {}): Promise<Versions<unknown>[]> {
    return this.page.evaluate(([keys, options]) => Promise.all(keys.map((key) => tabring.get(key, options))), [
      keys,
      options,
    ] as const);
  }

  held(): Promise<Held[]> {
    return this.page.evaluate(async () => {
      const all = [];
      for await (const held of tabring.held()) all.push(held);
      return all;
    });
  }

  /** The owners of each key, as this tab sees the ring. */
  owners(keys: readonly string[]): Promise<NodeId[][]> {
    return this.page.evaluate(
      (keys) =>
        keys.map((key) =>
          tabring
            .explain(key)
            .walk.filter(({ role }) => role === 'primary')
            .map(({ node }) => node),
        ),
      keys,
    );
  }

  leave(): Promise<void> {
    return this.page.evaluate(() => tabring.leave());
  }

  /** The renderer dies: no goodbye, no handler runs. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = this.page.waitForEvent('crash');
    // The answer never comes: who would give it is gone.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
  }
}
