/** What the figures draw from chance. The invariant: every number comes from the generator that is passed in. */
import type { SeededRandom } from '../../world/random.ts';

/** Exponentially distributed: the time to the next of many independent events. */
export const exponential = (random: SeededRandom, mean: number): number => -Math.log(1 - random.fraction()) * mean;

/** Log-normally distributed: half of the draws are below the median; the tail grows with `spread`. */
export function logNormal(random: SeededRandom, { median, spread }: LogNormal): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
  return median * Math.exp(spread * radius * Math.cos(2 * Math.PI * random.fraction()));
}

export interface LogNormal {
  readonly median: number;
  /** Standard deviation of the logarithm. */
  readonly spread: number;
}

/** Index of the first element greater than `value`, or of the last one. */
export function firstAbove(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
