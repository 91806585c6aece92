/**
 * Pages as each bundler makes them, and one that none has made: two tabs of a real browser open a store each, and
 * are one ring. Invariant: of the package, they have what a release has.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import { type BuildOptions, build } from 'esbuild';
import { build as buildByVite } from 'vite';
import webpack from 'webpack';
import type { Store } from '../src/index.ts';
import { type TabRing, test } from '../src/testing/playwright.ts';
import { project, root } from './pack.ts';
import { serveByVite, serveFolder } from './serve.ts';

/** What all of `openStore` may take after gzip. */
const kibMax = 110;

/** Runs in the page. */
const silent = (store: Store<unknown>): string[] =>
  store.view().members.flatMap(({ id, status }) => (status === 'up' ? [] : [id]));

/** Two tabs are one ring, what one puts the other gets, and the clock of each is in a worker, or is not. */
async function expectRing(ring: TabRing, url: string, hasWorker: boolean): Promise<void> {
  const [one, other] = await ring.open(2, { url });
  if (one === undefined || other === undefined) throw new Error('two tabs');
  await ring.agreed();
  await one.store.evaluate((store) => store.put('key', 'value'));
  const found = await other.store.evaluate((store) => store.get('key'));
  expect(found).toMatchObject({ values: ['value'], quorum: 'met' });
  for (const { page } of ring.tabs) await expect.poll(() => page.workers().length).toBe(hasWorker ? 1 : 0);
}

/** Only its clock tells a node that another is silent. */
async function expectClock(ring: TabRing): Promise<void> {
  await ring.cut(...ring.tabs.map((tab) => [tab]));
  for (const { store } of ring.tabs) await expect.poll(() => store.evaluate(silent)).toHaveLength(1);
}

/** A folder for a bundle of main.js, with its page. */
async function newFolder(name: string): Promise<string> {
  const folder = join(project(), 'bundles', name);
  await mkdir(folder, { recursive: true });
  await copyFile(join(project(), 'index.html'), join(folder, 'index.html'));
  return folder;
}

const bundleOptions = (outdir: string): BuildOptions => ({
  entryPoints: [join(project(), 'main.js')],
  outdir,
  bundle: true,
  format: 'esm',
  minify: true,
});

test('Vite, development server', async ({ ring }) => {
  await using served = await serveByVite(project(), join(project(), 'vite'));
  await expectRing(ring, `${served.url}/#vite-dev`, true);
});

test('Vite, build', async ({ ring }) => {
  const outDir = join(project(), 'bundles/vite');
  await buildByVite({ root: project(), logLevel: 'warn', build: { outDir } });
  await using served = await serveFolder(outDir);
  await expectRing(ring, `${served.url}/#vite`, true);
});

test('webpack', async ({ ring }) => {
  const path = await newFolder('webpack');
  const entry = join(project(), 'main.js');
  // Its minifier takes many seconds, and is not what is tested.
  const optimization = { minimize: false };
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    webpack({ mode: 'production', context: project(), entry, output: { path }, optimization }, (error, stats) =>
      error ? reject(error) : resolve(stats),
    );
  });
  expect(stats?.toJson({ errors: true }).errors).toEqual([]);
  await using served = await serveFolder(path);
  await expectRing(ring, `${served.url}/#webpack`, true);
});

test('[MEM-4] esbuild does not copy the worker: the page’s own timers are the clock', async ({ ring }) => {
  const folder = await newFolder('esbuild');
  await build(bundleOptions(folder));
  await using served = await serveFolder(folder);
  await expectRing(ring, `${served.url}/#esbuild`, false);
  await expectClock(ring);
});

test('[MEM-4] esbuild, with the worker’s file copied beside the bundle', async ({ ring }) => {
  const folder = await newFolder('esbuild-worker');
  await build(bundleOptions(folder));
  const worker = join(project(), 'node_modules/tabring/lib/src/browser/clock-worker.js');
  await copyFile(worker, join(folder, 'clock-worker.js'));
  await using served = await serveFolder(folder);
  await expectRing(ring, `${served.url}/#esbuild-worker`, true);
  await expectClock(ring);
});

test(`a bundle is no larger than ${kibMax} KiB after gzip`, async () => {
  const folder = await newFolder('size');
  await build(bundleOptions(folder));
  const bundle = await readFile(join(folder, 'main.js'));
  const kib = gzipSync(bundle).length / 1024;
  console.log(`  esbuild, minified: ${kib.toFixed(1)} KiB after gzip`);
  expect(kib).toBeLessThan(kibMax);
});

test('no bundler, an import map', async ({ ring }) => {
  await using served = await serveFolder(project());
  await expectRing(ring, `${served.url}/import-map.html#import-map`, true);
});

test('the page of this repository, from Vite’s development server', async ({ ring }) => {
  await using served = await serveByVite(root, join(project(), 'vite-of-the-repository'));
  await expectRing(ring, `${served.url}/#/r/vite-dev/cart/main`, true);
});
