import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency.ts';

const filled = (values: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

test('[MON-1] nothing recorded is all zeroes', () => {
  expect(new LatencyHistogram().summary()).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, p999: 0 });
});

test('[MON-1] every quantile is within 5% of the true one', () => {
  const latencies = fc.array(fc.double({ min: 0.02, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
  return fc.assert(
    fc.property(latencies, fc.constantFrom(0.5, 0.95, 0.99, 0.999), (values, q) => {
      const sorted = values.toSorted((a, b) => a - b);
      const truth = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
      expect(Math.abs(filled(values).quantile(q) - truth)).toBeLessThanOrEqual(0.05 * truth);
    }),
  );
});

test('[MON-1] merging two histograms is recording both', () => {
  const merged = filled([1, 5, 9]);
  merged.merge(filled([20, 300]));
  expect(merged.summary()).toEqual(filled([1, 5, 9, 20, 300]).summary());
});

test('what is out of range counts at the ends', () => {
  const histogram = filled([0, 1e12]);
  expect(histogram.summary().count).toBe(2);
  expect(histogram.quantile(0.5)).toBeCloseTo(0.01);
  expect(histogram.quantile(1)).toBeGreaterThan(3 * 3_600_000);
});
