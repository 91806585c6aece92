/** Tabs come and go: visitors, and what closed tabs leave, in real tabs. */
import { expect, type Page } from '@playwright/test';
import { type Cluster, nth } from './cluster.ts';
import { figure, test } from './fixtures.ts';
import type { Tab } from './tab.ts';

const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);

/** The room's databases in the profile of this page. */
const databases = (page: Page, cluster: Cluster): Promise<string[]> =>
  page.evaluate(
    async (prefix) =>
      (await indexedDB.databases()).flatMap(({ name = '' }) =>
        name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
      ),
    `tabring/${cluster.room}/`,
  );

const isLeft = (tab: Tab, id: string) => async (): Promise<void> =>
  expect((await tab.view()).members.find((member) => member.id === id)?.status).toBe('left');

test('[ID-2] what two of three tabs of a profile held is on its owners within a minute, and their databases are gone', async ({
  cluster,
}) => {
  test.setTimeout(120_000);
  const context = await cluster.newContext();
  const [one, two, three] = [
    await cluster.openIn(context),
    await cluster.openIn(context),
    await cluster.openIn(context),
  ];
  const [other] = await cluster.open(2);
  await cluster.agreed();
  await one.putAll(keys.map((key) => [key, `value of ${key}`]));
  const from = performance.now();
  await cluster.closeTab(two);
  await cluster.crash(three);
  await cluster.until(async () => expect((await one.view()).heirOf.map(({ node }) => node)).toContain(two.id), 10_000);
  for (const gone of [two, three]) await cluster.until(isLeft(one, gone.id), 60_000);
  await cluster.expectHeld(keys);
  await cluster.until(async () => expect(await databases(one.page, cluster)).toEqual([one.id]), 5000);
  figure(`two closed tabs were handed over ${Math.round(performance.now() - from)} ms after the first was closed`);
  expect(performance.now() - from).toBeLessThan(60_000);
  const found = await nth([other ?? one], 0).getAll(keys);
  expect(found.filter(({ values }, at) => values[0] !== `value of ${keys[at]}`)).toEqual([]);
  await cluster.until(async () => expect((await one.view()).heirOf).toEqual([]), 5000);
});

test('[ID-2] who opens a closed tab again in time has its node, and an heir that is closed halfway has an heir', async ({
  cluster,
}) => {
  test.setTimeout(120_000);
  const context = await cluster.newContext();
  const [one, two] = [await cluster.openIn(context), await cluster.openIn(context)];
  await cluster.open(1);
  await cluster.agreed();
  await one.page.evaluate(() => tabring.configure({ heirAfterMs: 5000 }));
  await one.putAll(keys.map((key) => [key, `value of ${key}`]));
  await cluster.closeTab(two);
  await cluster.until(async () => expect((await one.view()).heirOf).toHaveLength(1), 5000);
  const again = await cluster.openIn(context);
  expect(again.id).toBe(two.id);
  await cluster.until(async () => expect((await one.view()).heirOf).toEqual([]), 5000);

  await cluster.closeTab(again);
  // Begun, and not ended: its heir ends with what it has begun.
  await cluster.until(async () => expect((await one.view()).heirOf).toMatchObject([{ node: two.id, inMs: 0 }]), 20_000);
  await cluster.crash(one);
  const last = await cluster.openIn(context);
  await cluster.until(async () => expect(await databases(last.page, cluster)).toEqual([last.id]), 40_000);
  await cluster.expectHeld(keys);
});

test('[MEM-7] the sixth tab of a room visits: it reads, writes and watches, and owns nothing', async ({ cluster }) => {
  await cluster.open(5);
  await cluster.agreed();
  const [member] = cluster.tabs;
  if (member === undefined) throw new Error('a member');
  const { history } = (await member.view()).ring;
  const [visitor] = await cluster.open(1);
  if (visitor === undefined) throw new Error('a visitor');
  expect((await visitor.view()).self.visits).toBe(true);
  await cluster.until(async () => expect((await member.view()).visitors).toEqual([visitor.id]), 5000);
  const { acks, quorum, hinted } = await visitor.put('key', 'value');
  expect({ quorum, hinted, isHere: acks.includes(visitor.id) }).toEqual({ quorum: 'met', hinted: [], isHere: false });
  expect((await member.get('key')).values).toEqual(['value']);
  expect((await visitor.get('key')).values).toEqual(['value']);
  await expect(visitor.page.getByTestId('health')).toContainText('You visit 5 nodes');
  await cluster.closeTab(visitor);
  await cluster.until(async () => expect((await member.view()).visitors).toEqual([]), 10_000);
  expect((await member.view()).ring.history).toBe(history);
  expect((await member.view()).members).toHaveLength(5);
});

test('[MEM-7] forty visitors write three keys each and go: all is read, and those that stay write as before', async ({
  cluster,
}) => {
  test.setTimeout(180_000);
  const tabs = await cluster.open(5);
  await cluster.agreed();
  const written: string[] = [];
  for (let visit = 0; visit < 40; visit++) {
    const context = await cluster.newContext();
    const visitor = await cluster.openIn(context);
    const own = ['a', 'b', 'c'].map((part) => `${part} of visit ${visit}`);
    const receipts = await visitor.putAll(own.map((key) => [key, key]));
    expect(receipts.map(({ quorum }) => quorum)).toEqual(['met', 'met', 'met']);
    written.push(...own);
    await cluster.closeTab(visitor);
    await context.close();
  }
  const reader = nth(tabs, 1);
  const found = await reader.getAll(written);
  expect(found.filter(({ values }, at) => values[0] !== written[at])).toEqual([]);
  const receipts = await nth(tabs, 0).putAll(Array.from({ length: 30 }, (_, at) => [`later ${at}`, at]));
  const durable = receipts.filter((receipt) => receipt.durable >= 2).length;
  figure(`after forty visits ${found.length} keys were read, and ${durable} of 30 puts are on two durable primaries`);
  expect(durable).toBeGreaterThanOrEqual(27);
  const { members, ring } = await reader.view();
  expect({ members: members.length, history: ring.history }).toEqual({ members: 5, history: 6 });
});
