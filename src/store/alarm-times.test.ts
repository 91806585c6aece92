import { expect, test } from 'vitest';
import { AlarmTimes } from './alarm-times.ts';

const hour = 3_600_000;
const alarm = (code: string, since: number) => ({ code, message: code, since });

test('[MON-1] an alarm that is raised after a sleep began then, and one from before it when it did', () => {
  let wall = 1_800_000_000_000;
  let clock = 1000;
  const times = new AlarmTimes(() => wall - clock);
  const since = (...alarms: ReturnType<typeof alarm>[]) => times.onWall(alarms).map((shown) => shown.since);
  const isolated = alarm('isolated', clock);
  const first = wall;
  expect(since(isolated)).toEqual([first]);
  // The machine sleeps: its clock stands still.
  wall += 8 * hour;
  for (let i = 0; i < 3; i++) {
    wall += 10;
    clock += 10;
    expect(since(isolated, alarm('clock-size', 1010))).toEqual([first, first + 8 * hour + 10]);
  }
});

test('[MON-1] one that ended and is raised again has a new beginning', () => {
  let wall = 5000;
  const times = new AlarmTimes(() => wall);
  expect(times.onWall([alarm('isolated', 0)])).toEqual([alarm('isolated', 5000)]);
  times.onWall([]);
  wall += hour;
  expect(times.onWall([alarm('isolated', 7)])).toEqual([alarm('isolated', 5007 + hour)]);
});
