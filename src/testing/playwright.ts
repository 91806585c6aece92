/**
 * `tabring/testing/playwright`: rings of real tabs, for tests of an application whose page exposes its open store
 * as `globalThis.tabring`. Invariant: `tabs` names the tabs that run.
 */
import { type Browser, type BrowserContext, test as base, expect, type JSHandle, type Page } from '@playwright/test';
import type { NodeId, Store } from '../api/api.ts';

export interface RingTab {
  readonly page: Page;
  /** The store of the page, until the page is loaded again or goes elsewhere. */
  readonly store: JSHandle<Store<unknown>>;
  readonly id: NodeId;
}

export interface OpenOptions {
  /** Default: the base URL of Playwright's configuration. */
  readonly url?: string;
  /** Tabs of one browser context share a profile; otherwise, the default, each has a profile of its own. */
  readonly together?: boolean;
  /** Run in every page of the context before its own scripts. */
  readonly scripts?: readonly ((() => void) | { content: string })[];
  /** Called with each new page before it is sent anywhere. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Within how many ms tabs become one ring, unless a test says otherwise. */
const joinMs = 20_000;
const intervals = [50];

/** Waits until the page exposes a store, for as long as Playwright waits for anything. */
export async function tabOf(page: Page): Promise<RingTab> {
  const exposed = (): Store<unknown> => Reflect.get(globalThis, 'tabring');
  const store = await page.waitForFunction(exposed, undefined, { polling: 50 });
  return { page, store, id: await store.evaluate((store) => store.view().self.id) };
}

/** The tabs that a test has opened, all in one room, which must be theirs alone. */
export class TabRing<T extends RingTab = RingTab> {
  tabs: T[] = [];
  readonly #browser: Browser;
  readonly #tabOf: (page: Page) => Promise<T>;
  readonly #contexts = new Set<BrowserContext>();

  /** `tabOf` makes a tab of a page that was sent to its address. */
  constructor(browser: Browser, tabOf: (page: Page) => Promise<T>) {
    this.#browser = browser;
    this.#tabOf = tabOf;
  }

  /** Opens so many tabs at once. Each has joined a ring when this resolves, but they may not be one yet: `agreed`. */
  async open(count: number, options: OpenOptions = {}): Promise<T[]> {
    const shared = options.together ? await this.newContext(options) : undefined;
    const openOne = async (): Promise<T> => this.openIn(shared ?? (await this.newContext(options)), options);
    return Promise.all(Array.from({ length: count }, openOne));
  }

  /** Opens one more tab in the profile of another. */
  async openIn(context: BrowserContext, { url = '/', prepare }: OpenOptions = {}): Promise<T> {
    const page = await context.newPage();
    await prepare?.(page);
    await page.goto(url);
    return this.adopt(page);
  }

  /** Takes a page that was opened otherwise, or that was loaded again. */
  async adopt(page: Page): Promise<T> {
    const tab = await this.#tabOf(page);
    this.tabs.push(tab);
    return tab;
  }

  /** A profile of its own, which `close` ends. */
  async newContext({ scripts = [] }: OpenOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext();
    this.#contexts.add(context);
    for (const script of scripts) await context.addInitScript(script);
    return context;
  }

  /** The tab ends as its user would end it. */
  async closeTab(tab: T): Promise<void> {
    this.forget(tab);
    await tab.page.close({ runBeforeUnload: false });
  }

  /** For a tab that has ended, or left the ring, by other means. */
  forget(tab: T): void {
    this.tabs = this.tabs.filter((other) => other !== tab);
  }

  /** All tabs have the same table, and each sees all of them, and nobody else, up. Returns the ms it took. */
  async agreed(withinMs = joinMs): Promise<number> {
    const from = performance.now();
    const ids = this.tabs.map(({ id }) => id).toSorted();
    const isOneRing = async (): Promise<void> => {
      const views = await Promise.all(this.tabs.map(({ store }) => store.evaluate((store) => store.view())));
      for (const { members } of views) {
        const up = members.filter(({ status }) => status === 'up').map(({ id }) => id);
        expect(up.toSorted()).toEqual(ids);
      }
      expect(new Set(views.map(({ ring }) => ring.hash)).size).toBe(1);
    };
    await expect(isOneRing).toPass({ timeout: withinMs, intervals });
    return Math.round(performance.now() - from);
  }

  /** No frame passes between these groups of tabs, in either direction, until `heal`. The links stay up. */
  async cut(...groups: readonly (readonly T[])[]): Promise<void> {
    const cuts = groups.flatMap((group) => {
      const far = groups.filter((other) => other !== group).flatMap((other) => other.map(({ id }) => id));
      return group.map(({ store }) => store.evaluate((store, far) => store.faults.cut(far), far));
    });
    await Promise.all(cuts);
  }

  async heal(): Promise<void> {
    await Promise.all(this.tabs.map(({ store }) => store.evaluate((store) => store.faults.heal())));
  }

  /** Ends all tabs and profiles that were opened here. */
  async close(): Promise<void> {
    this.tabs = [];
    await Promise.all([...this.#contexts].map((context) => context.close()));
  }
}

/** Playwright's `test`, with a `ring` of no tabs at first. What a test opens in it is closed after the test. */
export const test: ReturnType<typeof base.extend<{ ring: TabRing }>> = base.extend<{ ring: TabRing }>({
  ring: async ({ browser }, use) => {
    const ring = new TabRing(browser, tabOf);
    await use(ring);
    await ring.close();
  },
});
