/** Opening, joining and leaving, in real tabs. */
import { expect } from '@playwright/test';
import { nth } from './cluster.ts';
import { figure, test } from './fixtures.ts';
import type { Tab } from './tab.ts';

for (const together of [false, true]) {
  const where = together ? 'five tabs of one context' : 'five contexts';
  test(`[RING-2] ${where} become one ring with equal tables within 5 s of the last opening`, async ({ cluster }) => {
    await cluster.open(5, { together });
    const took = await cluster.agreed(5000);
    figure(`${where}: agreed ${took} ms after the last opening`);
    const views = await cluster.all((tab) => tab.view());
    expect(new Set(views.map(({ self }) => self.id)).size).toBe(5);
    expect(new Set(views.map(({ ring }) => ring.hash)).size).toBe(1);
    expect(new Set(views.map(({ ring }) => ring.owners.join())).size).toBe(1);
    expect(new Set(views.map(({ self }) => self.zone)).size).toBe(together ? 1 : 5);
  });
}

test('[PUT-1] [GET-1] [RING-3] a put anywhere is read everywhere, and exactly the preference list holds it', async ({
  cluster,
}) => {
  const tabs = await cluster.open(5);
  await cluster.agreed();
  const keys = tabs.map((_, at) => `from tab ${at}`);
  for (const [at, tab] of tabs.entries()) {
    const receipt = await tab.put(keys[at] ?? '', { at });
    expect(receipt.quorum).toBe('met');
    expect(receipt.hinted).toEqual([]);
  }
  for (const tab of tabs) {
    const got = await tab.getAll(keys);
    expect(got.map(({ values }) => values)).toEqual(keys.map((_, at) => [{ at }]));
    expect(got.every(({ quorum, found }) => quorum === 'met' && found === 'value')).toBe(true);
    expect((await tab.owners(keys)).every((owners) => new Set(owners).size === 3)).toBe(true);
  }
  await cluster.expectHeld(keys);
  const missing = await nth(tabs, 2).get('nobody wrote this');
  expect(missing).toMatchObject({ values: [], found: 'never' });
});

test('[XFER-1] [RING-4] through six joins and two leaves every key is read at once, and rests on its owners alone', async ({
  cluster,
}) => {
  test.setTimeout(180_000);
  const [writer] = await cluster.open(2);
  await cluster.agreed();
  if (writer === undefined) throw new Error('a writer');
  // Who comes is a member at once, however many there are.
  await writer.page.evaluate(() => tabring.configure({ probationMs: 0 }));
  const keys = Array.from({ length: 200 }, (_, at) => `key ${at}`);
  await writer.putAll(keys.map((key) => [key, `value of ${key}`]));
  await cluster.expectHeld(keys);

  for (let count = 3; count <= 8; count++) {
    const newcomer = nth(await cluster.open(1), 0);
    for (const tab of [newcomer, writer]) expect(await misread(tab, keys)).toEqual([]);
    const agreed = await cluster.agreed();
    const moved = await cluster.expectHeld(keys);
    figure(`join of tab ${count}: agreed ${agreed} ms later, and after ${moved} ms more every key was in its place`);
  }

  for (const leaver of cluster.tabs.filter((tab) => tab !== writer).slice(0, 2)) {
    const from = performance.now();
    await leaver.leave();
    cluster.forget(leaver);
    const left = Math.round(performance.now() - from);
    const reader = nth(cluster.tabs, cluster.tabs.length - 1);
    for (const tab of [reader, writer]) expect(await misread(tab, keys)).toEqual([]);
    const moved = await cluster.expectHeld(keys);
    figure(`leave: done after ${left} ms, and after ${moved} ms more every key was in its place`);
    expect(await leaver.page.evaluate(() => tabring.get('key 1').catch((error) => error.code))).toBe('closed');
  }
  await cluster.agreed();
});

/** What a read of all keys with R=2 got of those of which it did not get the one value. */
async function misread(tab: Tab, keys: readonly string[]): Promise<unknown[]> {
  const got = await tab.getAll(keys, { r: 2 });
  return got.flatMap((versions, at) => {
    const key = keys[at] ?? '';
    const right = versions.values.length === 1 && versions.values[0] === `value of ${key}`;
    return right ? [] : [{ key, ...versions, context: '' }];
  });
}
