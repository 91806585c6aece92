/** The introducer goes away and comes back ([SIG-1]): everything but first contact goes on without it. */
import { expect } from '@playwright/test';
import { startServer } from '../signaling-server/server.ts';
import { nth } from './cluster.ts';
import { figure, pageFolder, test } from './fixtures.ts';
import { keepLinks } from './page-scripts.ts';

test('[SIG-1] [MEM-5] without the introducer tabs go on, mend their links, and let a newcomer in when it is back', async ({
  cluster,
  server,
}) => {
  test.setTimeout(90_000);
  const tabs = await cluster.open(3, { scripts: [keepLinks] });
  await cluster.agreed();
  const context = await cluster.newContext();
  const newcomer = await context.newPage();
  await newcomer.goto(cluster.address.replace(cluster.room, `${cluster.room}-other`));
  await newcomer.waitForFunction(() => 'tabring' in globalThis);

  await server.close();
  await cluster.until(async () => {
    const views = await cluster.all((tab) => tab.view());
    expect(views.map(({ signaling }) => signaling)).toEqual(['connecting', 'connecting', 'connecting']);
  }, 10_000);
  for (const [at, tab] of tabs.entries()) {
    expect((await tab.put(`without ${at}`, at)).quorum).toBe('met');
    for (const reader of tabs) expect((await reader.get(`without ${at}`)).values).toEqual([at]);
  }

  const { page } = nth(tabs, 0);
  const made = await page.evaluate(() => links.connections.length);
  await page.evaluate(() => links.channels[0]?.close());
  const mended = await cluster.until(async () => {
    expect(await page.evaluate(() => links.connections.length)).toBeGreaterThan(made);
    for (const { links } of await cluster.all((tab) => tab.view())) {
      expect(links.map(({ state }) => state)).toEqual(['open', 'open']);
    }
  }, 15_000);
  figure(`a broken link was made again through the third tab in ${mended} ms`);
  await cluster.agreed();

  // The page is there already; only its room is new to it. It must not take the old room's store for the new one.
  await newcomer.evaluate((room) => {
    Reflect.deleteProperty(globalThis, 'tabring');
    location.hash = `#/r/${room}/cart/main`;
  }, cluster.room);
  await expect(newcomer.getByRole('heading', { name: 'Waiting for the introducer' })).toBeVisible({ timeout: 15_000 });
  expect(await newcomer.evaluate(() => 'tabring' in globalThis)).toBe(false);

  const again = await startServer({ dist: pageFolder(), port: server.port });
  try {
    const from = performance.now();
    const tab = await cluster.adopt(newcomer);
    await cluster.agreed();
    figure(`the newcomer was a member ${Math.round(performance.now() - from)} ms after the introducer was back`);
    expect((await tab.get('without 1')).values).toEqual([1]);
    expect((await tab.put('with', 'all')).quorum).toBe('met');
    // The others try again with backoff.
    const states = async () => (await cluster.all((other) => other.view())).map(({ signaling }) => signaling);
    await expect.poll(states, { timeout: 10_000 }).toEqual(['open', 'open', 'open', 'open']);
  } finally {
    await cluster.close();
    await again.close();
  }
});
