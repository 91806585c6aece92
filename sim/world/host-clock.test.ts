import { expect, test } from 'vitest';
import { HostClock } from './host-clock.ts';

function clock() {
  const world = { now: 0 };
  const made = new HostClock(() => world.now);
  made.start(500);
  return { world, clock: made };
}

test('it runs at its own rate, from a time of its own', () => {
  const { world, clock: mine } = clock();
  world.now = 1000;
  expect(mine.now).toBe(1500);
  mine.rate = 1.1;
  world.now = 2000;
  expect(mine.now).toBe(2600);
  expect(mine.worldTimeOf(2600)).toBeLessThanOrEqual(2000);
  expect(mine.worldTimeOf(3700)).toBe(3000);
});

test('a machine that sleeps loses the time, or finds that it has leapt; it never goes back', () => {
  const { world, clock: mine } = clock();
  world.now = 1000;
  mine.stopped = true;
  world.now = 60_000;
  expect(mine.now).toBe(1500);
  mine.leap(3_600_000);
  mine.stopped = false;
  expect(mine.now).toBe(3_601_500);
  world.now = 60_001;
  expect(mine.now).toBe(3_601_501);
});

test('the wall clock may jump either way, and nothing but it', () => {
  const { world, clock: mine } = clock();
  world.now = 1000;
  const { wall, now } = mine;
  mine.wallOffset = -315_360_000_000;
  expect(wall - mine.wall).toBe(315_360_000_000);
  expect(mine.now).toBe(now);
});
