/**
 * The tabs that are measured: pages of the production build in browsers with a profile on disk, since the
 * IndexedDB of Playwright's ordinary contexts may be held in memory. Invariant: what `open` returns is one ring.
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { launchOptionsWithout } from './launch.ts';
import './tab.ts';

const joinMs = 30_000;

const disabled = [
  // Browsers of one machine find each other also where multicast does not work.
  'WebRtcHideLocalIpsWithMdns',
  // A page whose headers the benchmark has added to would count as foreign, and may not reach loopback.
  'LocalNetworkAccessChecks',
  'LocalNetworkAccessChecksWebSockets',
];

export class Tabs implements AsyncDisposable {
  readonly #folder: string;
  readonly #contexts: BrowserContext[] = [];

  /** The profiles are made in this folder, and left there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens a tab in each of so many new profiles, and the rest in the last one. */
  async open(address: string, tabs: number, profiles: number): Promise<Page[]> {
    const pages: Page[] = [];
    for (let profile = 0; profile < profiles; profile++) {
      const context = await this.#launch(new URL(address).origin);
      const here = profile < profiles - 1 ? 1 : tabs - profile;
      pages.push(...(await Promise.all(Array.from({ length: here }, () => context.newPage()))));
    }
    await Promise.all(pages.map((page) => page.goto(address)));
    await Promise.all(pages.map((page) => page.waitForFunction(isWhole, tabs, { polling: 100, timeout: joinMs })));
    return pages;
  }

  async #launch(origin: string): Promise<BrowserContext> {
    const folder = await mkdtemp(join(this.#folder, 'profile-'));
    const context = await chromium.launchPersistentContext(folder, launchOptionsWithout(...disabled));
    this.#contexts.push(context);
    // The compiler names the functions that are sent to a page by way of this.
    await context.addInitScript('globalThis.__name = (value) => value');
    // An isolated page has a clock of 5 us, others one of 100 us.
    await context.route(`${origin}/**`, async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'cross-origin-embedder-policy': 'require-corp' };
      await route.fulfill({ response, headers });
    });
    return context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

/** In a page: whether its node sees all members up, and has a link to each of the others. */
function isWhole(count: number): boolean {
  if (!('tabring' in globalThis)) return false;
  const { members, links } = tabring.view();
  const up = members.filter(({ status }) => status === 'up');
  return up.length === count && links.filter(({ state }) => state === 'open').length === count - 1;
}
