/** One browser in each of four networks, and what the cables and the bridge between them drop. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { Cluster, nth } from '../cluster.ts';
import { test as base, pageFolder, skip } from '../fixtures.ts';
import { Device } from './device.ts';
import { seen, sees, takenForDead } from './links.ts';
import { Namespaces } from './namespaces.ts';
import { type Story, survive } from './survive.ts';

const count = 4;

interface Networked {
  readonly networks: Namespaces;
  readonly devices: readonly Device[];
}

interface Fixtures {
  /** Tabs of the four browsers edit carts of a new room while the story goes on. */
  surviveApart: (story: (networks: Namespaces, ...ring: Parameters<Story>) => Promise<void>) => Promise<void>;
}

let rooms = 0;

const test = base.extend<Fixtures, { networked: Networked | string }>({
  networked: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from this pattern.
    async ({}, use) => {
      const reason = await Namespaces.unavailable();
      if (reason !== undefined) return use(reason);
      const profiles = await mkdtemp(join(tmpdir(), 'tabring-profiles-'));
      const networks = await Namespaces.create(count, pageFolder());
      const devices: Device[] = [];
      try {
        for (let at = 0; at < count; at++) {
          const args = [`--unsafely-treat-insecure-origin-as-secure=${networks.url}`];
          devices.push(await Device.start(join(profiles, `${at}`), { program: await networks.browserOf(at), args }));
        }
        await use({ networks, devices });
      } finally {
        for (const device of devices) await device[Symbol.asyncDispose]();
        await networks[Symbol.asyncDispose]();
        await rm(profiles, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  surviveApart: async ({ browser, networked }, use) => {
    if (typeof networked === 'string') return skip(networked);
    const { networks, devices } = networked;
    const cluster = new Cluster(browser, networks.url, `apart-${++rooms}`);
    await use((story) =>
      survive(cluster, { tabs: () => Promise.all(devices.map(({ context }) => cluster.openIn(context))) }, (ring) =>
        story(networks, ring),
      ),
    );
    await networks.drop([]);
    for (const tab of cluster.tabs) await tab.page.close();
    if (cluster.errors.length > 0) throw new Error(`uncaught in a page: ${cluster.errors.join('\n')}`);
  },
});

test('[MEM-5] [AE-1] networks: two halves that no packet crosses', ({ surviveApart }) =>
  surviveApart(async (networks, { cluster, tabs, carts }) => {
    await networks.drop(networks.between([0, 1], [2, 3]));
    await seen(cluster, tabs.slice(0, 2), tabs.slice(2), ['unreachable']);
    await seen(cluster, tabs.slice(2), tabs.slice(0, 2), ['unreachable']);
    await carts.progress(10);
    await networks.drop([]);
  }));

test('[MEM-3] networks: two of them reach the others, but not each other', ({ surviveApart }) =>
  surviveApart(async (networks, { cluster, tabs, carts }) => {
    const [a, b, ...bridges] = [nth(tabs, 0), nth(tabs, 1), ...tabs.slice(2)];
    await networks.drop(networks.between([0], [1]));
    await seen(cluster, [a, b], [a, b], ['suspect']);
    await carts.progress(10);
    await sees([a, b], bridges, ['up']);
    await sees([a, b], [a, b], ['suspect']);
    await networks.drop([]);
  }));

test('[MEM-3] networks: packets from one to another go no way but back', ({ surviveApart }) =>
  surviveApart(async (networks, { cluster, tabs, carts }) => {
    const [a, b] = [nth(tabs, 0), nth(tabs, 1)];
    await networks.drop([{ from: 0, to: 1 }]);
    await seen(cluster, [a, b], [a, b], ['suspect']);
    for (let round = 0; round < 5; round++) {
      await carts.progress(4);
      await sees([a, b], [a, b], ['suspect']);
      await sees(tabs.slice(2), tabs, ['up']);
    }
    await networks.drop([]);
  }));

test('[MEM-3] networks: packets are lost to and from one: of one in ten the others do not call it dead', ({
  surviveApart,
}) =>
  surviveApart(async (networks, { cluster, tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    const lose = (share: number) =>
      networks.drop([
        { from: 0, share },
        { to: 0, share },
      ]);
    await lose(30);
    await carts.progress(15, others);
    await lose(10);
    await seen(cluster, others, [victim], ['up']);
    expect(await takenForDead(others, [victim], carts.progress(25, others))).toBeLessThan(0.1);
    await networks.drop([]);
  }));

test('[MEM-3] [HINT-1] networks: a cable is pulled and put back, again and again', ({ surviveApart }) =>
  surviveApart(async (networks, { cluster, tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    for (let flap = 0; flap < 3; flap++) {
      await networks.plug(0, 'down');
      await seen(cluster, others, [victim], ['suspect', 'unreachable']);
      await carts.progress(3, others);
      await networks.plug(0, 'up');
      await seen(cluster, others, [victim], ['up']);
    }
  }));

test('[NET-1] networks: one of 200 kilobits a second', ({ surviveApart }) =>
  surviveApart(async (networks, { carts }) => {
    await networks.bandwidth(0, 200);
    await carts.progress(5);
    await networks.bandwidth(0, undefined);
  }));
