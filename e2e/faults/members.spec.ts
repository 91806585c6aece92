/** Tabs that come, go, and are removed or duplicated, in a ring that has other troubles as well. */
import { expect } from '@playwright/test';
import { nth } from '../cluster.ts';
import { test } from './fixtures.ts';
import { between, everyLink, faultBetween, seen, silent } from './links.ts';
import { survive } from './survive.ts';

test('[ID-1] [VER-1] a tab is duplicated with its session, and both edit', ({ cluster }) =>
  survive(cluster, { tabs: 3 }, async ({ tabs, carts }) => {
    const { page, id } = nth(tabs, 0);
    const opened = page.context().waitForEvent('page');
    await page.evaluate(() => void window.open(location.href));
    const copy = await cluster.adopt(await opened);
    expect(copy.id).not.toBe(id);
    carts.editIn(copy);
    await carts.progress(10);
  }));

test('[XFER-1] [MEM-1] tabs join, leave and are removed while frames are lost and late', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [remover, leaver, dead] = [nth(tabs, 0), nth(tabs, 1), nth(tabs, 2)];
    await faultBetween(everyLink(tabs), { lost: 0.05, delayMs: 40 });
    for (const tab of await cluster.open(1)) carts.editIn(tab);
    await carts.progress(3);
    cluster.forget(leaver);
    await leaver.leave();
    await carts.progress(3);
    await cluster.crash(dead);
    await seen(cluster, [remover], [dead], ['unreachable']);
    await remover.page.evaluate((id) => tabring.remove(id), dead.id);
    for (const tab of await cluster.open(1)) carts.editIn(tab);
    await carts.progress(3);
    await faultBetween(everyLink(cluster.tabs.filter((tab) => tabs.includes(tab))), {});
  }));

test('[RING-2] [MEM-5] both sides of a cut take a new tab, and one loses one', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [left, right] = [tabs.slice(0, 2), tabs.slice(2)];
    const heal = await silent(between(left, right));
    await seen(cluster, left, right, ['unreachable']);
    // The newcomers reach both sides, which still do not reach each other.
    for (const tab of await cluster.open(2)) carts.editIn(tab);
    const leaver = nth(tabs, 3);
    cluster.forget(leaver);
    // It may have to wait for owners on the other side.
    const gone = leaver.leave();
    await carts.progress(5);
    await heal();
    await gone;
  }));
