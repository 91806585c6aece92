import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decodeGreeting, encodeGreeting, type Greeting } from '../wire/greeting.ts';
import { EdgeAlarms } from './alarms.ts';
import { Deadlines } from './deadlines.ts';
import { Greetings } from './greetings.ts';
import { timerClock } from './timer-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const peer = 'bbbbbbbbbbbb';
const other = 'cccccccccccc';
const own = { protocol: 5, oldest: 4 };
const same = { ...own, heard: false };
const older: Greeting = { protocol: 3, oldest: 3, heard: false };
const newer: Greeting = { protocol: 7, oldest: 6, heard: false };
const message = Uint8Array.of(0x81, 0xa1, 0x61, 1);

function station() {
  const log: string[] = [];
  const alarms = new EdgeAlarms(() => undefined);
  const greetings = new Greetings(own, new Deadlines(timerClock()), alarms, {
    send: (to, bytes) => log.push(`${decodeGreeting(bytes)?.heard ? 'answer' : 'greet'} ${to}`),
    up: (of) => log.push(`up ${of}`),
    down: (of) => log.push(`down ${of}`),
  });
  const hears = (greeting: Greeting, from = peer): boolean => greetings.isForCore(from, encodeGreeting(greeting));
  const told = (): string[] => log.splice(0);
  const alarm = (): string | undefined => alarms.list()[0]?.message;
  return { greetings, hears, told, alarm };
}

test('[NET-5] a link is up for the core when the peer has greeted, and down after that', () => {
  const { greetings, hears, told } = station();
  greetings.up(peer);
  expect(told()).toEqual([`greet ${peer}`]);
  expect(greetings.talksWith(peer)).toBe(false);
  expect(hears(same)).toBe(false);
  expect(told()).toEqual([`up ${peer}`]);
  expect(greetings.talksWith(peer)).toBe(true);
  expect(greetings.isForCore(peer, message)).toBe(true);
  greetings.down(peer);
  expect(told()).toEqual([`down ${peer}`]);
  expect(greetings.talksWith(peer)).toBe(false);
});

test.each([
  ['who says something else first, as the build before did', undefined],
  ['who is older', older],
  ['who is newer', newer],
])('[NET-5] %s is foreign: nothing of it is for the core, which never hears of it', (_, greeting) => {
  const { greetings, hears, told, alarm } = station();
  greetings.up(peer);
  if (greeting === undefined) expect(greetings.isForCore(peer, message)).toBe(false);
  else expect(hears(greeting)).toBe(false);
  for (let count = 0; count < 30; count++) expect(greetings.isForCore(peer, message)).toBe(false);
  expect(greetings.talksWith(peer)).toBe(false);
  expect(told()).toEqual([`greet ${peer}`]);
  expect(alarm()).toContain(peer);
  greetings.down(peer);
  expect(told()).toEqual([]);
  expect(alarm()).toBeUndefined();
});

test('[NET-5] the alarm says which tab is to be reloaded, of all that there are', () => {
  const { greetings, hears, alarm } = station();
  for (const id of [peer, other]) greetings.up(id);
  hears(older);
  const rest = 'Until then these tabs work apart, and what each saves is kept.';
  expect(alarm()).toBe(`Tab ${peer} has an older version of this page: reload that tab. ${rest}`);
  hears(older, other);
  expect(alarm()).toBe(`Tabs ${peer}, ${other} have an older version of this page: reload those tabs. ${rest}`);
  hears(newer);
  expect(alarm()).toBe(
    `Tab ${other} has an older version of this page: reload that tab. ` +
      `This tab has an older version of this page than tab ${peer}: reload this tab. ${rest}`,
  );
  greetings.down(other);
  expect(alarm()).toBe(`This tab has an older version of this page than tab ${peer}: reload this tab. ${rest}`);
  hears(same);
  expect(alarm()).toBeUndefined();
});

