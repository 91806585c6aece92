import { expect, test } from 'vitest';
import { Replaced } from './replaced.ts';

test('[PUT-1] a write that is replaced is named as long as a forward of it may come: for a minute from the first time on', () => {
  const replaced = new Replaced();
  expect(replaced.isUnderWay('op', 1000)).toBe(true);
  expect(replaced.isUnderWay('op', 60_999)).toBe(true);
  expect(replaced.isUnderWay('other', 60_999)).toBe(true);
  expect(replaced.isUnderWay('op', 61_000)).toBe(false);
});
