/**
 * The tabs of one room of the real page: a ring whose tabs are asked through the store that the page exposes.
 * Waiting is always for a state that all of them report, with a bound.
 */
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { type OpenOptions, TabRing } from '../src/testing/playwright.ts';
import { Tab } from './tab.ts';

const intervals = [50];

export class Cluster extends TabRing<Tab> {
  readonly room: string;
  /** Exceptions that no code of a page has caught. */
  readonly errors: string[] = [];
  readonly #url: string;

  constructor(browser: Browser, url: string, room: string) {
    super(browser, Tab.of);
    this.#url = url;
    this.room = room;
  }

  get ids(): string[] {
    return this.tabs.map(({ id }) => id).toSorted();
  }

  get address(): string {
    return `${this.#url}/#/r/${this.room}/cart/main`;
  }

  override openIn(context: BrowserContext, options: OpenOptions = {}): Promise<Tab> {
    return super.openIn(context, { url: this.address, ...options });
  }

  override adopt(page: Page): Promise<Tab> {
    page.on('pageerror', (error) => this.errors.push(String(error.stack ?? error)));
    return super.adopt(page);
  }

  async crash(tab: Tab): Promise<void> {
    this.forget(tab);
    await tab.crash();
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
}

/** The tab at this place; it is an error of the test if there is none. */
export function nth(tabs: readonly Tab[], at: number): Tab {
  const tab = tabs[at];
  if (tab === undefined) throw new RangeError(`no tab ${at}`);
  return tab;
}
