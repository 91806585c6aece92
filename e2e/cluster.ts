/**
 * The tabs of one room. Waiting is always for a state that all of them report, with a bound; the invariant of
 * `tabs`: it names the tabs that run.
 */
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { Tab } from './tab.ts';

export interface OpenOptions {
  /** Tabs of one browser context share a profile; otherwise each has a context, a "device", of its own. */
  readonly together?: boolean;
  /** Run in every page before its own scripts. */
  readonly scripts?: readonly ((() => void) | { content: string })[];
  /** Called with each new page before it is sent anywhere. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const joinMs = 20_000;
const intervals = [50];

export class Cluster {
  readonly room: string;
  tabs: Tab[] = [];
  /** Exceptions that no code of a page has caught. */
  readonly errors: string[] = [];
  readonly #browser: Browser;
  readonly #url: string;
  readonly #contexts = new Set<BrowserContext>();

  constructor(browser: Browser, url: string, room: string) {
    this.#browser = browser;
    this.#url = url;
    this.room = room;
  }

  get ids(): string[] {
    return this.tabs.map(({ id }) => id).toSorted();
  }

  get address(): string {
    return `${this.#url}/#/r/${this.room}/cart/main`;
  }

  /** Opens so many tabs at once. */
  async open(count: number, options: OpenOptions = {}): Promise<Tab[]> {
    const shared = options.together ? await this.newContext(options) : undefined;
    const openOne = async (): Promise<Tab> => this.openIn(shared ?? (await this.newContext(options)), options);
    return Promise.all(Array.from({ length: count }, openOne));
  }

  async openIn(context: BrowserContext, options: Pick<OpenOptions, 'prepare'> = {}): Promise<Tab> {
    const page = await context.newPage();
    await options.prepare?.(page);
    await page.goto(this.address);
    return this.adopt(page);
  }

  /** Takes a page that was opened otherwise. */
  async adopt(page: Page): Promise<Tab> {
    page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)));
    const tab = await Tab.of(page);
    this.tabs.push(tab);
    return tab;
  }

  async newContext({ scripts = [] }: Pick<OpenOptions, 'scripts'> = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext();
    this.#contexts.add(context);
    for (const script of scripts) await context.addInitScript(script);
    return context;
  }

  /** The tab ends as its user would end it. */
  async closeTab(tab: Tab): Promise<void> {
    this.forget(tab);
    await tab.page.close({ runBeforeUnload: false });
  }

  async crash(tab: Tab): Promise<void> {
    this.forget(tab);
    await tab.crash();
  }

  forget(tab: Tab): void {
    this.tabs = this.tabs.filter((other) => other !== tab);
  }

  async close(): Promise<void> {
    this.tabs = [];
    await Promise.all([...this.#contexts].map((context) => context.close()));
  }

  all<R>(ask: (tab: Tab) => Promise<R>): Promise<R[]> {
    return Promise.all(this.tabs.map(ask));
  }

  /** Runs the assertions again and again until they hold. Returns how long that took, in ms. */
  async until(check: () => Promise<void>, withinMs: number): Promise<number> {
    const from = performance.now();
    await expect(check).toPass({ timeout: withinMs, intervals });
    return Math.round(performance.now() - from);
  }

  /** All tabs have the same table, and each sees all of them, and nobody else, up. Returns the ms it took. */
  agreed(withinMs = joinMs): Promise<number> {
    return this.until(async () => {
      const views = await this.all((tab) => tab.view());
      for (const { members } of views) {
        const up = members.filter(({ status }) => status === 'up').map(({ id }) => id);
        expect(up.toSorted()).toEqual(this.ids);
      }
      expect(new Set(views.map(({ ring }) => ring.hash)).size).toBe(1);
    }, withinMs);
  }

  /** Each key is on exactly its owners, as their own, and nowhere else. Returns the ms it took. */
  expectHeld(keys: readonly string[], withinMs = 30_000): Promise<number> {
    return this.until(async () => {
      const owners = await nth(this.tabs, 0).owners(keys);
      const expected = new Map(
        keys.map((key, at) => [key, (owners[at] ?? []).map((id) => `${id} primary`).toSorted()]),
      );
      const found = new Map(keys.map((key): [string, string[]] => [key, []]));
      const held = await this.all(async (tab) => [tab.id, await tab.held()] as const);
      for (const [id, entries] of held) for (const { key, role } of entries) found.get(key)?.push(`${id} ${role}`);
      const wrong = keys.filter((key) => String(found.get(key)?.toSorted()) !== String(expected.get(key)));
      const shown = wrong.slice(0, 3).map((key) => ({ key, held: found.get(key), owners: expected.get(key) }));
      expect({ wrong: wrong.length, shown }).toEqual({ wrong: 0, shown: [] });
    }, withinMs);
  }

  /** No tab holds a hint for another. */
  hintsDrained(withinMs: number): Promise<number> {
    return this.until(async () => {
      const views = await this.all((tab) => tab.view());
      expect(views.map(({ hints }) => hints.held)).toEqual(views.map(() => 0));
    }, withinMs);
  }

  /** Asserts that all replicas of each key are reachable and hold the same versions. */
  async expectReplicasEqual(keys: readonly string[]): Promise<void> {
    const asker = nth(this.tabs, 0);
    const replicas = await Promise.all(keys.map((key) => asker.inspect(key)));
    const differing = keys.filter((_, at) => {
      const primaries = (replicas[at] ?? []).filter(({ role }) => role === 'primary');
      const dots = primaries.map(({ versions }) => String(versions.map(({ dot }) => dot).toSorted()));
      return primaries.some(({ reachable }) => !reachable) || new Set(dots).size !== 1;
    });
    expect(differing).toEqual([]);
  }

  /** No frame passes between these groups, in either direction. */
  async cut(...groups: readonly (readonly Tab[])[]): Promise<void> {
    const cuts = groups.flatMap((group) => {
      const far = groups.filter((other) => other !== group).flatMap((other) => other.map(({ id }) => id));
      return group.map((tab) => tab.page.evaluate((far) => tabring.faults.cut(far), far));
    });
    await Promise.all(cuts);
  }

  async heal(): Promise<void> {
    await this.all((tab) => tab.page.evaluate(() => tabring.faults.heal()));
  }
}

/** The tab at this place; it is an error of the test if there is none. */
export function nth(tabs: readonly Tab[], at: number): Tab {
  const tab = tabs[at];
  if (tab === undefined) throw new RangeError(`no tab ${at}`);
  return tab;
}
