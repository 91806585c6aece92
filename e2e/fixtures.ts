/**
 * What every test of the real page has: the server of the production build, and the tabs of a room of its own.
 * A test in which a page throws has failed, whatever it asserts.
 */
import { test as base } from '@playwright/test';
import { type RunningServer, startServer } from '../signaling-server/server.ts';
import { Cluster } from './cluster.ts';

/** The environment variable that names the folder of the built page. */
export const builtPage = 'TABRING_BUILT_PAGE';

export function pageFolder(): string {
  const folder = process.env[builtPage];
  if (folder === undefined) throw new Error('the page is built by the global set-up');
  return folder;
}

let rooms = 0;

const newRoom = (): string => `room-${++rooms}`;

interface Fixtures {
  /** Serves the page and introduces its tabs; a test may close it. */
  server: RunningServer;
  cluster: Cluster;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from this pattern.
  server: async ({}, use) => {
    const server = await startServer({ dist: pageFolder() });
    await use(server);
    await server.close();
  },
  cluster: async ({ browser, server }, use, info) => {
    const cluster = new Cluster(browser, server.url, newRoom());
    await use(cluster);
    if (info.status !== info.expectedStatus) await attachViews(cluster);
    await cluster.close();
    if (cluster.errors.length > 0) throw new Error(`uncaught in a page: ${cluster.errors.join('\n')}`);
  },
});

/** What the nodes knew when a test failed. */
async function attachViews(cluster: Cluster): Promise<void> {
  const views = await cluster.all((tab) => tab.view().catch(String)).catch(String);
  const text = JSON.stringify(views, (name, value) => (name === 'owners' ? undefined : value), 1);
  await base.info().attach('views', { body: text, contentType: 'application/json' });
}

/** Says a measured time or count, on the console and in the report. */
export function figure(description: string): void {
  base.info().annotations.push({ type: 'figure', description });
  console.log(`  ${description}`);
}

/** Ends a test that this machine cannot run, and says why where people look. */
export function skip(reason: string): void {
  figure(`skipped: ${reason}`);
  base.info().skip(true, reason);
}
