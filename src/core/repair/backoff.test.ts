import { expect, test } from 'vitest';
import { Backoff } from './backoff.ts';

const peer = 'aaaaaaaaaaaa';

/** How long the peer is held back after a refusal at this time. */
function pause(backoff: Backoff, now: number): number {
  backoff.refused(peer, now);
  let end = now;
  while (backoff.holds(peer, end)) end += 500;
  return end - now;
}

test('[STO-2] a peer whose disk refuses is left alone for twice as long each time, half a minute at most', () => {
  const backoff = new Backoff();
  const pauses: number[] = [];
  for (let now = 0; pauses.length < 7; now += 100_000) pauses.push(pause(backoff, now));
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('[STO-2] refusals of what was sent together count as one, and what is taken ends the pause', () => {
  const backoff = new Backoff();
  for (const now of [0, 10, 20]) backoff.refused(peer, now);
  expect([backoff.holds(peer, 999), backoff.holds(peer, 1000)]).toEqual([true, false]);
  backoff.clear(peer);
  expect(pause(backoff, 5000)).toBe(1000);
});
