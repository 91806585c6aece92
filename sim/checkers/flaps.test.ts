import { expect, test } from 'vitest';
import { found, strangers } from './fixture.ts';
import { FlapsChecker } from './flaps.ts';

function told(...statuses: readonly string[]): string[] {
  const { world } = strangers(2);
  const checker = new FlapsChecker(world);
  for (const status of statuses) checker.see('a', 'b', status);
  checker.judge();
  return found(world);
}

test('[L6] [MEM-3] one that changes its mind again and again is found, one that makes it up is not', () => {
  expect(told('up', 'up', 'suspect', 'unreachable', 'unreachable')).toEqual([]);
  expect(told('up', 'suspect', 'up', 'suspect')).toEqual(['L6']);
});
