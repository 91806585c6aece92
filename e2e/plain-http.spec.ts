/** A page from another host by plain http, as in a network at home: its browser has no Web Locks. */
import { expect, type Page } from '@playwright/test';
import { nth } from './cluster.ts';
import { rendererOf, stopProcess } from './faults/processes.ts';
import { test as base, figure } from './fixtures.ts';
import { launchOptions } from './launch.ts';
import type { Tab } from './tab.ts';

const host = 'tabring.example';

const test = base.extend({
  server: async ({ server }, use) => use({ ...server, url: server.url.replace('127.0.0.1', host) }),
});

test.use({
  launchOptions: {
    ...launchOptions,
    args: [...launchOptions.args, `--host-resolver-rules=MAP ${host} 127.0.0.1`],
  },
});

const databases = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));

const alarmsOf = async (tab: Tab): Promise<string[]> => (await tab.view()).alarms.map(({ code }) => code);

test('[ID-3] a tab that is loaded again five times is one node, with its data, and no ghost stays', async ({
  cluster,
}) => {
  const [other, first] = await cluster.open(2);
  if (other === undefined || first === undefined) throw new Error('two tabs');
  const hasLocks = (): unknown => 'locks' in navigator;
  expect(await first.page.evaluate(hasLocks)).toBe(false);
  await cluster.agreed();
  await first.put('key', 'before');
  let tab = first;
  const times: number[] = [];
  for (let load = 0; load < 5; load++) {
    const from = performance.now();
    cluster.forget(tab);
    await tab.page.reload();
    tab = await cluster.adopt(tab.page);
    times.push(Math.round(performance.now() - from));
    expect(tab.id).toBe(first.id);
  }
  figure(`a reloaded page was its node again after ${times.join(', ')} ms`);
  await cluster.agreed();
  expect((await other.view()).members.map(({ id }) => id).toSorted()).toEqual(cluster.ids);
  expect((await tab.get('key')).values).toEqual(['before']);

  expect(await alarmsOf(tab)).toEqual(['no-web-locks']);
  await expect(tab.page.getByTestId('alarm')).toContainText('npm start -- --https');
});

test('[ID-3] tabs opened at the same moment, and one with a copy of the other’s session, are nodes of their own', async ({
  cluster,
}) => {
  const [original] = await cluster.open(2, { together: true });
  if (original === undefined) throw new Error('a tab');
  const opened = original.page.context().waitForEvent('page');
  await original.page.evaluate(() => {
    window.open(location.href);
  });
  const copy = await cluster.adopt(await opened);
  expect(await copy.page.evaluate(() => Object.keys(sessionStorage).length)).toBeGreaterThan(0);
  expect(new Set(cluster.ids).size).toBe(3);
  await cluster.agreed();
  expect(new Set((await copy.view()).members.map(({ zone }) => zone)).size).toBe(1);
});

test('[ID-3] a tab that stood still is what it was: one with a copy of its session became another node', async ({
  browser,
  cluster,
}) => {
  const context = await cluster.newContext();
  const still = await cluster.openIn(context);
  const [name, id] = await still.page.evaluate(() => Object.entries(sessionStorage)[0] ?? ['', '']);
  expect(id).toBe(still.id);
  const wake = stopProcess(await rendererOf(browser, still.page));
  try {
    const from = performance.now();
    const copy = await cluster.openIn(context, {
      prepare: async (page) => {
        await page.addInitScript(([name, id]) => sessionStorage.setItem(name, id), [name, id] as const);
      },
    });
    figure(`beside a tab that stood still a copy of it was open after ${Math.round(performance.now() - from)} ms`);
    expect(copy.id).not.toBe(still.id);
  } finally {
    wake();
  }
  await cluster.agreed();
  expect(await alarmsOf(still)).toEqual(['no-web-locks']);
  expect((await still.put('key', 'after the sleep')).quorum).toBe('met');
});

test('[ID-3] [ID-2] what a closed tab and a crashed one held is handed over, and their databases and locks are gone', async ({
  cluster,
}) => {
  test.setTimeout(90_000);
  const context = await cluster.newContext();
  const one = await cluster.openIn(context);
  const [two, three] = [await cluster.openIn(context), await cluster.openIn(context)];
  await cluster.open(1);
  await cluster.agreed();
  await one.page.evaluate(() => tabring.configure({ heirAfterMs: 5000 }));
  const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`);
  await one.putAll(keys.map((key) => [key, key]));
  await cluster.closeTab(two);
  await cluster.crash(three);
  await cluster.until(async () => {
    const { members } = await one.view();
    expect(
      members
        .filter(({ status }) => status !== 'left')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(cluster.ids);
  }, 60_000);
  await cluster.expectHeld(keys);
  expect((await nth(cluster.tabs, 1).getAll(keys)).map(({ values }) => values)).toEqual(keys.map((key) => [key]));
  await cluster.until(async () => {
    expect((await databases(one.page)).filter((name) => [two, three].some(({ id }) => name.endsWith(id)))).toEqual([]);
  }, 10_000);
});
