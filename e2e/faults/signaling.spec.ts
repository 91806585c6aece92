/** An introducer that is gone, says nothing, or lies, while carts are edited everywhere and links break. */
import { expect } from '@playwright/test';
import { startServer } from '../../signaling-server/server.ts';
import { nth } from '../cluster.ts';
import { pageFolder, test } from '../fixtures.ts';
import { Introducer } from './introducer.ts';
import { type Ring, survive } from './survive.ts';

/** Each connection of a tab ends, and the others make the tab a link again. */
async function breakAndMend(ring: Ring): Promise<void> {
  const { cluster, tabs, carts } = ring;
  const { page } = nth(tabs, 0);
  const made = await page.evaluate(() => links.connections.length);
  await page.evaluate(() => links.channels[0]?.close());
  await carts.progress(5);
  await cluster.until(async () => {
    expect(await page.evaluate(() => links.connections.length)).toBeGreaterThan(made);
    await expectLinked(ring);
  }, 20_000);
}

/** Each tab has an open link to each of the others. */
async function expectLinked({ tabs }: Ring): Promise<void> {
  for (const { links } of await Promise.all(tabs.map((tab) => tab.view()))) {
    expect(links.filter(({ state }) => state === 'open')).toHaveLength(tabs.length - 1);
  }
}

test('[SIG-1] [MEM-5] the introducer is gone, and comes back', async ({ cluster, server }) => {
  let again: Awaited<ReturnType<typeof startServer>> | undefined;
  try {
    await survive(cluster, {}, async (ring) => {
      await server.close();
      await breakAndMend(ring);
      again = await startServer({ dist: pageFolder(), port: server.port });
      await cluster.until(async () => {
        for (const { signaling } of await cluster.all((tab) => tab.view())) expect(signaling).toBe('open');
      }, 15_000);
    });
  } finally {
    await again?.close();
  }
});

test('[SIG-1] a grey introducer takes connections and says nothing', ({ cluster }) => {
  const introducer = new Introducer();
  return survive(cluster, { prepare: introducer.stand }, async (ring) => {
    await introducer.become('grey');
    await breakAndMend(ring);
    for (const { signaling } of await cluster.all((tab) => tab.view())) expect(signaling).toBe('connecting');
    await introducer.become('honest');
  });
});

test('[SIG-1] [NET-3] an introducer lies: what it breaks is whole again once it is honest', ({ cluster }) => {
  const introducer = new Introducer();
  return survive(cluster, { prepare: introducer.stand }, async (ring) => {
    await introducer.become('lying');
    await cluster.until(async () => expect(introducer.lies).toBeGreaterThan(40), 10_000);
    await ring.carts.progress(5);
    await introducer.become('honest');
    await cluster.until(() => expectLinked(ring), 45_000);
  });
});
