import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst through, then the rate', () => {
    const bucket = new TokenBucket(20, 60, 0);
    let taken = 0;
    for (let now = 0; now < 10_000; now += 1) if (bucket.take(now)) taken += 1;
    expect(taken).toBe(60 + 20 * 10 - 1);
  });

  it('saves no more than the burst', () => {
    const bucket = new TokenBucket(20, 3, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(1_000_000))).toEqual([true, true, true, false]);
  });

  it('says when the next may come', () => {
    const bucket = new TokenBucket(20, 1, 0);
    bucket.take(0);
    expect(bucket.wait(0)).toBe(50);
    expect(bucket.take(49)).toBe(false);
    expect(bucket.take(50)).toBe(true);
  });
});
