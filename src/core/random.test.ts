import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('equal seeds give equal numbers, names and picks; others do not', () => {
  const drawn = (seed: number) => {
    const random = new Random(seed);
    return [random.below(1000), random.name(), random.pick(['a', 'b', 'c', 'd', 'e'], 3)];
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

test('a pick names nobody twice, and has all if there are no more', () => {
  const random = new Random(1);
  for (let i = 0; i < 100; i++) expect(new Set(random.pick([1, 2, 3, 4], 3)).size).toBe(3);
  expect(random.pick([1, 2], 3).toSorted()).toEqual([1, 2]);
});
