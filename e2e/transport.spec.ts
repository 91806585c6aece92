/** The WebRTC transport between real pages, each in a browser context of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { build } from 'vite';
import { type RunningServer, startServer } from '../signaling-server/server.ts';
import { transportContract } from '../src/testing/transport.contract.ts';
import type { Harness } from './harness/transport.ts';

declare global {
  var harness: Harness;
}

const ids = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd', 'eeeeeeeeeeee'];
const [a = '', b = '', c = ''] = ids;

let dist = '';
let server: RunningServer;
let rooms = 0;
let room = '';

test.beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'tabring-harness-'));
  const root = new URL('./harness/', import.meta.url).pathname;
  await build({ root, configFile: false, logLevel: 'warn', build: { outDir: dist, emptyOutDir: true } });
  server = await startServer({ dist });
});

test.afterAll(async () => {
  await server.close();
  await rm(dist, { recursive: true });
});

test.beforeEach(() => {
  rooms++;
  room = `room-${rooms}`;
});

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  await page.goto(server.url);
  return page;
}

function start(page: Page, id: string, dial: string[] = []): Promise<void> {
  return page.evaluate(([room, id, dial]) => harness.start(room, id, dial), [room, id, dial] as const);
}

const eventsOf = (page: Page) => page.evaluate(() => harness.events());

async function mesh(browser: Browser, count: number): Promise<Page[]> {
  const pages = await Promise.all(ids.slice(0, count).map(() => openPage(browser)));
  await Promise.all(pages.map((page, i) => start(page, ids[i] ?? '', ids.slice(0, count))));
  await Promise.all(pages.map((page) => page.evaluate((links) => harness.connected(links), count - 1)));
  return pages;
}

async function pairOfPages(browser: Browser): Promise<[Page, Page]> {
  const [first, second] = await mesh(browser, 2);
  if (first === undefined || second === undefined) throw new Error('two pages');
  return [first, second];
}

async function closeAll(pages: readonly Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()));
}

test.describe('the contract of a transport, over WebRTC', () => {
  for (const { title } of transportContract) {
    test(title, async ({ browser }) => {
      const page = await openPage(browser);
      await page.evaluate(([title, room]) => harness.runScenario(title, room), [title, room] as const);
      await closeAll([page]);
    });
  }
});

for (const count of [2, 5]) {
  test(`[NET-1] ${count} pages that dial each other at once make one link per pair`, async ({ browser }) => {
    const pages = await Promise.all(ids.slice(0, count).map(() => openPage(browser)));
    await Promise.all(pages.map((page, i) => start(page, ids[i] ?? '', ids.slice(0, count))));
    const times = await Promise.all(pages.map((page) => page.evaluate((links) => harness.connected(links), count - 1)));
    console.log(`connect time of ${count} pages: ${times.join(', ')} ms`);
    for (const page of pages) {
      const up = await eventsOf(page);
      expect(up.length).toBe(count - 1);
      expect(new Set(up).size).toBe(count - 1);
      expect(await page.evaluate(() => [harness.alive(), harness.made()])).toEqual([count - 1, count - 1]);
    }
    await closeAll(pages);
  });
}

test('[SIG-1] introduced() resolves with those present once there is a link to each', async ({ browser }) => {
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => openPage(browser)));
  if (!first || !second || !third) throw new Error('three pages');
  await start(first, a);
  expect(await first.evaluate(() => harness.introduced())).toEqual([]);
  await start(second, b);
  expect(await second.evaluate(() => harness.introduced())).toEqual([a]);
  expect(await second.evaluate(() => harness.open())).toBe(1);
  await start(third, c);
  expect((await third.evaluate(() => harness.introduced())).toSorted()).toEqual([a, b]);
  expect(await third.evaluate(() => harness.open())).toBe(2);
  await closeAll([first, second, third]);
});

test('[NET-2] a reload is seen as one down and one up, and leaves no ghost', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  for (const [page, id, other, otherId] of [
    [second, b, first, a],
    [first, a, second, b],
  ] as const) {
    const before = (await eventsOf(other)).length;
    const from = Date.now();
    await page.reload();
    await expect.poll(async () => (await eventsOf(other)).length, { intervals: [10] }).toBeGreaterThan(before);
    console.log(`a reload of ${id} was noticed after ${Date.now() - from} ms (with the reload itself)`);
    await start(page, id);
    await page.evaluate(() => harness.connected(1));
    await expect.poll(() => other.evaluate(() => harness.open())).toBe(1);
    expect((await eventsOf(other)).slice(before)).toEqual([`down ${id}`, `up ${id}`]);
    expect(await eventsOf(page)).toEqual([`up ${otherId}`]);
    await expect.poll(() => other.evaluate(() => harness.alive())).toBe(1);
  }
  await closeAll([first, second]);
});

test('[NET-2] closing a page is noticed at once', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  const from = Date.now();
  await second.close();
  await expect.poll(() => eventsOf(first), { intervals: [10] }).toEqual([`up ${b}`, `down ${b}`]);
  const took = Date.now() - from;
  console.log(`a closed page was noticed after ${took} ms`);
  expect(took).toBeLessThan(1500);
  await closeAll([first, second]);
});

test('[NET-1] after a crash the new page takes the place of the old link', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  const session = await second.context().newCDPSession(second);
  const crashed = second.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
  const again = await openPage(browser);
  await start(again, b);
  const took = await again.evaluate(() => harness.connected(1));
  console.log(`the page after a crash was linked after ${took} ms`);
  await expect.poll(() => eventsOf(first)).toEqual([`up ${b}`, `down ${b}`, `up ${b}`]);
  expect(await first.evaluate(() => harness.links())).toEqual([{ peer: b, state: 'open' }]);
  await closeAll([first, second, again]);
});

test('[NET-1] 1,000 messages per lane and one of 1 MiB arrive whole and in order', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  const long = 1_048_576;
  await first.evaluate(([peer, long]) => harness.sendMany(peer, long), [b, long] as const);
  await expect
    .poll(() => second.evaluate((long) => harness.gotMany(long), long))
    .toEqual({ inOrder: true, longIsWhole: true });
  await closeAll([first, second]);
});

test('[NET-1] control overtakes bulk that waits', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  await first.evaluate((peer) => {
    for (let i = 0; i < 8; i++) harness.send(peer, 100 + i, 1_048_576, 'bulk');
    setTimeout(() => harness.send(peer, 9, 10, 'control'));
  }, b);
  await expect.poll(async () => (await second.evaluate(() => harness.received())).length).toBe(9);
  const order = (await second.evaluate(() => harness.received())).map(({ first }) => first);
  expect(order.filter((first) => first >= 100)).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
  expect(order.indexOf(9)).toBeLessThan(3);
  await closeAll([first, second]);
});

test('[faults] through a cut nothing comes back, and after the heal all is there at once', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  await first.evaluate((peer) => harness.cut(peer, 'both'), b);
  await second.evaluate((peer) => harness.send(peer, 7, 10, 'control'), a);
  await second.evaluate(() => harness.breakChannel(0));
  await expect.poll(() => eventsOf(first)).toEqual([`up ${b}`, `down ${b}`]);
  await expect.poll(() => second.evaluate(() => harness.links())).toEqual([{ peer: a, state: 'connecting' }]);
  expect(await first.evaluate(() => harness.links())).toEqual([{ peer: b, state: 'cut' }]);
  const from = Date.now();
  await first.evaluate(() => harness.heal());
  await expect.poll(() => eventsOf(first), { intervals: [10] }).toEqual([`up ${b}`, `down ${b}`, `up ${b}`]);
  console.log(`a link that broke in a cut was back ${Date.now() - from} ms after the heal`);
  expect(await first.evaluate(() => harness.received())).toEqual([]);
  await second.evaluate((peer) => harness.send(peer, 8, 10, 'control'), a);
  await expect.poll(() => first.evaluate(() => harness.received())).toEqual([{ from: b, first: 8, length: 10 }]);
  await closeAll([first, second]);
});

test('[SIG-1] without signaling links stay, and a broken one is made again through a third', async ({ browser }) => {
  const pages = await mesh(browser, 3);
  const [first, second, third] = pages;
  if (!first || !second || !third) throw new Error('three pages');
  const { port } = server;
  await server.close();
  for (const page of pages) await expect.poll(() => page.evaluate(() => harness.signaling())).toBe('connecting');
  expect(await first.evaluate(() => harness.open())).toBe(2);

  const before = await Promise.all(pages.map((page) => page.evaluate(() => harness.events().length)));
  const from = Date.now();
  await first.evaluate(() => harness.breakChannel(0));
  await expect
    .poll(() => first.evaluate(() => harness.events().length), { intervals: [10] })
    .toBe((before[0] ?? 0) + 2);
  console.log(`without signaling a broken link was back after ${Date.now() - from} ms`);
  for (const page of pages) await expect.poll(() => page.evaluate(() => harness.open())).toBe(2);
  for (const page of pages) expect(await page.evaluate(() => harness.alive())).toBe(2);

  server = await startServer({ dist, port });
  for (const page of pages) await expect.poll(() => page.evaluate(() => harness.signaling())).toBe('open');
  const after = await Promise.all(pages.map((page) => page.evaluate(() => harness.events().length)));
  expect(after.reduce((sum, events) => sum + events)).toBe(before.reduce((sum, events) => sum + events) + 4);
  await closeAll(pages);
});

test('[NET-3] malformed frames are counted by reason, and too many of them end the link', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  await second.evaluate(() => harness.sendRaw(0, [[255, 255, 255], 'text']));
  await second.evaluate((peer) => harness.send(peer, 2, 10, 'control'), a);
  await expect.poll(() => first.evaluate(() => harness.rejected())).toEqual({ 'bad-frame': 2, message: 1 });
  expect(await eventsOf(first)).toEqual([`up ${b}`]);
  // A link-level payload that is neither an introduction nor a goodbye.
  await second.evaluate(() => harness.sendRaw(0, [[0b1110, 0, 0, 2, 123, 125]]));
  await expect.poll(() => first.evaluate(() => harness.rejected().payload)).toBe(1);
  await second.evaluate(() => harness.sendRaw(0, new Array(30).fill([1, 2, 3])));
  await expect.poll(() => eventsOf(first)).toEqual([`up ${b}`, `down ${b}`]);
  await expect.poll(() => eventsOf(second)).toEqual([`up ${a}`, `down ${a}`]);
  expect(await first.evaluate(() => harness.rejected()['bad-frame'])).toBe(18);
  await closeAll([first, second]);
});

test('figures: round trips, echoes and bulk', async ({ browser }) => {
  const [first, second] = await pairOfPages(browser);
  await first.evaluate((peer) => harness.roundTrips(peer, 200), b);
  const trips = await first.evaluate((peer) => harness.roundTrips(peer, 1000), b);
  const echoes = await first.evaluate((peer) => harness.echoesPerSecond(peer, 20_000, 256), b);
  console.log(`round trip of 300 bytes: p50 ${trips.p50} ms, p99 ${trips.p99} ms; ${echoes} echoes/s, 256 under way`);
  console.log(
    `bulk: ${await first.evaluate((peer) => harness.bulkPerSecond(peer, 16), b)} MB/s, with the echo of the last MiB`,
  );
  expect(trips.p50).toBeLessThan(20);
  await closeAll([first, second]);
});
