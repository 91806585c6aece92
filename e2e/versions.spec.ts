/** Tabs of several builds in one room, and databases of the build before, in a real browser. */

import { encode } from '@msgpack/msgpack';
import { test as base, expect, type Page } from '@playwright/test';
import type { RunningServer } from '../signaling-server/server.ts';
import { addWinsMap, type NodeView } from '../src/index.ts';
import { decodeToken } from '../src/wire/token.ts';
import { readDatabases, writeDatabases } from './builds/databases.ts';
import { type BuildName, before, buildAll, recorded } from './builds/other-builds.ts';
import { addressOf, serveBuilds } from './builds/served.ts';
import { Cluster, nth } from './cluster.ts';
import { pageFolder } from './fixtures.ts';
import { keepLinks } from './page-scripts.ts';
import type { Tab } from './tab.ts';

interface Fixtures {
  cluster: Cluster;
  /** A tab of this build, alone in its profile unless it is given the page of another one. */
  openBuild: (build: BuildName, page?: Page) => Promise<Tab>;
}

let rooms = 0;

const test = base.extend<Fixtures, { server: RunningServer }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from this pattern.
    async ({}, use) => {
      const server = await serveBuilds(await buildAll(), pageFolder());
      await use(server);
      await server.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  cluster: async ({ browser, server }, use) => {
    const cluster = new Cluster(browser, server.url, `versions-${++rooms}`);
    await use(cluster);
    await cluster.close();
    expect(cluster.errors).toEqual([]);
  },
  openBuild: ({ cluster, server }, use) =>
    use(async (build, page) => {
      const shown = page ?? (await (await cluster.newContext({ scripts: [keepLinks] })).newPage());
      await shown.goto(addressOf(server, build, cluster.room));
      return cluster.adopt(shown);
    }),
});

const alarmsOf = async (tab: Tab): Promise<NodeView['alarms']> =>
  (await tab.view()).alarms.filter(({ code }) => code === 'other-version');

async function expectAlarm(tab: Tab, message: RegExp): Promise<void> {
  await expect.poll(() => alarmsOf(tab)).toMatchObject([{ message: expect.stringMatching(message) }]);
}

/** All that the tab has ever made: a link that was made again would be one more. */
const connectionsOf = (tab: Tab): Promise<string[]> =>
  tab.page.evaluate(() => links.connections.map(({ connectionState }) => connectionState));

/** So many frames more have come to the tab, over the one link it has; it has made no other. */
async function hears(tab: Tab, frames: number): Promise<void> {
  const heard = await tab.page.evaluateHandle(() => {
    const counted = { frames: 0 };
    for (const channel of links.channels) channel.addEventListener('message', () => counted.frames++);
    return counted;
  });
  await expect.poll(() => heard.evaluate((counted) => counted.frames), { timeout: 45_000 }).toBeGreaterThan(frames);
  expect(await connectionsOf(tab)).toEqual(['connected']);
}

const putAlone = async (tab: Tab, key: string, value: unknown): Promise<void> => {
  expect((await tab.put(key, value)).acks).toEqual([tab.id]);
};

/** Frames of malformed messages that end a link, and far more of what an old tab sends in that time. */
const many = 50;

