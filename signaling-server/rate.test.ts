import { describe, expect, it } from 'vitest';
import { Rate } from './rate.ts';

describe('Rate', () => {
  it('lets a burst through, then the rate', () => {
    const rate = new Rate(20, 60, 0);
    let taken = 0;
    for (let now = 0; now < 10_000; now += 1) if (rate.take(now)) taken += 1;
    expect(taken).toBe(60 + 20 * 10 - 1);
  });

  it('saves no more than the burst', () => {
    const rate = new Rate(20, 3, 0);
    expect([1, 2, 3, 4].map(() => rate.take(1_000_000))).toEqual([true, true, true, false]);
  });

  it('says when the next may come', () => {
    const rate = new Rate(20, 1, 0);
    rate.take(0);
    expect(rate.wait(0)).toBe(50);
    expect(rate.take(49)).toBe(false);
    expect(rate.take(50)).toBe(true);
  });
});
