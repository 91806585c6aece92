/** Links that carry nothing, or one way only, or late, or twice, while carts are edited everywhere. */
import { expect } from '@playwright/test';
import { nth } from '../cluster.ts';
import { test } from '../fixtures.ts';
import { between, everyLink, faultBetween, faultTowards, seen, sees, silent, takenForDead, touched } from './links.ts';
import { survive } from './survive.ts';

test('[MEM-5] [AE-1] halves: neither side hears of the other', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [left, right] = [tabs.slice(0, 2), tabs.slice(2)];
    const heal = await silent(between(left, right));
    await seen(cluster, left, right, ['unreachable']);
    await seen(cluster, right, left, ['unreachable']);
    await carts.progress(10);
    await heal();
  }));

test('[MEM-3] ring: each tab hears its two neighbours alone', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [a, b, c, d] = [nth(tabs, 0), nth(tabs, 1), nth(tabs, 2), nth(tabs, 3)];
    const heal = await silent([
      [a, c],
      [b, d],
    ]);
    await seen(cluster, [a], [c], ['suspect']);
    await seen(cluster, [b], [d], ['suspect']);
    await carts.progress(10);
    await heal();
  }));

test('[MEM-3] bridge: two hear the third, but not each other', ({ cluster }) =>
  survive(cluster, { tabs: 3 }, async ({ tabs, carts }) => {
    const [a, b, bridge] = [nth(tabs, 0), nth(tabs, 1), nth(tabs, 2)];
    const heal = await silent([[a, b]]);
    await seen(cluster, [a, b], [a, b], ['suspect']);
    await carts.progress(10);
    await sees([a, b], [bridge], ['up']);
    await heal();
  }));

test('[MEM-3] one way: a tab that is heard but does not hear is no dead node', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [a, b] = [nth(tabs, 0), nth(tabs, 1)];
    await faultTowards(a, b, { lost: 1 });
    await seen(cluster, [a, b], [a, b], ['suspect']);
    for (let round = 0; round < 5; round++) {
      await carts.progress(5);
      await sees([a, b], [a, b], ['suspect']);
      await sees(tabs.slice(2), tabs, ['up']);
    }
    await faultTowards(a, b, {});
  }));

test('[AE-1] [GET-2] loss: every fifth frame does not arrive', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    await faultBetween(everyLink(tabs), { lost: 0.2 });
    expect(await takenForDead(tabs, tabs, carts.progress(4))).toBeLessThan(0.1);
    await cluster.until(async () => expect((await touched(tabs)).lost).toBeGreaterThan(50), 15_000);
    await faultBetween(everyLink(tabs), {});
  }));

test('[PUT-1] repetition: every second frame arrives twice', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    await faultBetween(everyLink(tabs), { repeated: 0.5 });
    await carts.progress(30);
    await cluster.until(async () => expect((await touched(tabs)).repeated).toBeGreaterThan(100), 15_000);
    await faultBetween(everyLink(tabs), {});
  }));

test('[VER-2] [GET-3] delay: frames take up to a third of a second, and overtake those on other links', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    await faultBetween(everyLink(tabs), { delayMs: 300 });
    await carts.progress(6);
    await cluster.until(async () => expect((await touched(tabs)).delayed).toBeGreaterThan(100), 15_000);
    await faultBetween(everyLink(tabs), {});
  }));

test('[MEM-3] [HINT-1] flapping: the links of a tab come and go', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const links = between(tabs.slice(0, 1), tabs.slice(1));
    for (let flap = 0; flap < 4; flap++) {
      const { lost } = await touched(tabs);
      const heal = await silent(links);
      await carts.progress(3, tabs.slice(1));
      await cluster.until(async () => expect((await touched(tabs)).lost).toBeGreaterThan(lost + 10), 15_000);
      await heal();
      await carts.progress(3, tabs.slice(1));
    }
  }));

test('[NET-2] broken links: every connection of a tab ends, again and again', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const { page } = nth(tabs, 0);
    for (let round = 0; round < 3; round++) {
      const made = await page.evaluate(() => links.connections.length);
      await page.evaluate(() => links.breakAll());
      await carts.progress(5);
      await cluster.until(async () => {
        expect(await page.evaluate(() => links.connections.length)).toBeGreaterThanOrEqual(made + 3);
        expect((await nth(tabs, 0).view()).links.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
      }, 15_000);
    }
  }));
