/** Clocks that are wrong, or jump, while carts are edited everywhere. No order depends on them ([VER-2]). */
import { expect } from '@playwright/test';
import { nth } from '../cluster.ts';
import { test } from './fixtures.ts';
import { seen, sees } from './links.ts';
import { survive } from './survive.ts';

const minutes = 60_000;
const years = 365 * 24 * 60 * minutes;

for (const [what, jumps] of [
  ['five minutes', [5 * minutes, -5 * minutes]],
  ['ten years', [10 * years, -10 * years]],
] as const) {
  test(`[VER-2] [MEM-3] the clocks of two tabs jump by ${what}, one ahead and one back`, ({ cluster }) =>
    survive(cluster, {}, async ({ tabs, carts }) => {
      for (const [at, jump] of jumps.entries()) {
        const { page } = nth(tabs, at);
        await page.clock.setSystemTime(Date.now() + jump);
        expect(Math.abs((await page.evaluate(() => Date.now())) - Date.now() - jump)).toBeLessThan(minutes);
      }
      await carts.progress(10);
      for (const tab of tabs) await sees([tab], tabs, ['up', 'suspect']);
      // The middle of a session, the other way round.
      for (const [at, jump] of jumps.entries()) await nth(tabs, at).page.clock.setSystemTime(Date.now() - jump);
      await carts.progress(5);
      expect((await cluster.all((tab) => tab.view())).flatMap(({ alarms }) => alarms)).toEqual([]);
    }));
}

test('[MEM-3] a lid is closed for an hour: the tab goes on where it was, and calls nobody dead', ({ cluster }) =>
  survive(cluster, { prepare: (page) => page.clock.install() }, async ({ tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    for (let round = 0; round < 3; round++) {
      const before = await victim.page.evaluate(() => performance.now());
      await victim.page.clock.fastForward('01:00:00');
      expect(await victim.page.evaluate(() => performance.now())).toBeGreaterThan(before + 60 * minutes);
      await sees([victim], others, ['up', 'suspect']);
      await carts.progress(5);
      await seen(cluster, [victim], others, ['up']);
    }
  }));
