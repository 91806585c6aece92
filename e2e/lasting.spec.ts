/** Storage that lasts: what the browser says of it, and profiles whose site data is deleted, with tabs open and closed. */
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { type Cluster, nth } from './cluster.ts';
import { test } from './faults/fixtures.ts';
import { figure } from './fixtures.ts';
import type { Tab } from './tab.ts';

const keys = Array.from({ length: 60 }, (_, at) => `key ${at}`);
const entries = keys.map((key) => [key, `value of ${key}`] as const);

/** All that the origin has in this profile: databases, local and session storage. */
async function clear(page: Page, origin: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
}

async function reloaded(cluster: Cluster, tab: Tab): Promise<Tab> {
  cluster.forget(tab);
  await tab.page.reload();
  return cluster.adopt(tab.page);
}

const codesOf = async (tab: Tab): Promise<string[]> => (await tab.view()).alarms.map(({ code }) => code);

async function expectAllRead(tab: Tab): Promise<void> {
  const found = (await tab.getAll(keys)).map(({ values }) => values);
  expect(found).toEqual(entries.map(([, value]) => [value]));
}

const setQuota = async (context: BrowserContext, page: Page, origin: string, quotaSize?: number): Promise<void> => {
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...(quotaSize && { quotaSize }) });
};

test('[STO-5] the page asks the browser to keep what it stores when somebody presses for that, and shows its answer', async ({
  cluster,
}) => {
  const [tab] = await cluster.open(1);
  if (tab === undefined) throw new Error('a tab');
  const { page } = tab;
  await cluster.until(async () => expect((await tab.view()).storage).toBeDefined(), 5000);
  const { usageBytes = 0, quotaBytes = 0, persisted } = (await tab.view()).storage ?? {};
  expect({ persisted, isWithin: usageBytes < quotaBytes }).toEqual({ persisted: false, isWithin: true });
  await page.getByRole('link', { name: 'Ring', exact: true }).click();
  const panel = page.getByTestId('disk');
  await expect(panel).toContainText('may store');
  // Nothing is there yet that anybody would miss.
  await expect(panel.getByRole('button')).toHaveCount(0);
  await tab.put('cart/main', 'something');
  await panel.getByRole('button', { name: 'Ask the browser to keep it' }).click();
  await expect(panel).toContainText('has not agreed');
  expect(await codesOf(tab)).toEqual(['storage-evictable']);

  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const { browserContextId = '' } = targetInfo;
  await session.send('Browser.grantPermissions', { permissions: ['durableStorage'], browserContextId });
  await panel.getByRole('button', { name: 'Ask the browser to keep it' }).click();
  await expect(panel).toContainText('keeps it until somebody deletes it');
  expect([await codesOf(tab), (await tab.view()).storage?.persisted]).toEqual([[], true]);
});

test('[STO-5] a device that is nearly full is an alarm before a write is refused, until there is space', async ({
  cluster,
  server,
  startDevice,
}) => {
  // With it Chromium says that 10 GiB are left, whatever there is.
  const { context } = await startDevice(undefined, { disabled: ['StaticStorageQuota'] });
  const tab = await cluster.openIn(context);
  await tab.putAll(entries);
  const usage = await tab.page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await setQuota(context, tab.page, server.url, Math.ceil(usage * 1.08));
  const crowded = await reloaded(cluster, tab);
  await cluster.until(
    async () => expect(await codesOf(crowded)).toEqual(['storage-nearfull', 'storage-evictable']),
    5000,
  );
  await expectAllRead(crowded);
  await setQuota(context, tab.page, server.url);
  const roomy = await reloaded(cluster, crowded);
  await cluster.until(async () => expect((await roomy.view()).storage).toBeDefined(), 5000);
  expect(await codesOf(roomy)).toEqual([]);
});

