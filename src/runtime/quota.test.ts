import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EdgeAlarms } from './alarms.ts';
import { Deadlines } from './deadlines.ts';
import { Quota } from './quota.ts';
import { timerClock } from './timer-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const mb = 1e6;
const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A browser that answers after `delay` ms, and says how often it was asked. */
function overBrowser() {
  const browser = {
    usage: 1 * mb,
    quota: 1000 * mb,
    isPersisted: false,
    grants: false,
    delay: 0,
    looks: 0,
    underWay: 0,
    fails: false,
    async estimate() {
      browser.looks++;
      browser.underWay++;
      await new Promise((resolve) => setTimeout(resolve, browser.delay));
      browser.underWay--;
      if (browser.fails) throw new TypeError('no storage');
      return { usage: browser.usage, quota: browser.quota };
    },
    persisted: async () => browser.isPersisted,
    async persist() {
      if (browser.fails) throw new TypeError('no storage');
      browser.isPersisted ||= browser.grants;
      return browser.isPersisted;
    },
  };
  const alarms = new EdgeAlarms(() => undefined);
  const deadlines = new Deadlines(timerClock());
  const quota = new Quota(browser, deadlines, alarms);
  const codes = (): string[] => alarms.list().map(({ code }) => code);
  return { browser, alarms, deadlines, quota, codes };
}

test('[STO-5] how much is stored, and may be, is known after the first look, and looked at each minute', async () => {
  const { browser, quota, deadlines } = overBrowser();
  expect(quota.space).toBe(undefined);
  quota.look();
  await passes(1);
  const at = deadlines.now();
  expect(quota.space).toEqual({ usage: 1 * mb, quota: 1000 * mb, persisted: false, at: expect.closeTo(at, -1) });
  browser.usage = 2 * mb;
  await passes(59_000);
  expect(quota.space?.usage).toBe(1 * mb);
  await passes(2000);
  expect(quota.space?.usage).toBe(2 * mb);
});

test('[STO-5] a slow browser is asked one thing at a time, and less often; one that never answers no more', async () => {
  const { browser, quota } = overBrowser();
  browser.delay = 90_000;
  quota.look();
  let most = 0;
  for (let minute = 0; minute < 10; minute++) {
    quota.look();
    await passes(60_000);
    most = Math.max(most, browser.underWay);
  }
  expect([most, browser.looks]).toEqual([1, 5]);
  browser.delay = 1e9;
  await passes(600_000);
  const { looks } = browser;
  for (let minute = 0; minute < 10; minute++) {
    quota.look();
    await passes(60_000);
  }
  expect(browser.looks).toBe(looks);
  expect(quota.space?.quota).toBe(1000 * mb);
});

test('[STO-5] a hidden page does not look; one that is shown does, but not twice within 10 s', async () => {
  const { browser, quota } = overBrowser();
  quota.look();
  await passes(1);
  quota.hidden(true);
  quota.look();
  await passes(600_000);
  expect(browser.looks).toBe(1);
  for (let times = 0; times < 20; times++) {
    quota.hidden(false);
    await passes(100);
    quota.hidden(true);
  }
  expect(browser.looks).toBe(2);
  quota.hidden(false);
  for (let times = 0; times < 20; times++) {
    quota.look();
    await passes(100);
  }
  await passes(8100);
  expect(browser.looks).toBe(3);
});

test('[STO-5] a page that is hidden during a look does not look again', async () => {
  const { browser, quota } = overBrowser();
  browser.delay = 5000;
  quota.look();
  await passes(1000);
  quota.hidden(true);
  await passes(600_000);
  expect(browser.looks).toBe(1);
});

test.each([
  ['a tenth of a small quota is left', 100 * mb, 90 * mb, false],
  ['less than that is left', 100 * mb, 91 * mb, true],
  ['a thousandth of a large one is left', 1e6 * mb, 999_000 * mb, false],
  ['less than 128 MiB of a large one are left', 1e6 * mb, 999_900 * mb, true],
  ['more is stored than may be', 100 * mb, 120 * mb, true],
  ['the browser does not say how much may be stored', 0, 0, false],
])('[STO-5] whether storage is nearly full: %s', async (_, quotaBytes, usage, isNearlyFull) => {
  const { browser, quota, codes } = overBrowser();
  browser.isPersisted = true;
  Object.assign(browser, { quota: quotaBytes, usage });
  quota.look();
  await passes(1);
  expect(codes()).toEqual(isNearlyFull ? ['storage-nearfull'] : []);
});

test('[STO-5] nearly full and not kept, it may be deleted: both alarms say what to do, and end with their reason', async () => {
  const { browser, quota, alarms, codes } = overBrowser();
  browser.usage = 995 * mb;
  quota.look();
  await passes(1);
  expect(alarms.list()).toMatchObject([
    { code: 'storage-nearfull', message: expect.stringMatching(/^5\.0 MB of the 1000\.0 MB .* free space/) },
    { code: 'storage-evictable', message: expect.stringMatching(/may delete all of it.*ask again/) },
  ]);
  browser.usage = 1 * mb;
  await passes(61_000);
  expect(codes()).toEqual([]);
});

test('[STO-5] storage is kept when it is asked for and the browser agrees; if not, that is an alarm until it does', async () => {
  const { browser, quota, codes } = overBrowser();
  quota.look();
  await passes(1);
  expect(codes()).toEqual([]);
  expect([await quota.persist(), codes(), quota.space?.persisted]).toEqual([false, ['storage-evictable'], false]);
  await passes(120_000);
  expect(codes()).toEqual(['storage-evictable']);
  browser.grants = true;
  expect([await quota.persist(), codes(), quota.space?.persisted]).toEqual([true, [], true]);
});

test('[STO-5] what the browser keeps by itself later is no alarm any more', async () => {
  const { browser, quota, codes } = overBrowser();
  quota.look();
  await quota.persist();
  browser.isPersisted = true;
  await passes(61_000);
  expect(codes()).toEqual([]);
});

test('[STO-5] a browser that fails is asked again, and has not agreed', async () => {
  const { browser, quota } = overBrowser();
  browser.fails = true;
  quota.look();
  expect(await quota.persist()).toBe(false);
  await passes(1);
  expect(quota.space).toBe(undefined);
  browser.fails = false;
  await passes(61_000);
  expect(quota.space?.quota).toBe(1000 * mb);
});

test('[STO-5] without the browser’s storage manager nothing is known, and nothing is an alarm', async () => {
  const alarms = new EdgeAlarms(() => undefined);
  const quota = new Quota(undefined, new Deadlines(timerClock()), alarms);
  quota.look();
  await passes(120_000);
  expect([await quota.persist(), quota.space, alarms.list(), vi.getTimerCount()]).toEqual([false, undefined, [], 0]);
});

test('[STO-5] who waits for a user’s answer is told that the store was closed, and nothing is an alarm after that', async () => {
  const { browser, quota, deadlines, codes } = overBrowser();
  browser.persist = () => new Promise(() => undefined);
  browser.usage = 999 * mb;
  browser.delay = 1000;
  quota.look();
  await passes(100);
  const asking = quota.persist().catch(String);
  deadlines.stop();
  quota.close(new Error('closed'));
  expect(await asking).toBe('Error: closed');
  browser.persist = vi.fn();
  await expect(quota.persist()).rejects.toThrow('closed');
  expect(browser.persist).not.toHaveBeenCalled();
  await passes(600_000);
  expect([codes(), browser.looks]).toEqual([[], 1]);
});