test('[NET-5] [STO-4] a tab of the build before, and a new one: both work apart, and unite when the old one is reloaded', async ({
  cluster,
  openBuild,
}) => {
  const old = await openBuild(before);
  await old.page.evaluate(() => {
    const { add, emptyMap } = library.addWinsMap;
    return tabring.put('cart/main', add(emptyMap(), 'loaf', 2, 'old.1#1'));
  });
  await putAlone(old, 'old', 'of the old tab');
  const context = await cluster.newContext({ scripts: [keepLinks] });
  const tab = await cluster.openIn(context);
  await expectAlarm(tab, new RegExp(`^Tab ${old.id} has an older version of this page: reload that tab\\.`));
  const banner = tab.page.locator('[data-testid=alarm][data-code=other-version]');
  await expect(banner).toContainText('Tabs have different versions of this page');
  await expect(banner).toContainText('reload that tab');

  await putAlone(tab, 'new', 'of the new tab');
  for (const each of [old, tab]) await putAlone(each, 'both', each.id);
  await tab.page.getByRole('button', { name: 'Add Lemons' }).click();
  await expect(tab.page.getByTestId('line-lemon')).toBeVisible();
  await hears(tab, many);
  const [oldView, view] = [await old.view(), await tab.view()];
  expect([view.rejected, view.links, view.members.length]).toEqual([{}, [{ peer: old.id, state: 'open' }], 1]);
  expect([oldView.links, oldView.members.length]).toEqual([[{ peer: tab.id, state: 'open' }], 1]);
  // It takes greetings for malformed messages: 20 would end the link.
  expect(oldView.rejected.message).toBeLessThan(10);
  expect(await connectionsOf(old)).toEqual(['connected']);
  for (const each of [old, tab]) await putAlone(each, `${each.id} goes on`, each.id);

  cluster.forget(old);
  const again = await openBuild('this', old.page);
  expect([again.id, again.epoch]).toEqual([old.id, old.epoch + 1]);
  await cluster.agreed();
  await expect(banner).toBeHidden();
  for (const each of cluster.tabs) {
    expect(await alarmsOf(each)).toEqual([]);
    await expect.poll(async () => (await each.get('old')).values).toEqual(['of the old tab']);
    await expect.poll(async () => (await each.get('new')).values).toEqual(['of the new tab']);
    await expect.poll(async () => (await each.get('both')).values.toSorted()).toEqual(cluster.ids);
    for (const id of cluster.ids) await expect.poll(async () => (await each.get(`${id} goes on`)).values).toEqual([id]);
  }
  await expect(tab.page.getByTestId('line-loaf')).toBeVisible();
  await expect(tab.page.getByTestId('line-lemon')).toBeVisible();
  // The old build's line goes on.
  await tab.page.getByRole('button', { name: 'One Sourdough more' }).click();
  await expect(tab.page.getByTestId('line-loaf').getByRole('spinbutton')).toHaveValue('3');
  await cluster.expectHeld(['old', 'new', 'both', 'cart/main']);
});

test('[NET-5] two builds that both greet, and cannot talk, say so on either side, each what to do there', async ({
  cluster,
  openBuild,
}) => {
  const [tab, newer] = [await openBuild('this'), await openBuild('newer')];
  await expectAlarm(
    tab,
    new RegExp(`^This tab has an older version of this page than tab ${newer.id}: reload this tab`),
  );
  await expectAlarm(newer, new RegExp(`^Tab ${tab.id} has an older version of this page: reload that tab`));
  for (const each of [tab, newer]) {
    await putAlone(each, 'key', each.id);
    expect((await each.get('key')).values).toEqual([each.id]);
    const { rejected, links, members } = await each.view();
    expect([rejected, links.map(({ state }) => state), members.length]).toEqual([{}, ['open'], 1]);
    expect(await connectionsOf(each)).toEqual(['connected']);
  }
  await cluster.closeTab(newer);
  await expect.poll(() => alarmsOf(tab)).toEqual([]);
});

test('[NET-5] a newer build that can talk with this one may say what is not known here, and nobody is cut off', async ({
  cluster,
  openBuild,
}) => {
  const [tab, newer] = [await openBuild('this'), await openBuild('talks')];
  await cluster.agreed();
  const unknown = encode({ type: 'of a later build', id: 1 });
  const frame = [0b1100, 0, 0, unknown.length, ...unknown];
  await newer.page.evaluate(
    ([frame, count]) => {
      for (let sent = 0; sent < count; sent++)
        for (const channel of links.channels) channel.send(Uint8Array.from(frame));
    },
    [frame, many] as const,
  );
  await hears(tab, many);
  for (const each of cluster.tabs) {
    const receipt = await each.put(each.id, each.id);
    expect([receipt.quorum, receipt.acks.toSorted()]).toEqual(['met', cluster.ids]);
  }
  for (const each of cluster.tabs) {
    for (const id of cluster.ids) expect((await each.get(id)).values).toEqual([id]);
    const { rejected, links, alarms } = await each.view();
    expect([rejected, links.map(({ state }) => state), alarms]).toEqual([{}, ['open'], []]);
    expect(await connectionsOf(each)).toEqual(['connected']);
  }
  // It did say more: this build's own types are counted when nobody newer says them.
  await tab.page.evaluate((frame) => {
    for (const channel of links.channels) channel.send(Uint8Array.from(frame));
  }, frame);
  await expect.poll(async () => (await newer.view()).rejected).toEqual({ message: 1 });
});

