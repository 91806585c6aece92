import { expect, test } from 'vitest';
import type { Dot } from '../../src/core/ids.ts';
import { limits } from '../../src/core/limits.ts';
import { BoundsChecker } from './bounds.ts';
import { batch, found, ready, strangers, versionOf, written } from './fixture.ts';

test('[S11] a clock, a number of siblings, and a flood of messages over their bounds are found', () => {
  const { world, hosts } = strangers(1);
  const checker = new BoundsChecker(world);
  const write = written(world, 'ok');
  const step = (versions: number, entries: number, sends: number): number => {
    const context = Array.from({ length: entries }, (_, at): Dot => [`x${at}.1`, 1]);
    const version = versionOf(write, ['a.1', 1], context);
    const send = { to: 'b', message: { type: 'ping', seq: 1 } } as const;
    const writes = batch(
      1,
      Array.from({ length: versions }, () => version),
    );
    checker.stepped(hosts[0], { type: 'wake' }, ready({ writes, sends: Array.from({ length: sends }, () => send) }));
    return found(world).filter((name) => name === 'S11').length;
  };
  expect(step(limits.siblingsMax, 10, 100)).toBe(0);
  expect(step(limits.siblingsMax + 1, 10, 1)).toBe(1);
  expect(step(1, limits.clockMax + 1, 1)).toBe(2);
  expect(step(1, 1, 6000)).toBe(3);
});

test('[S11] what waits for ever shows at rest', () => {
  const { world, hosts } = strangers(1);
  const checker = new BoundsChecker(world);
  checker.atRest();
  expect(found(world)).toEqual([]);
  hosts[0].pause();
  for (let at = 0; at < 200; at++) hosts[0].feed({ type: 'wake' });
  checker.atRest();
  expect(found(world)).toEqual(['S11']);
});
