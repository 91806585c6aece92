/**
 * Halves of a ring that edit the same carts apart: by dropped frames over living links, with links that break
 * meanwhile, and with the network itself gone so long that the browser gives the links up.
 */
import { type CDPSession, expect, type Page } from '@playwright/test';
import { audit, editCarts, readCarts, reconcilerScript } from './carts.ts';
import { type Cluster, nth } from './cluster.ts';
import { figure, test } from './fixtures.ts';
import { keepLinks } from './page-scripts.ts';
import type { Tab } from './tab.ts';

const carts = Array.from({ length: 10 }, (_, at) => `basket/${at}`);
const editsOfASide = 100;

let reconcilers: { content: string };

test.beforeAll(async () => {
  reconcilers = await reconcilerScript();
});

/** Both sides edit at once, the tabs of a side share its edits. */
async function editApart(sides: readonly (readonly Tab[])[]) {
  const edits = sides.flatMap((side) =>
    side.map((tab, at) => {
      const share = Math.floor(editsOfASide / side.length) + (at < editsOfASide % side.length ? 1 : 0);
      return editCarts(tab, carts, share);
    }),
  );
  return Promise.all(edits);
}

/** Waits until all tabs read the same in all carts, and all replicas hold the same. Returns the ms it took. */
function cartsEqual(cluster: Cluster, withinMs: number): Promise<number> {
  return cluster.until(async () => {
    const read = await cluster.all((tab) => readCarts(tab, carts));
    expect(new Set(read.map((maps) => JSON.stringify(maps))).size).toBe(1);
    await cluster.expectReplicasEqual(carts);
  }, withinMs);
}

/** Each side sees all of the others gone. */
async function expectApart(sides: readonly (readonly Tab[])[], withinMs: number): Promise<void> {
  for (const side of sides) {
    const far = sides.filter((other) => other !== side).flat();
    for (const tab of side) {
      await expect(async () => {
        const { members } = await tab.view();
        const statuses = far.map(({ id }) => members.find((member) => member.id === id)?.status);
        expect(statuses).toEqual(far.map(() => 'unreachable'));
      }).toPass({ timeout: withinMs, intervals: [100] });
    }
  }
}

/** Waits for the clock. */
function hasPassed(from: number, ms: number): Promise<void> {
  return expect.poll(() => performance.now() - from, { timeout: ms + 10_000 }).toBeGreaterThan(ms);
}

for (const { seconds, healMs, breaks } of [
  { seconds: 6, healMs: 5000, breaks: false },
  { seconds: 40, healMs: 15_000, breaks: true },
]) {
  const what = breaks ? 'in which links break' : 'over living links';
  test(`[MEM-5] [AE-1] [VER-2] carts edited on both sides of a cut of ${seconds} s, ${what}, lose nothing`, async ({
    cluster,
  }) => {
    test.setTimeout(150_000);
    const tabs = await cluster.open(5, { scripts: [reconcilers, keepLinks] });
    await cluster.agreed();
    const sides = [tabs.slice(0, 2), tabs.slice(2)];
    const from = performance.now();
    await cluster.cut(...sides);
    const edits = await editApart(sides);
    figure(`${2 * editsOfASide} edits took ${Math.round(performance.now() - from)} ms from the cut on`);
    await expectApart(sides, 10_000);
    if (breaks) await cluster.all((tab) => tab.page.evaluate(() => links.breakAll()));
    await hasPassed(from, seconds * 1000);
    await cluster.heal();
    figure(`equal everywhere ${await cartsEqual(cluster, healMs)} ms after the heal`);
    expect(edits.flatMap(({ errors }) => errors)).toEqual([]);
    expect(audit(edits, await readCarts(nth(tabs, 0), carts))).toEqual({
      lost: [],
      unexpected: [],
      removedButPresent: [],
      miscounted: [],
    });
    await cluster.hintsDrained(10_000);
    await cluster.expectHeld(carts);
    await cluster.agreed();
  });
}

/** From before the page's first connection on, or the browser's throttling does not reach WebRTC. */
async function throttled(page: Page, sessions: Map<Page, CDPSession>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  sessions.set(page, session);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', online);
}

const online = { offline: false, latency: 1, downloadThroughput: -1, uploadThroughput: -1 };

test('[NET-2] [MEM-5] two tabs without a network until their links are given up lose nothing, and are linked again', async ({
  cluster,
}) => {
  test.setTimeout(150_000);
  const sessions = new Map<Page, CDPSession>();
  const prepare = (page: Page) => throttled(page, sessions);
  const tabs = await cluster.open(5, { scripts: [reconcilers, keepLinks], prepare });
  await cluster.agreed();
  const away = tabs.slice(0, 2);
  const sides = [tabs.slice(2), ...away.map((tab) => [tab])];
  const made = await Promise.all(tabs.map((tab) => tab.page.evaluate(() => links.connections.length)));

  const from = performance.now();
  for (const { page } of away) {
    await sessions.get(page)?.send('Network.emulateNetworkConditions', { ...online, offline: true });
  }
  const edits = await editApart(sides);
  figure(`${sides.length * editsOfASide} edits took ${Math.round(performance.now() - from)} ms from the cut on`);
  await expectApart(sides, 10_000);
  for (const [at, { page }] of away.entries()) {
    const states = (count: number) => links.connections.slice(0, count).map(({ connectionState }) => connectionState);
    const givenUp = async () => (await page.evaluate(states, made[at] ?? 0)).every((state) => state === 'closed');
    await expect.poll(givenUp, { timeout: 40_000 }).toBe(true);
  }
  figure(`the browser had given up all links after ${Math.round(performance.now() - from)} ms`);

  for (const { page } of away) await sessions.get(page)?.send('Network.emulateNetworkConditions', online);
  figure(`equal everywhere ${await cartsEqual(cluster, 15_000)} ms after the network was back`);
  expect(edits.flatMap(({ errors }) => errors)).toEqual([]);
  expect(audit(edits, await readCarts(nth(tabs, 0), carts))).toEqual({
    lost: [],
    unexpected: [],
    removedButPresent: [],
    miscounted: [],
  });
  await cluster.agreed();
  const madeSince = await Promise.all(tabs.map((tab) => tab.page.evaluate(() => links.connections.length)));
  expect(madeSince.every((count, at) => count > (made[at] ?? 0))).toBe(true);
  await cluster.hintsDrained(10_000);
  await cluster.expectHeld(carts);
});
