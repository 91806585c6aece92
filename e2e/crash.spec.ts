/** Tabs that die without a goodbye, and the ones that are left. */
import { expect } from '@playwright/test';
import { nth } from './cluster.ts';
import { figure, test } from './fixtures.ts';
import type { Tab } from './tab.ts';

interface Writing {
  /** Keys whose put was acknowledged; the value is the key itself. */
  readonly acked: string[];
  readonly failed: string[];
  /** Puts of which a copy was kept for the node in question. */
  hinted: number;
  slowestMs: number;
  stop: boolean;
}

declare global {
  var writing: Writing;
}

/** Puts new keys one after another until it is told to stop, which it also does by itself after a minute. */
function startWriting(tab: Tab, absent: string): Promise<void> {
  return tab.page.evaluate((absent) => {
    const writing: Writing = { acked: [], failed: [], hinted: 0, slowestMs: 0, stop: false };
    globalThis.writing = writing;
    const { id } = tabring.view().self;
    const endAt = performance.now() + 60_000;
    const write = async (): Promise<void> => {
      for (let at = 0; !writing.stop && performance.now() < endAt; at++) {
        const key = `${id} wrote ${at}`;
        const from = performance.now();
        try {
          const { hinted } = await tabring.put(key, key);
          writing.acked.push(key);
          if (hinted.some((hint) => hint.for === absent)) writing.hinted++;
        } catch (error) {
          writing.failed.push(String(error));
        }
        writing.slowestMs = Math.max(writing.slowestMs, performance.now() - from);
        // Leaves the page time to breathe: the test is of availability, not of speed.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    void write();
  }, absent);
}

test('[PUT-3] [MEM-3] [HINT-1] [ID-1] a tab crashes under writes: no put fails, hints are kept, and the next tab of its profile is the same node', async ({
  cluster,
}) => {
  test.setTimeout(90_000);
  const tabs = await cluster.open(5);
  await cluster.agreed();
  const victim = nth(tabs, 2);
  const writers = tabs.filter((tab) => tab !== victim).slice(0, 2);
  for (const writer of writers) await startWriting(writer, victim.id);

  await cluster.crash(victim);
  const suspected = await cluster.until(async () => {
    for (const { members } of await cluster.all((tab) => tab.view())) {
      expect(members.find(({ id }) => id === victim.id)?.status).toMatch(/suspect|unreachable/);
    }
    // Some 2 s where nothing else runs; here other tests do.
  }, 10_000);
  figure(`a crash was suspected by all after ${suspected} ms`);
  await cluster.until(async () => {
    for (const writer of writers) expect(await writer.page.evaluate(() => writing.hinted)).toBeGreaterThan(5);
    const views = await cluster.all((tab) => tab.view());
    expect(views.reduce((sum, { hints }) => sum + hints.held, 0)).toBeGreaterThan(10);
  }, 20_000);

  const context = victim.page.context();
  const from = performance.now();
  const again = await cluster.openIn(context);
  figure(`the node was open again ${Math.round(performance.now() - from)} ms after its page was asked for`);
  expect(again.id).toBe(victim.id);
  expect(again.epoch).toBeGreaterThan(victim.epoch);
  await cluster.agreed();

  const written = await Promise.all(
    writers.map(({ page }) =>
      page.evaluate(() => {
        writing.stop = true;
        return writing;
      }),
    ),
  );
  const keys = written.flatMap(({ acked }) => acked);
  expect(written.flatMap(({ failed }) => failed)).toEqual([]);
  const slowest = Math.max(...written.map(({ slowestMs }) => Math.round(slowestMs)));
  figure(
    `${keys.length} puts, ${written.reduce((sum, { hinted }) => sum + hinted, 0)} hinted, the slowest ${slowest} ms`,
  );

  figure(`hints were delivered ${await cluster.hintsDrained(20_000)} ms later`);
  await cluster.until(() => cluster.expectReplicasEqual(keys), 20_000);
  await cluster.expectHeld(keys);
  expect((await again.getAll(keys)).map(({ values }) => values)).toEqual(keys.map((key) => [key]));
});

test('[PUT-4] a tab that is left alone takes puts, and gets of what it holds; its receipts say so', async ({
  cluster,
}) => {
  const tabs = await cluster.open(3);
  await cluster.agreed();
  const last = nth(tabs, 1);
  const keys = Array.from({ length: 20 }, (_, at) => `before ${at}`);
  await nth(tabs, 0).putAll(keys.map((key) => [key, key]));
  await cluster.expectHeld(keys);
  await cluster.crash(nth(tabs, 0));
  await cluster.closeTab(nth(tabs, 2));

  const first = await last.put('in the moment', 1);
  expect(first.acks).toContain(last.id);
  await cluster.until(async () => {
    const { members, alarms } = await last.view();
    expect(members.filter(({ status }) => status === 'unreachable').length).toBe(2);
    expect(alarms.map(({ code }) => code)).toContain('isolated');
  }, 10_000);
  const receipt = await last.put('alone', 2);
  expect(receipt).toMatchObject({ acks: [last.id], quorum: 'under', durable: 1 });
  for (const [key, value] of [...keys.map((key) => [key, key] as const), ['in the moment', 1], ['alone', 2]] as const) {
    expect(await last.get(key)).toMatchObject({ values: [value], quorum: 'under', replicas: [last.id] });
  }
  expect(await last.get('never written')).toMatchObject({ values: [], found: 'never', quorum: 'under' });
  await last.page.evaluate(() => tabring.delete('alone'));
  const { context } = await last.get('before 3');
  expect((await last.put('before 3', 'again', { context })).quorum).toBe('under');
  expect((await last.get('before 3')).values).toEqual(['again']);
});
