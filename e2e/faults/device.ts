/**
 * A browser of its own with its profile on disk: what is said about disks, quotas and killed browsers needs one,
 * since Playwright's ordinary contexts keep their data in memory.
 */
import { type Browser, type BrowserContext, chromium } from '@playwright/test';
import { launchOptionsWithout } from '../launch.ts';
import { keepLinks } from '../page-scripts.ts';
import { mainProcessOf, signalTree } from './processes.ts';

const alwaysDisabled = [
  // Browsers of one machine find each other also where multicast does not work.
  'WebRtcHideLocalIpsWithMdns',
];

export interface DeviceOptions {
  /** In place of the browser's own program: one that runs it. */
  readonly program?: string;
  readonly args?: readonly string[];
  /** Features of the browser that are switched off in this one. */
  readonly disabled?: readonly string[];
  /** Run in every page before its own scripts. */
  readonly scripts?: readonly (() => void)[];
}

export class Device implements AsyncDisposable {
  readonly profile: string;
  readonly context: BrowserContext;
  readonly #browser: Browser;
  /** Of its main process. */
  readonly #pid: number;

  private constructor(profile: string, context: BrowserContext, browser: Browser, pid: number) {
    this.profile = profile;
    this.context = context;
    this.#browser = browser;
    this.#pid = pid;
  }

  static async start(
    profile: string,
    { program, args = [], disabled = [], scripts = [] }: DeviceOptions = {},
  ): Promise<Device> {
    const launchOptions = launchOptionsWithout(...alwaysDisabled, ...disabled);
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions,
      ...(program === undefined ? {} : { executablePath: program }),
      args: [...launchOptions.args, ...args],
    });
    const browser = context.browser();
    if (browser === null) throw new Error('a profile has a browser of its own');
    for (const script of [keepLinks, ...scripts]) await context.addInitScript(script);
    return new Device(profile, context, browser, await mainProcessOf(browser));
  }

  /** No process of the browser runs any further. */
  stop(): void {
    signalTree(this.#pid, 'SIGSTOP');
  }

  /** All processes of the browser end at once, also if they were stopped; no handler runs. */
  async kill(): Promise<void> {
    if (!this.#browser.isConnected()) return;
    const gone = new Promise<void>((resolve) => this.#browser.once('disconnected', () => resolve()));
    signalTree(this.#pid, 'SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}
