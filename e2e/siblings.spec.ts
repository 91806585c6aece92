/** Writers with and without contexts, and what is done about a key with too many siblings ([VER-2], [VER-6]). */
import { expect } from '@playwright/test';
import { nth } from './cluster.ts';
import { test } from './fixtures.ts';
import type { Tab } from './tab.ts';

const putsOfAWriter = 100;

/** Each put takes the context of a get just before it. */
function writeFromGets(tab: Tab, key: string): Promise<void> {
  return tab.page.evaluate(
    async ([key, count]) => {
      const { id } = tabring.view().self;
      for (let at = 0; at < count; at++) {
        const { context } = await tabring.get(key);
        await tabring.put(key, `${id} ${at}`, { context });
      }
    },
    [key, putsOfAWriter] as const,
  );
}

test('[VER-2] two interleaved writers with contexts from their receipts leave at most two siblings', async ({
  cluster,
}) => {
  const writers = (await cluster.open(3)).slice(0, 2);
  await cluster.agreed();
  const contexts = new Map<Tab, string>();
  for (let at = 0; at < putsOfAWriter; at++) {
    for (const writer of writers) {
      const context = contexts.get(writer);
      const receipt = await writer.put('key', `${writer.id} ${at}`, context === undefined ? {} : { context });
      contexts.set(writer, receipt.context);
    }
  }
  const { values } = await nth(cluster.tabs, 2).get('key', { r: 3 });
  expect(values.toSorted()).toEqual(writers.map(({ id }) => `${id} ${putsOfAWriter - 1}`).toSorted());
});

test('[VER-2] two writers at once with contexts from gets leave at most two siblings', async ({ cluster }) => {
  const writers = (await cluster.open(3)).slice(0, 2);
  await cluster.agreed();
  await Promise.all(writers.map((writer) => writeFromGets(writer, 'key')));
  const { values } = await nth(cluster.tabs, 2).get('key', { r: 3 });
  expect(values.length).toBeGreaterThan(0);
  expect(values.length).toBeLessThanOrEqual(2);
  const last = writers.map(({ id }) => `${id} ${putsOfAWriter - 1}`);
  expect(values.some((value) => last.some((other) => other === value))).toBe(true);
});

test('[VER-6] a blind writer raises an alarm at 25 siblings, and is refused at 100 until it has read', async ({
  cluster,
}) => {
  const [writer] = await cluster.open(3);
  if (writer === undefined) throw new Error('a writer');
  await cluster.agreed();
  const blind = (from: number, to: number) =>
    writer.page.evaluate(
      async ([from, to]) => {
        for (let at = from; at < to; at++) await tabring.put('crowded', at);
      },
      [from, to] as const,
    );
  const alarms = async () =>
    (await cluster.all((tab) => tab.view())).map((view) => view.alarms.map(({ code }) => code));
  const everywhere = (code: string | undefined) =>
    expect.poll(alarms).toEqual([1, 2, 3].map(() => (code ? [code] : [])));

  await blind(0, 24);
  expect((await writer.get('crowded')).values.length).toBe(24);
  await everywhere(undefined);
  await blind(24, 25);
  await everywhere('siblings');
  await blind(25, 100);
  const refused = writer.page.evaluate(() =>
    tabring.put('crowded', 'one more').catch(({ name, code }) => [name, code]),
  );
  expect(await refused).toEqual(['OverloadedError', 'overloaded']);
  expect((await writer.put('another key', 1)).quorum).toBe('met');

  const { values, context } = await writer.get('crowded');
  expect(values.length).toBe(100);
  expect((await writer.put('crowded', 'merged', { context })).quorum).toBe('met');
  for (const tab of cluster.tabs) expect((await tab.get('crowded', { r: 3 })).values).toEqual(['merged']);
  await everywhere(undefined);
});
