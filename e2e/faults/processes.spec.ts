/** Tabs and browsers that stop, stall, die and come again, while carts are edited everywhere. */
import { expect } from '@playwright/test';
import { nth } from '../cluster.ts';
import { test } from './fixtures.ts';
import { hideable } from './lifecycle.ts';
import { seen, sees } from './links.ts';
import { rendererOf, stopProcess } from './processes.ts';
import { survive } from './survive.ts';

for (const [seconds, what] of [
  [3, 'the others go on without it'],
  [6, 'it takes back what it thought of the others'],
] as const) {
  test(`[MEM-3] a tab's process stands still for ${seconds} s: ${what}`, ({ cluster, browser }) =>
    survive(cluster, {}, async ({ tabs, carts }) => {
      const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
      const from = performance.now();
      const goOn = stopProcess(await rendererOf(browser, victim.page));
      try {
        await seen(cluster, others, [victim], ['suspect', 'unreachable']);
        await carts.progress(10, others);
        await expect.poll(() => performance.now() - from, { timeout: 10_000 }).toBeGreaterThan(seconds * 1000);
      } finally {
        goOn();
      }
      // It has heard nobody for as long as nobody has heard it, and must not call them dead for that.
      await sees([victim], others, ['up', 'suspect']);
    }));
}

test('[MEM-4] a hidden tab with timers of 1 Hz, then still for 4 s, is never called dead', ({ cluster, browser }) =>
  survive(cluster, { scripts: [hideable] }, async ({ tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    await victim.page.evaluate(() => lifecycle.hide());
    await seen(cluster, others, [victim], ['hidden']);
    await carts.progress(5);
    const from = performance.now();
    const goOn = stopProcess(await rendererOf(browser, victim.page));
    try {
      while (performance.now() - from < 4000) await sees(others, [victim], ['hidden']);
    } finally {
      goOn();
    }
    await victim.page.evaluate(() => lifecycle.show());
    await seen(cluster, others, [victim], ['up']);
  }));

test('[MEM-4] two tabs on a processor six times as slow', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const sessions = await Promise.all(tabs.slice(0, 2).map(({ page }) => page.context().newCDPSession(page)));
    for (const session of sessions) await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await carts.progress(8);
    for (const session of sessions) await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  }));

test('[ID-1] [HINT-1] a tab crashes and is opened again', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const [victim, ...others] = [nth(tabs, 0), ...tabs.slice(1)];
    await cluster.crash(victim);
    await seen(cluster, others, [victim], ['unreachable']);
    await carts.progress(10);
    const again = await cluster.openIn(victim.page.context());
    expect([again.id, again.epoch]).toEqual([victim.id, victim.epoch + 1]);
    carts.editIn(again);
  }));

test('[NET-2] [ID-1] a tab is closed and opened again, three times', ({ cluster }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const others = tabs.slice(1);
    let victim = nth(tabs, 0);
    for (let round = 1; round <= 3; round++) {
      const context = victim.page.context();
      await cluster.closeTab(victim);
      await seen(cluster, others, [victim], ['unreachable']);
      await carts.progress(5);
      victim = await cluster.openIn(context);
      expect([victim.id, victim.epoch]).toEqual([nth(tabs, 0).id, 1 + round]);
      carts.editIn(victim);
      await carts.progress(3);
    }
  }));

test('[STO-1] [ID-1] a browser is killed with both of its tabs, and is started again on its profile', ({
  cluster,
  startDevice,
}) =>
  survive(cluster, { tabs: 3 }, async ({ tabs, carts }) => {
    const device = await startDevice();
    const victims = [await cluster.openIn(device.context), await cluster.openIn(device.context)];
    for (const victim of victims) carts.editIn(victim);
    await cluster.agreed();
    await carts.progress(10);
    for (const victim of victims) cluster.forget(victim);
    await device.kill();
    await seen(cluster, tabs, victims, ['unreachable']);
    await carts.progress(10);
    const { context } = await startDevice(device.profile);
    const again = [await cluster.openIn(context), await cluster.openIn(context)];
    expect(again.map(({ id }) => id).toSorted()).toEqual(victims.map(({ id }) => id).toSorted());
    for (const tab of again) carts.editIn(tab);
  }));
