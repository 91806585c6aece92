import { expect, test } from 'vitest';
import { bytes } from './words.ts';

test('sizes are said in the largest unit in which they are at least 1, and in no smaller one than kB', () => {
  const said = [0, 70, 999, 1000, 73_700, 1_400_000, 10_737_418_240, 3e12, 5e15].map(bytes);
  expect(said).toEqual(['0 kB', '0.1 kB', '1 kB', '1 kB', '73.7 kB', '1.4 MB', '10.7 GB', '3 TB', '5,000 TB']);
});
