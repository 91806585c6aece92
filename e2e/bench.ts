/**
 * `npm run bench`: what a request costs in real tabs with real disks, and how far that is from what the platform
 * itself takes. Floors and requests are measured in turns, so that whatever else the machine does meets them alike.
 *
 *   --json         one JSON line instead of tables
 *   --page FOLDER  measures the page that was built there, instead of building it
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import { startServer } from '../signaling-server/server.ts';
import { type Figures, quantiles, ratiosOf, tableOf } from './bench-figures.ts';
import { commits, connect, roundTrips } from './bench-floors.ts';
import { freshKeys, gets, puts, throughput, updates } from './bench-load.ts';
import { Tabs } from './bench-tabs.ts';

interface Layout {
  readonly name: string;
  readonly tabs: number;
  readonly profiles: number;
}

const layouts: readonly Layout[] = [
  { name: '3 tabs, one profile', tabs: 3, profiles: 1 },
  { name: '5 tabs, one profile', tabs: 5, profiles: 1 },
  { name: '3 tabs, three profiles', tabs: 3, profiles: 3 },
];

const rounds = 10;
const perRound = 50;
const bytes = 300;
const inFlight = 32;
/** No more rounds are begun after so long. */
const layoutMs = 14_000;
const runMs = 90_000;

async function measure(url: string, folder: string, { name, tabs, profiles }: Layout): Promise<Figures> {
  await using opened = new Tabs(folder);
  const pages = await opened.open(`${url}/#/r/bench-${tabs}-${profiles}`, tabs, profiles);
  const [near, far] = pages;
  if (near === undefined || far === undefined) throw new RangeError('a layout has two tabs or more');
  const end = performance.now() + layoutMs;
  await connect(near, far);
  await warmUp(near);

  const turn: number[] = [];
  const commit: number[] = [];
  const commitOfThree: number[] = [];
  const put: number[] = [];
  const forwarded: number[] = [];
  const get: number[] = [];
  const update: number[] = [];
  for (let round = 0; round < rounds && performance.now() < end; round++) {
    turn.push(...(await roundTrips(near, perRound, bytes)));
    commit.push(...(await commits(near, perRound, bytes)));
    const three = pages.slice(0, 3).map((page) => commits(page, perRound, bytes));
    commitOfThree.push(...(await Promise.all(three)).flat());
    const keys = await freshKeys(near, perRound, true);
    put.push(...(await puts(near, keys)));
    forwarded.push(...(await puts(near, await freshKeys(near, tabs > 3 ? perRound : 0, false))));
    get.push(...(await gets(near, keys)));
    update.push(...(await updates(near, 'updated', perRound)));
  }
  return {
    layout: name,
    roundTrip: quantiles(turn),
    commit: quantiles(commit),
    commitOfThree: quantiles(commitOfThree),
    put: quantiles(put),
    forwarded: forwarded.length > 0 ? quantiles(forwarded) : undefined,
    get: quantiles(get),
    update: quantiles(update),
    throughput: await throughput(near, await freshKeys(near, rounds * perRound, true), inFlight),
  };
}

/** The compiler of the page needs to have seen the code at work. */
async function warmUp(page: Page): Promise<void> {
  const keys = await freshKeys(page, 2 * perRound, true);
  await puts(page, keys);
  await gets(page, keys);
  await throughput(page, await freshKeys(page, 2 * perRound, true), inFlight);
}

async function buildPage(outDir: string): Promise<string> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({ root, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  return outDir;
}

const { values: options } = parseArgs({ options: { json: { type: 'boolean' }, page: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'tabring-bench-'));
const tidy = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
setTimeout(() => {
  console.error(`the benchmark took longer than ${runMs / 1000} s and was given up`);
  tidy();
  process.exit(1);
}, runMs).unref();

const server = await startServer({ dist: options.page ?? (await buildPage(join(folder, 'page'))) });
try {
  const all: Figures[] = [];
  for (const layout of layouts) {
    const figures = await measure(server.url, folder, layout);
    all.push(figures);
    if (!options.json) console.log(`${tableOf(figures)}\n`);
  }
  if (options.json) {
    console.log(JSON.stringify(all.map((figures) => ({ ...figures, ratios: ratiosOf(figures) }))));
  }
} finally {
  await server.close();
  tidy();
}
