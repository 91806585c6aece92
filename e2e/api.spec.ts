/** What the page's console and scripted tests find: the open store as `globalThis.tabring`. */
import { expect } from '@playwright/test';
import { nth } from './cluster.ts';
import { test } from './fixtures.ts';
import type { Tab } from './tab.ts';

declare global {
  var seen: Promise<unknown>;
}

const methods = [
  'get',
  'put',
  'delete',
  'update',
  'watch',
  'view',
  'explain',
  'inspect',
  'held',
  'remove',
  'configure',
  'leave',
  'close',
];
const text = expect.any(String);
const number = expect.any(Number);
const latency = { count: number, p50: number, p95: number, p99: number, p999: number };

test('globalThis.tabring is the open store, with every method', async ({ cluster }) => {
  const { page } = nth(await cluster.open(1), 0);
  const found = await page.evaluate(
    (methods) => ({
      missing: methods.filter((name) => typeof Reflect.get(tabring, name) !== 'function'),
      isTarget: tabring instanceof EventTarget,
      isDisposable: Symbol.asyncDispose in tabring,
      faults: [typeof tabring.faults.cut, typeof tabring.faults.heal],
    }),
    methods,
  );
  expect(found).toEqual({ missing: [], isTarget: true, isDisposable: true, faults: ['function', 'function'] });
});

