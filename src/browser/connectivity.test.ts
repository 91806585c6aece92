import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Connectivity } from './connectivity.ts';

const turn = [{ urls: 'turn:example.org', username: 'u', credential: 'c' }];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The alarm after others were there for so many ms, without a link. */
async function alarmAfter(ms: number, options: ConstructorParameters<typeof Connectivity>[0], present = 1) {
  const connectivity = new Connectivity(options, () => undefined);
  await connectivity.ice().catch(() => undefined);
  connectivity.update(present, 0);
  vi.advanceTimersByTime(ms);
  return connectivity.alarm;
}

describe('[NET-6] where others are there and no link opens an alarm names the likely cause', () => {
  test.each([
    ['the network', {}, /NAT, firewall, VPN.*turn: server/],
    [
      'no relay, though only relays may be used',
      { iceTransportPolicy: 'relay' as const },
      /iceTransportPolicy is 'relay'/,
    ],
    ['a relay that does not answer', { iceServers: turn }, /TURN server.*credentials have expired/],
    ['a function that throws', { iceServers: () => Promise.reject(new Error('no token')) }, /iceServers\(\).*no token/],
    ['a function that gives nonsense', { iceServers: () => JSON.parse('[{"urls":7}]') }, /iceServers\(\).*must return/],
  ])('%s', async (_, options, words) => {
    expect(await alarmAfter(9_000, options)).toBeUndefined();
    expect(await alarmAfter(10_000, options)).toMatch(words);
  });

  test('how many there are is said', async () => {
    expect(await alarmAfter(10_000, {})).toMatch(/^Another tab is in this room/);
    expect(await alarmAfter(10_000, {}, 3)).toMatch(/^3 other tabs are in this room/);
  });
});

test('[NET-6] the alarm goes with the first link, and when nobody is there any more', () => {
  const changed = vi.fn();
  const connectivity = new Connectivity({}, changed);
  for (const [present, open] of [
    [2, 1],
    [0, 0],
  ] as const) {
    connectivity.update(2, 0);
    vi.advanceTimersByTime(10_000);
    expect(connectivity.alarm).toBeDefined();
    connectivity.update(present, open);
    expect(connectivity.alarm).toBeUndefined();
  }
  expect(changed).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(60_000);
  expect(connectivity.alarm).toBeUndefined();
});

test('[NET-6] a function is asked for each attempt', async () => {
  const iceServers = vi.fn(() => turn);
  const connectivity = new Connectivity({ iceServers }, () => undefined);
  expect(await connectivity.ice()).toEqual({ iceServers: turn, iceTransportPolicy: 'all' });
  await connectivity.ice();
  expect(iceServers).toHaveBeenCalledTimes(2);
});