test('[STO-4] [ID-1] [MAP-1] the ring of the build before, opened by this one: the same nodes, with all that they had', async ({
  cluster,
  server,
  openBuild,
}) => {
  const { zone, away, got, nodes } = await recorded();
  const context = await cluster.newContext();
  const page = await context.newPage();
  await page.goto(addressOf(server, 'this'));
  await page.evaluate(writeDatabases, [`tabring/${cluster.room}/`, nodes] as const);
  await page.evaluate((zone) => localStorage.setItem('tabring/zone', zone), zone);
  for (const _ of nodes) await openBuild('this', await context.newPage());
  expect(cluster.ids).toEqual(nodes.map(({ node }) => node));
  await cluster.agreed();
  const databases = await page.evaluate(readDatabases, `tabring/${cluster.room}/`);
  expect(databases.map(({ version }) => version)).toEqual(nodes.map(() => 2));

  const keys = Object.keys(got);
  for (const tab of cluster.tabs) {
    const now = await tab.getAll(keys);
    for (const [at, key] of keys.entries()) {
      const [was, is] = [got[key], now[at]];
      expect({ key, values: is?.values, found: is?.found, quorum: is?.quorum }).toEqual({
        key,
        values: was?.values,
        found: was?.found,
        quorum: 'met',
      });
      // The build before named no forwarded writes.
      const { forwards, ...seen } = decodeToken(is?.context ?? '', key)?.context ?? {};
      expect(seen).toEqual(decodeToken(was?.context ?? '', key)?.context);
    }
  }
  const carts = (await nth(cluster.tabs, 0).get('cart/main')).values;
  expect(carts.filter(addWinsMap.isAddWinsMap).map(addWinsMap.entries)).toEqual([
    [
      { item: 'lemon', quantity: 3 },
      { item: 'loaf', quantity: 1 },
      { item: 'plums', quantity: 1 },
    ],
  ]);
  const { ring, alarms } = await nth(cluster.tabs, 0).view();
  expect(ring.config).toMatchObject({ n: 3, tombstoneMs: 600_000, reapMemoryMs: 604_800_000 });
  expect(alarms).toEqual([]);
  const held = await cluster.all(async (tab) => (await tab.view()).hints.held);
  expect(held.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  expect((await nth(cluster.tabs, 0).view()).members.find(({ id }) => id === away)?.status).toBe('unreachable');

  // What the build before returned as a context replaces what was seen then, siblings and tombstones too.
  for (const key of keys) {
    const tab = nth(cluster.tabs, keys.indexOf(key) % cluster.tabs.length);
    await tab.put(key, 'replaced', { context: got[key]?.context ?? '' });
  }
  for (const tab of cluster.tabs) {
    expect((await tab.getAll(keys)).map(({ values }) => values)).toEqual(keys.map(() => ['replaced']));
  }
});

test('[STO-4] a database of a newer build is not touched, and the error says to reload the page', async ({
  cluster,
  server,
}) => {
  const page = await (await cluster.newContext()).newPage();
  await page.goto(addressOf(server, 'this'));
  const prefix = `tabring/${cluster.room}/`;
  const newer = { node: 'aaaaaaaaaaaa', version: 9, stores: { 'of nine': [['key', 'value']] } } as const;
  await page.evaluate(writeDatabases, [prefix, [newer]] as const);
  await page.waitForFunction(() => 'openRoom' in globalThis);
  const error = await page.evaluate((room) => openRoom(room).then(String, String), cluster.room);
  expect(error).toMatch(/^StorageError: .*written by a newer version of this page: reload this page/);
  expect(await page.evaluate(readDatabases, prefix)).toEqual([newer]);
});
