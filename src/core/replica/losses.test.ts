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

test('[GET-1] a key is lost in the partition where it is now, until storage is opened again', () => {
  const losses = new Losses();
  losses.add('a', 1);
  losses.repartition(() => 5);
  expect([losses.has('a'), losses.of(1), losses.of(5) > 0]).toEqual([true, 0, true]);
  losses.clear();
  expect([losses.has('a'), losses.of(5)]).toEqual([false, 0]);
});
