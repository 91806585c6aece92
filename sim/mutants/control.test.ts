import { expect, test } from 'vitest';
import { RingNode } from '../../src/core/node.ts';
import { lastWriteWinsCore, setTest, tells } from './control.ts';

test('the set test loses much with last-write-wins, and nothing with the merge', { timeout: 120_000 }, async () => {
  const seeds = 1;
  const merge = setTest((options) => new RingNode(options), seeds);
  const lww = setTest(await lastWriteWinsCore(), seeds);
  expect(tells(lww, merge)).toBe(true);
  expect(tells(merge, lww)).toBe(false);
});
