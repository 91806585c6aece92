/**
 * Records a ring of a build before as test data: what its nodes had on disk, and what it answered for each key.
 * `npx tsx e2e/builds/record.ts tabring-0.1.0` reads `tabring-0.1.0.js` and writes `tabring-0.1.0.ring.jsonl`. It takes
 * minutes: a node notes its uptime once a minute, and looks twice a minute for what may be reaped. The names of times
 * are those of that build.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect } from '@playwright/test';
import type { Versions } from '../../src/index.ts';
import { launchOptions } from '../launch.ts';
import { Tab } from '../tab.ts';
import { readDatabases } from './databases.ts';
import { linesOf, type RecordedNode, type Recording } from './recording.ts';
import { addressOf, serveBuilds } from './served.ts';

const [, , build = ''] = process.argv;
const file = (ending: string): string => join(import.meta.dirname, `${build}${ending}`);
const room = 'recorded';
const prefix = `tabring/${room}/`;
const patient = { timeout: 180_000, intervals: [250] };

async function record(): Promise<Recording> {
  const [a, b, c, d, away] = [await open(), await open(), await open(), await open(), await open()];
  const all = [a, b, c, d, away];
  const staying = [a, b, c, d];
  await agreed(all);
  await fold(a);
  const visitor = await open();
  await agreed([...all, visitor]);
  await visitor.leave();
  await agreed(all);
  // Where the primaries have changed, what was reaped is a tombstone again: so not before the last join.
  await reap(a, all);
  await shop(a, b);
  await write(a, b);
  await writeFor(away, a);
  await expect.poll(async () => (await onDisk(a, 'meta')).some(([name]) => name === 'alive'), patient).toBe(true);
  const held = (await Promise.all(staying.map((tab) => tab.held()))).flat().map(({ key }) => key);
  const got: Record<string, Versions<unknown>> = {};
  for (const key of [...new Set([...held, 'reaped'])].sort()) got[key] = await a.get(key);
  const { zone } = (await a.view()).self;
  await Promise.all(staying.map(({ page }) => page.evaluate(() => tabring.close())));
  const nodes = (await a.page.evaluate(readDatabases, prefix)).filter(({ node }) => node !== away.id);
  return { build, zone, away: away.id, got, nodes };
}

async function open(): Promise<Tab> {
  const page = await context.newPage();
  await page.goto(addressOf(server, build, room));
  return Tab.of(page);
}

/** All have the same table, and see each other. */
async function agreed(tabs: readonly Tab[]): Promise<void> {
  await expect(async () => {
    const views = await Promise.all(tabs.map((tab) => tab.view()));
    for (const { members } of views) expect(members.filter(({ status }) => status === 'up')).toHaveLength(tabs.length);
    expect(new Set(views.map(({ ring }) => ring.hash)).size).toBe(1);
  }).toPass(patient);
}

async function onDisk(tab: Tab, store: string): Promise<RecordedNode['stores'][string]> {
  const nodes = await tab.page.evaluate(readDatabases, prefix);
  return nodes.find(({ node }) => node === tab.id)?.stores[store] ?? [];
}

const configure = (tab: Tab, change: object): Promise<void> =>
  tab.page.evaluate((change) => tabring.configure(change), change);

/** Two keys of which only what was reaped is remembered; one of them has a new version beside that. */
async function reap(a: Tab, all: readonly Tab[]): Promise<void> {
  await configure(a, { graceMs: 1000 });
  for (const key of ['reaped', 'reaped and back']) {
    await a.put(key, 'old');
    await remove(a, key);
  }
  await expect(async () => {
    const graves = (await Promise.all(all.map((tab) => onDisk(tab, 'clocks')))).flat();
    expect(graves.filter(([, entry]) => JSON.stringify(entry).includes('"grave"'))).toHaveLength(6);
  }).toPass(patient);
  await configure(a, { graceMs: 600_000 });
  await a.put('reaped and back', 'new');
}

