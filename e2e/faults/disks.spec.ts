/** Disks that are full, refuse, go away or forget, while carts are edited everywhere. */
import { randomBytes } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { type Cluster, nth } from '../cluster.ts';
import type { Tab } from '../tab.ts';
import { breakableDisks } from './disks.ts';
import { test } from './fixtures.ts';
import { survive } from './survive.ts';

/** A tab that cannot begin an epoch mints nothing: it says so at once, and acknowledges nothing. */
const refusal = /StorageError/;

/** Waits until the tab has this alarm, or has it no more. */
function alarmed(cluster: Cluster, tab: Tab, code: string, isRaised: boolean): Promise<number> {
  return cluster.until(async () => {
    const codes = (await tab.view()).alarms.map((alarm) => alarm.code);
    if (isRaised) expect(codes).toContain(code);
    else expect(codes).not.toContain(code);
  }, 15_000);
}

test('[STO-2] [VER-3] the whole storage of a tab is wiped', ({ cluster, server }) =>
  survive(cluster, {}, async ({ tabs, carts }) => {
    const victim = nth(tabs, 0);
    const session = await victim.page.context().newCDPSession(victim.page);
    await session.send('Storage.clearDataForOrigin', { origin: server.url, storageTypes: 'all' });
    await carts.progress(15);
    await cluster.until(async () => expect((await victim.view()).keys).toBeGreaterThan(0), 15_000);
  }));

test('[STO-2] a quota is used up: the tab takes no more, the others do, and it goes on when there is space', ({
  cluster,
  server,
  startDevice,
}) =>
  survive(cluster, { tabs: 3, refusal }, async ({ tabs, carts }) => {
    const { context } = await startDevice();
    const setQuota = async (page: Page, quota: { quotaSize?: number }): Promise<void> => {
      const session = await context.newCDPSession(page);
      await session.send('Storage.overrideQuotaForOrigin', { origin: server.url, ...quota });
    };
    const victim = await cluster.openIn(context, { prepare: (page) => setQuota(page, { quotaSize: 500_000 }) });
    carts.editIn(victim);
    await cluster.agreed();
    // A small write may still find room, and then the alarm is over: hence all that ever were.
    const alarms = await victim.page.evaluateHandle(() => {
      const codes: string[] = [];
      tabring.addEventListener('alarm', ({ detail }) => codes.push(detail.code));
      return codes;
    });
    let ballast = 0;
    await cluster.until(async () => {
      await nth(tabs, 0).put(`ballast/${ballast++}`, randomBytes(75_000).toString('base64'));
      expect(await alarms.evaluate((codes) => codes)).toContain('storage-full');
    }, 60_000);
    await carts.progress(10, tabs);
    await setQuota(victim.page, {});
    const keys = Array.from({ length: 20 }, (_, at) => `room again/${at}`);
    const isOwn = (await victim.owners(keys)).map((owners) => owners.includes(victim.id));
    await cluster.until(async () => {
      const [key = ''] = keys.filter((_, at) => isOwn[at]);
      const { acks } = await victim.put(key, randomBytes(75_000).toString('base64'), { w: 3 });
      expect(acks).toContain(victim.id);
    }, 20_000);
    await alarmed(cluster, victim, 'storage-full', false);
  }));

test('[STO-2] [STO-1] no transaction of a tab is committed for a while', ({ cluster }) =>
  survive(cluster, { scripts: [breakableDisks], refusal }, async ({ tabs, carts }) => {
    const victim = nth(tabs, 0);
    await victim.page.evaluate(() => disks.refuse(true));
    await alarmed(cluster, victim, 'storage-failed', true);
    await carts.progress(10, tabs.slice(1));
    await cluster.until(async () => expect(await victim.page.evaluate(() => disks.failed)).toBeGreaterThan(3), 15_000);
    await victim.page.evaluate(() => disks.refuse(false));
    await alarmed(cluster, victim, 'storage-failed', false);
  }));

test('[STO-2] [VER-3] the database of a tab is closed under it, five times', ({ cluster }) =>
  survive(cluster, { scripts: [breakableDisks], refusal }, async ({ tabs, carts }) => {
    const victim = nth(tabs, 0);
    for (let round = 0; round < 5; round++) {
      const { epoch } = (await victim.view()).self;
      await victim.page.evaluate(() => disks.close());
      await carts.progress(5);
      await cluster.until(async () => expect((await victim.view()).self.epoch).toBeGreaterThan(epoch), 10_000);
    }
  }));

test('[AE-1] [VER-3] rot: a tab that is loaded again finds every second value gone from its disk', ({ cluster }) =>
  survive(cluster, { scripts: [breakableDisks] }, async ({ tabs, carts }) => {
    // Once every cart was edited, somebody holds three quarters of them, and so has something to lose.
    await carts.progress(carts.keys.length);
    const held = await Promise.all(tabs.map(async (tab) => (await tab.view()).keys));
    const victim = nth(tabs, held.indexOf(Math.max(...held)));
    cluster.forget(victim);
    expect(await victim.page.evaluate(() => disks.rot())).toBeGreaterThan(0);
    await victim.page.reload();
    const again = await cluster.adopt(victim.page);
    expect(again.id).toBe(victim.id);
    carts.editIn(again);
    await carts.progress(10);
  }));

test('[VER-1] an older copy of a profile is put back: the tab resumes its node, and reuses no dot', ({
  cluster,
  startDevice,
}) =>
  survive(cluster, {}, async ({ carts }) => {
    const first = await startDevice();
    const { profile } = first;
    /** Edits with the profile as it is, and closes the browser. */
    const edit = async (device: typeof first, edits: number): Promise<string> => {
      const victim = await cluster.openIn(device.context);
      carts.editIn(victim);
      await carts.progress(edits);
      await cluster.closeTab(victim);
      await device.context.close();
      return victim.id;
    };
    const id = await edit(first, 5);
    await cp(profile, `${profile}-copy`, { recursive: true });
    expect(await edit(await startDevice(profile), 10)).toBe(id);
    await rm(profile, { recursive: true });
    await cp(`${profile}-copy`, profile, { recursive: true });
    const third = await startDevice(profile);
    const victim = await cluster.openIn(third.context);
    expect(victim.id).toBe(id);
    carts.editIn(victim);
    await carts.progress(10);
    await rm(`${profile}-copy`, { recursive: true });
  }));
