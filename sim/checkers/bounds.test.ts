import { expect, test } from 'vitest';
import type { Dot } from '../../src/core/ids.ts';
import { limits } from '../../src/core/limits.ts';
import type { Message } from '../../src/core/message.ts';
import type { Version } from '../../src/core/version/siblings.ts';
import type { WriteOperation } from '../world/operation-log.ts';
import { BoundsChecker } from './bounds.ts';
import { batch, found, ready, strangers, versionOf, written } from './fixture.ts';

const siblings = (write: WriteOperation, actor: string, count: number) =>
  Array.from({ length: count }, (_, at) => versionOf(write, [actor, at + 1]));

test('[S11] a clock and a flood of messages over their bounds are found', () => {
  const { world, hosts } = strangers(1);
  const checker = new BoundsChecker(world);
  const write = written(world, 'ok');
  const step = (entries: number, sends: number): number => {
    const context = Array.from({ length: entries }, (_, at): Dot => [`x${at}.1`, 1]);
    const send = { to: 'b', message: { type: 'ping', seq: 1 } } as const;
    const writes = batch(1, [versionOf(write, ['a.1', 1], context)]);
    checker.stepped(hosts[0], { type: 'wake' }, ready({ writes, sends: Array.from({ length: sends }, () => send) }));
    return found(world).filter((name) => name === 'S11').length;
  };
  expect(step(10, 100)).toBe(0);
  expect(step(limits.clockMax + 1, 1)).toBe(1);
  expect(step(1, 6000)).toBe(2);
});

test('[S11] [VER-6] a put beside too many siblings is found; a merge may make more of them', () => {
  const { world, hosts } = strangers(1);
  const checker = new BoundsChecker(world);
  const write = written(world, 'ok');
  const step = (all: readonly Version[]): string[] => {
    checker.stepped(hosts[0], { type: 'wake' }, ready({ writes: batch(1, all) }));
    return found(world);
  };
  const [mine, theirs] = [siblings(write, 'a.1', limits.siblingsMax), siblings(write, 'b.1', limits.siblingsMax)];
  expect(step(mine)).toEqual([]);
  expect(step(theirs)).toEqual([]);
  expect(step([...mine, ...theirs])).toEqual([]);
  expect(step([...mine, versionOf(write, ['c.1', 1])])).toEqual(['S11']);
});

test('[S11] [VER-4] a state that is too long for the message that it is in is found, but for a single sibling', () => {
  const { world, hosts } = strangers(1);
  const checker = new BoundsChecker(world);
  const value = new Uint8Array(limits.stateBytes);
  const large = siblings(written(world, 'ok'), 'a.1', 2).map((one) => ({ ...one, value, size: value.length }));
  const step = (count: number): string[] => {
    const message: Message = { type: 'pulled', id: 1, siblings: large.slice(0, count) };
    checker.stepped(hosts[0], { type: 'wake' }, ready({ sends: [{ to: 'b', message }] }));
    return found(world);
  };
  expect(step(1)).toEqual([]);
  expect(step(2)).toEqual(['S11']);
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