/** So many events that they are folded into a checkpoint, with a configuration in it. */
async function fold(a: Tab): Promise<void> {
  for (let count = 0; count < 300; count++) await configure(a, { hedgeAfterMs: 400 + (count % 2) });
  await expect.poll(async () => JSON.stringify(await onDisk(a, 'meta')).includes('"checkpoint"'), patient).toBe(true);
}

/** Carts that were filled, emptied in part, and edited in two tabs. */
async function shop(a: Tab, b: Tab): Promise<void> {
  const edit = (tab: Tab, cart: string, edits: readonly [item: string, quantity: number][]) =>
    tab.page.evaluate(
      async ([cart, edits]) => {
        const { add, emptyMap, isAddWinsMap, merge, remove, setQuantity } = library.addWinsMap;
        for (const [index, [item, quantity]] of edits.entries()) {
          const tag = `${tabring.view().self.id}.1#${index + 1}`;
          await tabring.update(`cart/${cart}`, (carts) => {
            const known = carts.filter(isAddWinsMap).reduce(merge, emptyMap());
            if (quantity === 0) return remove(known, item);
            return quantity === 1 ? add(known, item, 1, tag) : setQuantity(known, item, quantity, tag);
          });
        }
      },
      [cart, edits] as const,
    );
  await edit(a, 'main', [
    ['loaf', 1],
    ['lemon', 1],
    ['lemon', 3],
    ['tea', 1],
  ]);
  await edit(b, 'main', [
    ['tea', 0],
    ['plums', 1],
  ]);
  await edit(b, 'party', [
    ['candles', 1],
    ['candles', 30],
  ]);
  await edit(a, 'emptied', [
    ['milk', 1],
    ['milk', 0],
  ]);
}

const remove = async (tab: Tab, key: string): Promise<void> => {
  const { context } = await tab.get(key);
  await tab.page.evaluate(([key, context]) => tabring.delete(key, { context }), [key, context] as const);
};

/** Siblings, dots beyond a vector, a tombstone alone and one beside a version, and values of several kinds. */
async function write(a: Tab, b: Tab): Promise<void> {
  await Promise.all([a.put('siblings', ['from a']), b.put('siblings', ['from b'])]);
  await a.put('goes on from its receipt', 1);
  const { context } = await a.put('goes on from its receipt', 2);
  await a.put('goes on from its receipt', 3, { context });
  await a.put('deleted', 'value');
  await remove(a, 'deleted');
  await a.put('deleted beside a version', 'seen');
  const seen = (await a.get('deleted beside a version')).context;
  await b.put('deleted beside a version', 'not seen');
  await a.page.evaluate((context) => tabring.delete('deleted beside a version', { context }), seen);
  await a.put('ключ 🥕', { text: '<b>', list: [1.5, null, true, '💥'] });
  await b.put('long', 'x'.repeat(2000));
  for (const name of ['overwritten', 'overwritten twice']) {
    await a.put(name, 1);
    await b.put(name, 2, { context: (await b.get(name)).context });
  }
  await a.put('overwritten twice', 3, { context: (await a.get('overwritten twice')).context });
}

/** The tab is closed; what is written now is kept for it. */
async function writeFor(away: Tab, a: Tab): Promise<void> {
  await away.page.close();
  await expect
    .poll(async () => (await a.view()).members.find(({ id }) => id === away.id)?.status, patient)
    .toBe('unreachable');
  const hinted: string[] = [];
  for (let count = 1; hinted.length < 3; count++) {
    const receipt = await a.put(`while it was away ${count}`, count);
    if (receipt.hinted.length > 0) hinted.push(`${count}`);
  }
}

const server = await serveBuilds({ [build]: await readFile(file('.js'), 'utf8') });
const profile = await mkdtemp(join(tmpdir(), 'tabring-record-'));
const context = await chromium.launchPersistentContext(profile, launchOptions);
// tsx wraps each named function in a call of this, also those that are sent to a page.
await context.addInitScript('globalThis.__name = (named) => named');
try {
  await writeFile(file('.ring.jsonl'), linesOf(await record()));
} finally {
  await context.close();
  await server.close();
  await rm(profile, { recursive: true, force: true });
}
