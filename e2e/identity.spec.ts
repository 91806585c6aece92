/** Who a tab is: duplicated tabs, reloads, and storage that is wiped under a running tab. */
import { expect } from '@playwright/test';
import { nth } from './cluster.ts';
import { figure, test } from './fixtures.ts';
import type { Tab } from './tab.ts';

declare global {
  /** What the tab's sessionStorage held when its page began. */
  var inherited: readonly string[];
}

/** The dots of each of these keys, as their replicas hold them. */
async function dotsOf(tab: Tab, keys: readonly string[]): Promise<string[]> {
  const states = await Promise.all(keys.map((key) => tab.inspect(key)));
  return [...new Set(states.flat().flatMap(({ versions }) => versions.map(({ dot }) => dot)))];
}

const actorOf = (dot: string): string => dot.slice(0, dot.lastIndexOf(':'));

test('[ID-1] [VER-1] a tab opened by a tab, with a copy of its session, is another node and mints dots of its own', async ({
  cluster,
}) => {
  const [original] = await cluster.open(1, {
    scripts: [
      () => {
        globalThis.inherited = Object.values(sessionStorage);
      },
    ],
  });
  if (original === undefined) throw new Error('a tab');
  const opened = original.page.context().waitForEvent('page');
  await original.page.evaluate(() => {
    window.open(location.href);
  });
  const copy = await cluster.adopt(await opened);
  expect(await copy.page.evaluate(() => inherited)).toContain(original.id);
  expect(copy.id).not.toBe(original.id);
  await cluster.agreed();

  const keys = Array.from({ length: 40 }, (_, at) => `both write ${at}`);
  await Promise.all(cluster.tabs.map((tab) => tab.putAll(keys.map((key) => [key, tab.id]))));
  const dots = await dotsOf(original, keys);
  expect(dots.length).toBe(2 * keys.length);
  expect(new Set(dots.map(actorOf)).size).toBe(2);
  for (const { values } of await copy.getAll(keys)) expect(values.toSorted()).toEqual(cluster.ids);
});

test('[ID-1] [VER-3] a reloaded tab is the same node with its data, in a new epoch', async ({ cluster }) => {
  const [tab] = await cluster.open(1);
  if (tab === undefined) throw new Error('a tab');
  await tab.put('key', 'before');
  cluster.forget(tab);
  await tab.page.reload();
  const again = await cluster.adopt(tab.page);
  expect(again.id).toBe(tab.id);
  expect(again.epoch).toBe(tab.epoch + 1);
  const got = await again.get('key');
  expect(got.values).toEqual(['before']);
  await again.put('key', 'after', { context: got.context });
  expect((await again.get('key')).values).toEqual(['after']);
});

test('[STO-2] [VER-3] storage wiped under a running tab: it becomes a new store, and nothing acknowledged is lost', async ({
  cluster,
  server,
}) => {
  const tabs = await cluster.open(4);
  await cluster.agreed();
  const victim = nth(tabs, 1);
  const keys = Array.from({ length: 60 }, (_, at) => `key ${at}`);
  await victim.putAll(keys.map((key) => [key, key]));
  await cluster.expectHeld(keys);
  const dots = await dotsOf(victim, keys);
  // What it owns it coordinates itself.
  const isOwn = (await victim.owners(keys)).map((owners) => owners.includes(victim.id));
  const own = keys.find((_, at) => isOwn[at]) ?? '';
  const [actor] = (await dotsOf(victim, [own])).map(actorOf);

  const session = await victim.page.context().newCDPSession(victim.page);
  const from = performance.now();
  await session.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'all' });
  for (const tab of tabs) {
    expect((await tab.getAll(keys)).map(({ values }) => values)).toEqual(keys.map((key) => [key]));
  }
  // Whether the tab has noticed yet can be seen by who mints its dots.
  await cluster.until(async () => {
    const { context } = await victim.get(own);
    await victim.put(own, own, { context });
    const actors = (await dotsOf(victim, [own])).map(actorOf);
    expect(actors).toHaveLength(1);
    expect(actors).not.toContain(actor);
  }, 10_000);
  await cluster.expectHeld(keys);
  await cluster.until(() => cluster.expectReplicasEqual(keys), 20_000);
  figure(`the wiped tab had its replicas again ${Math.round(performance.now() - from)} ms after the wipe`);

  const more = keys.map((key) => `${key} after`);
  for (const receipt of await victim.putAll(more.map((key) => [key, key]))) expect(receipt.quorum).toBe('met');
  expect((await dotsOf(victim, more)).filter((dot) => dots.includes(dot))).toEqual([]);
  await cluster.expectHeld([...keys, ...more]);
  for (const tab of tabs) {
    const got = await tab.getAll([...keys, ...more]);
    expect(got.map(({ values }) => values)).toEqual([...keys, ...more].map((key) => [key]));
  }
});