test('[STO-6] [MEM-6] a profile cleared while its tab is closed comes back as a new node, and its old one goes out', async ({
  cluster,
  server,
}) => {
  const context = await cluster.newContext();
  const tab = await cluster.openIn(context);
  const others = await cluster.open(3);
  await cluster.agreed();
  await tab.page.evaluate(() => tabring.configure({ outAfterMs: 3000 }));
  await tab.putAll(entries);
  await cluster.closeTab(tab);
  const page = await context.newPage();
  await clear(page, server.url);
  const from = performance.now();
  await page.goto(cluster.address);
  const again = await cluster.adopt(page);
  expect(again.id).not.toBe(tab.id);
  expect(await codesOf(again)).toEqual([]);
  await expectAllRead(again);
  const isOut = async (): Promise<void> => {
    const { members } = await nth(others, 0).view();
    expect(members.find(({ id }) => id === tab.id)?.status).toBe('out');
  };
  await cluster.until(isOut, 30_000);
  await cluster.expectHeld(keys);
  figure(`a cleared profile was a new node, and its old one out, after ${Math.round(performance.now() - from)} ms`);
});

test('[STO-6] [ID-1] site data deleted under two open tabs of a profile: both say so, and are the same nodes when loaded again', async ({
  cluster,
  server,
}) => {
  const context = await cluster.newContext();
  const pair = [await cluster.openIn(context), await cluster.openIn(context)];
  await cluster.open(3);
  await cluster.agreed();
  const { zone } = (await nth(pair, 0).view()).self;
  await nth(pair, 0).putAll(entries);
  await cluster.expectHeld(keys);
  await clear(nth(pair, 0).page, server.url);
  for (const tab of pair) {
    await cluster.until(async () => expect(await codesOf(tab)).toEqual(['storage-cleared']), 5000);
    await expect(tab.page.getByTestId('alarm')).toContainText('What this tab had stored was deleted');
    await expectAllRead(tab);
  }
  await cluster.expectHeld(keys);
  for (const tab of pair) {
    const again = await reloaded(cluster, tab);
    // Both know their node and their profile again, so that copies stay apart.
    expect((await again.view()).self).toMatchObject({ id: tab.id, zone, epoch: 2 });
    await cluster.agreed();
    await expectAllRead(again);
    await cluster.until(async () => expect(await codesOf(again)).toEqual([]), 5000);
  }
  await cluster.expectHeld(keys);
});

test('[STO-6] of a tab that is alone, what it acknowledges after its site data was deleted is on the new disk', async ({
  cluster,
  server,
}) => {
  const [tab] = await cluster.open(1);
  if (tab === undefined) throw new Error('a tab');
  const { page } = tab;
  await tab.putAll(entries);
  // Writes go on all the time, each begun when the one before has ended.
  const writes = await page.evaluateHandle(() => {
    const state = { begun: 0, acked: [] as string[], refused: [] as string[], goesOn: true };
    const next = async (): Promise<void> => {
      const isCleared = tabring.view().alarms.some(({ code }) => code === 'storage-cleared');
      const key = `${isCleared ? 'after' : 'before'} ${state.begun++}`;
      await tabring.put(key, key).then(
        ({ durable }) => durable === 1 && isCleared && state.acked.push(key),
        (error) => state.refused.push(error.name),
      );
      // What is refused at once must not keep the page from everything else.
      await new Promise((resolve) => setTimeout(resolve));
      if (state.goesOn) await next();
    };
    void next();
    return state;
  });
  await cluster.until(async () => expect(await writes.evaluate(({ begun }) => begun)).toBeGreaterThan(20), 10_000);
  await clear(page, server.url);
  await cluster.until(
    async () => expect(await writes.evaluate(({ acked }) => acked.length)).toBeGreaterThan(50),
    20_000,
  );
  const { acked, refused } = await writes.evaluate((state) => {
    state.goesOn = false;
    return { acked: [...state.acked], refused: [...state.refused] };
  });
  expect(refused.filter((name) => name !== 'StorageError')).toEqual([]);
  const again = await reloaded(cluster, tab);
  const found = await again.getAll(acked);
  expect(found.filter(({ values }, at) => values[0] !== acked[at])).toEqual([]);
  figure(
    `${acked.length} puts were acknowledged after the database was made again, ${refused.length} refused meanwhile`,
  );
});
