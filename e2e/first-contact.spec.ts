/** The introducer goes away and comes back while tabs open, close and wait: the data are found, and nothing is left. */
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { type RunningServer, startServer } from '../signaling-server/server.ts';
import { type Cluster, nth } from './cluster.ts';
import { pageFolder, test } from './fixtures.ts';

const databases = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));

/** A page of the room; the introducer serves it, so it is loaded while that is there. */
async function loaded(context: BrowserContext, cluster: Cluster): Promise<Page> {
  const page = await context.newPage();
  await page.goto(cluster.address.replace(/#.*/, '#/r/elsewhere/cart/main'));
  await page.waitForFunction(() => 'tabring' in globalThis);
  return page;
}

const goesTo = (page: Page, room: string): Promise<void> =>
  page.evaluate((room) => {
    Reflect.deleteProperty(globalThis, 'tabring');
    location.hash = `#/r/${room}/cart/main`;
  }, room);

const waits = (page: Page) =>
  expect(page.getByRole('heading', { name: 'Waiting for the introducer' })).toBeVisible({ timeout: 15_000 });

/** The node's databases of the room. */
const ofRoom = async (page: Page, cluster: Cluster): Promise<string[]> =>
  (await databases(page)).filter((name) => name.startsWith(`tabring/${cluster.room}/`));

/** A tab whose node has the data, and one of the same profile that waits, since the introducer has gone. */
async function waitingBesideTheData(cluster: Cluster, server: RunningServer) {
  const context = await cluster.newContext();
  const first = await cluster.openIn(context);
  await first.put('key', 'value');
  const waiting = await loaded(context, cluster);
  await server.close();
  await goesTo(waiting, cluster.room);
  await waits(waiting);
  return { first, waiting };
}

test('[ID-1] a tab that waited in vain leaves nothing that a later one takes for the node with the data', async ({
  cluster,
  server,
}) => {
  const context = await cluster.newContext();
  const first = await cluster.openIn(context);
  await first.put('key', 'value');
  // It waits, since the node with the data is held.
  const second = await loaded(context, cluster);
  const third = await loaded(context, cluster);
  await server.close();
  await goesTo(second, cluster.room);
  await waits(second);
  expect(await ofRoom(third, cluster)).toHaveLength(2);
  await second.close();
  await cluster.closeTab(first);

  // The introducer is away: the node with the data needs nobody.
  await goesTo(third, cluster.room);
  const away = await cluster.adopt(third);
  expect(away.id).toBe(first.id);
  expect((await away.get('key')).values).toEqual(['value']);
  await cluster.closeTab(away);

  const again = await startServer({ dist: pageFolder(), port: server.port });
  try {
    const back = await cluster.openIn(context);
    expect(back.id).toBe(first.id);
    expect((await back.get('key')).values).toEqual(['value']);
    // Who finds no node with a history has looked at all that are free.
    const more = await cluster.openIn(context);
    const expected = [back, more].map(({ id }) => `tabring/${cluster.room}/${id}`);
    await cluster.until(
      async () => expect((await ofRoom(back.page, cluster)).toSorted()).toEqual(expected.toSorted()),
      5000,
    );
  } finally {
    await cluster.close();
    await again.close();
  }
});

test('[ID-1] a tab that waits takes the node of one that closes, and its own new one goes', async ({
  cluster,
  server,
}) => {
  const { first, waiting } = await waitingBesideTheData(cluster, server);
  await cluster.closeTab(first);
  const adopted = await cluster.adopt(waiting);
  expect(adopted.id).toBe(first.id);
  expect((await adopted.get('key')).values).toEqual(['value']);
  expect(await ofRoom(waiting, cluster)).toEqual([`tabring/${cluster.room}/${first.id}`]);
  await cluster.close();
});

test('[ID-1] an introducer that is back finds a waiting tab: it founds no ring beside the data', async ({
  cluster,
  server,
}) => {
  const { first, waiting } = await waitingBesideTheData(cluster, server);
  const again: RunningServer = await startServer({ dist: pageFolder(), port: server.port });
  try {
    await cluster.closeTab(first);
    const tab = await cluster.adopt(waiting);
    await cluster.until(async () => expect((await tab.get('key')).values).toEqual(['value']), 10_000);
  } finally {
    await cluster.close();
    await again.close();
  }
});

test('[API-3] rooms that are left while they open leave no socket, no worker and no database', async ({ cluster }) => {
  const [tab] = await cluster.open(1);
  const other = nth([...cluster.tabs], 0);
  expect(other).toBe(tab);
  const page = await (await cluster.newContext()).newPage();
  const sockets: { closed: boolean }[] = [];
  page.on('websocket', (socket) => {
    const state = { closed: false };
    sockets.push(state);
    socket.on('close', () => {
      state.closed = true;
    });
  });
  await page.goto(cluster.address.replace(/#.*/, '#/r/first/cart/main'));
  await page.evaluate(async (room) => {
    for (let at = 0; at < 12; at++) {
      location.hash = `#/r/${at % 3 === 0 ? room : `left-${at}`}/cart/main`;
      await new Promise((resolve) => setTimeout(resolve, at * 5));
    }
    Reflect.deleteProperty(globalThis, 'tabring');
    location.hash = '#/r/last/cart/main';
  }, cluster.room);
  await page.waitForFunction(() => 'tabring' in globalThis && tabring.view().members.length > 0);
  await cluster.until(async () => {
    expect(sockets.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(page.workers()).toHaveLength(1);
    const locks = await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    expect(locks).toHaveLength(1);
  }, 15_000);
  const { links } = await other.view();
  expect(links.filter(({ state }) => state === 'open')).toEqual([]);
});
