/** A page's network as the browser can spoil it: packets, and not frames, below every connection. */
import type { CDPSession, Page } from '@playwright/test';

export interface Network {
  readonly offline?: boolean;
  /** In ms. */
  readonly latency?: number;
  /** In percent. */
  readonly packetLoss?: number;
  readonly packetReordering?: boolean;
  /** Bytes per second. */
  readonly downloadThroughput?: number;
  readonly uploadThroughput?: number;
}

/** It reaches only connections that were made after it had some effect: hence the latency. */
const sound = { offline: false, latency: 1, downloadThroughput: -1, uploadThroughput: -1 };

export class Networks {
  readonly #sessions = new Map<Page, CDPSession>();

  /** Before the page's first connection. */
  readonly arm = async (page: Page): Promise<void> => {
    const session = await page.context().newCDPSession(page);
    this.#sessions.set(page, session);
    await session.send('Network.enable');
    await this.become(page, {});
  };

  async become(page: Page, network: Network): Promise<void> {
    await this.#sessions.get(page)?.send('Network.emulateNetworkConditions', { ...sound, ...network });
  }
}
