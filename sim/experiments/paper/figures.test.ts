/** Each figure in a small size: that it comes out, and says what it must say at any size. */
import { describe, expect, test } from 'vitest';
import { bufferedSize, devices, figure5, measurePuts } from './buffered.ts';
import { type CoordinationSize, measureCoordination, table2 } from './coordination.ts';
import { type DivergenceSize, measureVersions, section63 } from './divergence.ts';
import { type EfficiencySize, figure8, measureEfficiency } from './efficiency.ts';
import { figure6, type ImbalanceSize, measureImbalance } from './imbalance.ts';
import { mean, quantile } from './stats.ts';
import { measureReturns, section44 } from './truncation.ts';

const wellFormed = /^<svg [^>]*>\n[\s\S]*<\/svg>\n$/;

describe('figure 8', () => {
  const size: EfficiencySize = {
    nodes: 10,
    n: 3,
    rings: 5,
    tokens: [1, 32],
    partitions: [64, 256],
    fixedPartitions: [64, 256],
    turnover: 5,
  };

  test('efficiency is at most 1, and grows with the table', () => {
    const { one, two, three, later } = measureEfficiency(size);
    for (const points of [one, ...two, three, later]) {
      for (const { least, most } of points) {
        expect(least).toBeGreaterThan(0);
        expect(most).toBeLessThanOrEqual(1 + 1e-9);
      }
    }
    for (const [few, many] of [one, three]) expect(many?.mean).toBeGreaterThan(few?.mean ?? 1);
    expect(three[1]?.mean).toBeGreaterThan(one[1]?.mean ?? 1);
  });

  test('comes out', () => expect(figure8(size).chart).toMatch(wellFormed));
});

describe('figure 6', () => {
  const size: ImbalanceSize = {
    nodes: 10,
    n: 3,
    days: 2,
    windows: 6,
    keysAtPeak: 4000,
    exponent: 0.5,
    partitions: 64,
    tokens: 32,
  };

  test('with few keys in use more nodes are out of balance than with many', () => {
    const windows = measureImbalance(size);
    const [night, noon] = [windows[0], windows[3]];
    expect(night?.load).toBeCloseTo(1 / 8);
    expect(noon?.load).toBe(1);
    expect(night?.ring).toBeGreaterThan(noon?.ring ?? 1);
  });

  test('comes out', () => expect(figure6(size).chart).toMatch(wellFormed));
});

describe('§6.3', () => {
  const size: DivergenceSize = { nodes: 4, reads: 60, writers: [1, 8], shop: { carts: 20, reads: 40 } };
  const robot = { pause: 300, think: 50 };
  const several = (counts: readonly number[]) => counts.slice(2).reduce((sum, count) => sum + count, 0);
  const read = (writers: number) => {
    const carts = Array.from({ length: 4 }, () => ({ writers, pace: robot }));
    return measureVersions(4, { carts, failureEvery: Number.POSITIVE_INFINITY, reads: 200 });
  };

  test('one writer and no failures: never more than one version', () => expect(several(read(1))).toBe(0));

  test('several writers diverge, into no more versions than there are writers', () => {
    const counts = read(3);
    expect(several(counts)).toBeGreaterThan(10);
    expect(counts.length).toBeLessThanOrEqual(3 + 1);
  });

  test('comes out', () => expect(section63(size).chart).toMatch(wellFormed));
});

describe('figure 5', () => {
  const size = { ...bufferedSize, keys: 100, windows: 2, putsPerWindow: 200, putsPerDisk: 100 };

  test('who need not wait for the disk is faster', () => {
    const [strict = [], relaxed = []] = (['strict', 'relaxed'] as const).map(
      (durability) => measurePuts(durability, devices[0], size, [1], 400)[0],
    );
    expect(strict).toHaveLength(400);
    expect(quantile(strict, 0.5)).toBeGreaterThan(2 * quantile(relaxed, 0.5));
  });

  test('comes out', () => expect(figure5(size).chart).toMatch(wellFormed));
});

describe('table 2', () => {
  const size: CoordinationSize = { machines: 6, keys: 100, requests: 300, perSecond: 200 };

  test('who knows the ring is faster, and a replica of the key is the fastest', () => {
    const puts = (['server-driven', 'client-driven', 'own key'] as const).map((way) =>
      mean(measureCoordination(way, size).put),
    );
    expect(puts).toEqual(puts.toSorted((a, b) => b - a));
  });

  test('the same settings give the same latencies', () => {
    expect(measureCoordination('client-driven', size)).toEqual(measureCoordination('client-driven', size));
  });

  test('comes out', () => expect(table2(size).chart).toMatch(wellFormed));
});

describe('§4.4', () => {
  test('a clock that names ten nodes is enough for ten, and not for more', () => {
    expect(measureReturns(10, 100, 100, 10)).toEqual({ divergent: 0, longest: 10 });
    expect(measureReturns(50, 100, 100, 10).divergent).toBeGreaterThan(0.5);
    expect(measureReturns(50, 3, 100, 10).divergent).toBe(0);
  });

  test('[VER-5] a clock that is not cut while a replica is away has no false siblings', () => {
    expect(measureReturns(50, 100, 100, Number.POSITIVE_INFINITY)).toEqual({ divergent: 0, longest: 50 });
  });

  test('comes out', () => {
    expect(section44({ coordinators: [3, 12], missed: [1, 30], returns: 20 }).chart).toMatch(wellFormed);
  });
});
