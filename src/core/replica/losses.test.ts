import { expect, test } from 'vitest';
import { Losses } from './losses.ts';

test('[XFER-1] a count of losses never goes back, also when the ring has other partitions', () => {
  const losses = new Losses();
  const counts = [losses.of(1)];
  for (const key of ['a', 'b']) {
    losses.add(key, 1);
    counts.push(losses.of(1));
  }
  losses.repartition(() => 1);
  counts.push(losses.of(1));
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(new Set(counts).size).toBe(counts.length);
});

test('[GET-1] a key is lost in the partition where it is now, until storage is opened again, or all is there', () => {
  const losses = new Losses();
  losses.add('a', 1);
  losses.repartition(() => 5);
  expect([losses.has('a', 5), losses.has('a', 1), losses.of(1), losses.of(5) > 0]).toEqual([true, false, 0, true]);
  losses.settled(1);
  expect(losses.has('a', 5)).toBe(true);
  losses.settled(5);
  expect([losses.has('a', 5), losses.of(5) > 0]).toEqual([false, true]);
  losses.add('a', 5);
  losses.clear();
  expect([losses.has('a', 5), losses.of(5)]).toEqual([false, 0]);
});