test('view(), explain(), inspect(), receipts and versions have the documented shapes', async ({ cluster }) => {
  const tabs = await cluster.open(4);
  await cluster.agreed();
  const tab = nth(tabs, 0);
  const receipt = await tab.put('key', { a: 1 });
  expect(receipt).toEqual({ context: text, acks: expect.any(Array), hinted: [], quorum: 'met', durable: number });
  expect(receipt.acks.length).toBeGreaterThanOrEqual(2);
  expect(receipt.acks.every((id) => cluster.ids.includes(id))).toBe(true);
  expect(receipt.durable).toBeGreaterThanOrEqual(2);

  const got = await tab.get('key', { r: 3 });
  expect(got).toEqual({
    values: [{ a: 1 }],
    context: text,
    found: 'value',
    replicas: expect.any(Array),
    quorum: 'met',
  });
  expect(new Set(got.replicas).size).toBeGreaterThanOrEqual(3);

  const view = await tab.view();
  expect(view).toMatchObject({
    self: { id: tab.id, epoch: 1, zone: text, weight: 1 },
    ring: { partitions: 256, hash: text, history: number, n: 3, r: 2, w: 2 },
    signaling: 'open',
    hints: { held: 0, bytes: 0 },
    repair: { rounds: number, sent: number },
    metrics: { get: latency, put: latency },
    alarms: [],
    rejected: {},
  });
  expect(view.members.map(({ id }) => id).toSorted()).toEqual(cluster.ids);
  for (const member of view.members) expect(member).toMatchObject({ id: text, status: 'up', zone: text, weight: 1 });
  expect(view.links.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
  // The page itself gets what it shows.
  expect(view.metrics.get.count).toBeGreaterThanOrEqual(1);
  expect(view.metrics.put.count).toBe(1);

  const { position, partition, walk } = await tab.explain('key');
  expect(position).toMatch(/^[0-9a-f]{32}$/);
  // The partition is the top bits of the position.
  expect(partition).toBe(Number.parseInt(position.slice(0, 2), 16));
  expect(walk.map(({ node }) => node).toSorted()).toEqual(cluster.ids);
  expect(walk.filter(({ role }) => role === 'primary')).toHaveLength(3);

  const replicas = await tab.inspect('key');
  const version = { dot: text, context: text, deleted: false, bytes: number };
  const primaries = replicas.filter(({ role }) => role === 'primary');
  expect(primaries).toHaveLength(3);
  for (const replica of primaries)
    expect(replica).toEqual({ node: text, role: 'primary', reachable: true, versions: [version] });
  expect((await nth(tabs, 3).held()).every(({ key, role }) => key === 'key' && role === 'primary')).toBe(true);
});

test('[CFG-1] configure() refuses what cannot be, and what it changes holds in all tabs', async ({ cluster }) => {
  const tabs = await cluster.open(3);
  await cluster.agreed();
  const [first, second] = [nth(tabs, 0), nth(tabs, 1)];
  const configOf = async (tab: Tab) => (await tab.view()).ring.config;
  const founded = await configOf(second);
  expect(founded).toEqual({
    n: 3,
    r: 2,
    w: 2,
    suspectAfterMs: number,
    hedgeAfterMs: number,
    requestTimeoutMs: number,
    tombstoneMs: number,
    reapMemoryMs: number,
    outAfterMs: 600_000,
    removeAfterMs: 0,
    heirAfterMs: 30_000,
    probationMs: 600_000,
    version: 0,
  });

  const refusals = await first.page.evaluate(async () => {
    const impossible = [{ n: 17 }, { w: 4 }, { n: 1 }, { r: 1.5 }, { tombstoneMs: 0 }, { removeAfterMs: Number.NaN }];
    const errors = impossible.map((change) => tabring.configure(change).then(() => 'no error', String));
    return Promise.all(errors);
  });
  expect(refusals).toEqual(refusals.map(() => expect.stringMatching(/^RangeError: configure: \w+ must be/)));
  expect(await configOf(first)).toEqual(founded);

  await first.page.evaluate(() => tabring.configure({ w: 3, tombstoneMs: 60_000 }));
  const changed = await configOf(first);
  expect(changed).toEqual({ ...founded, w: 3, tombstoneMs: 60_000, version: number });
  expect(changed.version).toBeGreaterThan(0);
  await cluster.until(async () => {
    expect(await cluster.all(configOf)).toEqual([changed, changed, changed]);
  }, 10_000);
  expect((await second.put('key', 1)).acks).toHaveLength(3);

  // What is not named stays, and a later change has a higher version.
  await second.page.evaluate(() => tabring.configure({ w: 2 }));
  expect(await configOf(second)).toMatchObject({ w: 2, tombstoneMs: 60_000 });
  expect((await configOf(second)).version).toBeGreaterThan(changed.version);
});

test('[DEL-1] [GET-4] delete, update and recreation, each read by another tab at once', async ({ cluster }) => {
  const [first, second] = await cluster.open(2);
  if (first === undefined || second === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await first.page.evaluate(() => tabring.update('list', (siblings) => [...siblings.flat(), 'one']));
  await second.page.evaluate(() => tabring.update('list', (siblings) => [...siblings.flat(), 'two']));
  const { values, context } = await first.get('list');
  expect(values).toEqual([['one', 'two']]);
  await first.page.evaluate((context) => tabring.delete('list', { context }), context);
  const deleted = await second.get('list');
  expect(deleted).toMatchObject({ values: [], found: 'deleted' });
  await second.put('list', ['new'], { context: deleted.context });
  expect((await first.get('list')).values).toEqual([['new']]);
});

test('[WATCH-1] watch() hears of each new state and does not miss the last one, nor does the change event', async ({
  cluster,
}) => {
  const [writer, watcher] = await cluster.open(2);
  if (writer === undefined || watcher === undefined) throw new Error('two tabs');
  await cluster.agreed();
  await watcher.page.evaluate(() => {
    const changes: string[] = [];
    tabring.addEventListener('change', ({ detail }) => changes.push(detail.key));
    const watch = async () => {
      for await (const { values } of tabring.watch('watched')) {
        if (values.includes('last')) return { values, changed: changes.includes('watched') };
      }
      return undefined;
    };
    globalThis.seen = watch();
  });
  await writer.page.evaluate(async () => {
    let context: string | undefined;
    for (let at = 0; at <= 100; at++) {
      const value = at === 100 ? 'last' : at;
      ({ context } = await tabring.put('watched', value, context === undefined ? {} : { context }));
    }
  });
  expect(await watcher.page.evaluate(() => seen)).toEqual({ values: ['last'], changed: true });
});