test('[NET-5] of very many foreign tabs some are named', () => {
  const { greetings, hears, alarm } = station();
  for (const letter of 'bcdefgh') {
    greetings.up(letter.repeat(12));
    hears(newer, letter.repeat(12));
  }
  expect(alarm()).toContain(`tabs ${[...'bcdef'].map((letter) => letter.repeat(12)).join(', ')} and 2 more`);
});

test('[NET-5] a peer whose page was replaced while the link lived is judged by its last greeting', () => {
  const { greetings, hears, told } = station();
  greetings.up(peer);
  hears({ ...same, heard: true });
  hears({ ...newer, heard: true });
  expect(greetings.talksWith(peer)).toBe(false);
  hears({ ...same, heard: true });
  hears({ ...same, heard: true });
  expect(told()).toEqual([`greet ${peer}`, `up ${peer}`, `down ${peer}`, `up ${peer}`]);
});

test('[NET-5] a greeting that was lost is sent again, and its answer is not answered', () => {
  const { greetings, hears, told } = station();
  greetings.up(peer);
  hears(same);
  told();
  // The peer says it again, since it has not had ours.
  hears(same);
  expect(told()).toEqual([`answer ${peer}`]);
  hears({ ...same, heard: true });
  expect(told()).toEqual([]);
});

test('[NET-5] who is silent is greeted until it answers, however long that takes', () => {
  const { greetings, hears, told } = station();
  greetings.up(peer);
  vi.advanceTimersByTime(60_000);
  expect(told()).toHaveLength(31);
  hears({ ...same, heard: true });
  vi.advanceTimersByTime(60_000);
  expect(told()).toEqual([`up ${peer}`]);
});

test('[NET-5] the build before, which counts greetings as malformed, does not hear so many that it closes the link', () => {
  const { greetings, hears, told, alarm } = station();
  greetings.up(peer);
  for (let second = 0; second < 600; second++) {
    greetings.isForCore(peer, message);
    vi.advanceTimersByTime(1000);
  }
  const greeted = told();
  expect(greeted.length).toBeGreaterThan(1);
  expect(greeted.length).toBeLessThan(10);
  expect(alarm()).toContain('reload that tab');
  // It was no such build after all: its greeting had been lost.
  hears({ ...same, heard: true });
  expect(alarm()).toBeUndefined();
  expect(told()).toEqual([`up ${peer}`]);
});

test('[NET-5] who joins waits until each linked peer has greeted, or is silent for seconds', async () => {
  const { greetings, hears } = station();
  let isSettled = false;
  const settles = async (): Promise<void> => {
    isSettled = false;
    await greetings.settled();
    isSettled = true;
  };
  void settles();
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled).toBe(true);

  greetings.up(peer);
  greetings.up(other);
  void settles();
  hears(newer);
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled).toBe(false);
  hears(same, other);
  await vi.advanceTimersByTimeAsync(0);
  expect(isSettled).toBe(true);

  greetings.up('dddddddddddd');
  void settles();
  await vi.advanceTimersByTimeAsync(3000);
  expect(isSettled).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect(isSettled).toBe(true);
});

test('[NET-3] bytes of a peer to which there is no link are not for the core', () => {
  const { greetings, hears, told } = station();
  expect(hears(same)).toBe(false);
  expect(greetings.isForCore(peer, message)).toBe(false);
  greetings.down(peer);
  expect(told()).toEqual([]);
});

test('[NET-5] only a peer with a higher protocol may say what is not known here', () => {
  const { greetings, hears } = station();
  greetings.up(peer);
  expect(greetings.isNewer(peer)).toBe(false);
  hears(same);
  expect(greetings.isNewer(peer)).toBe(false);
  hears({ protocol: 6, oldest: 5, heard: true });
  expect(greetings.isNewer(peer)).toBe(true);
  hears({ protocol: 4, oldest: 4, heard: true });
  expect(greetings.isNewer(peer)).toBe(false);
});
