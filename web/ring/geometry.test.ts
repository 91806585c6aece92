import { describe, expect, test } from 'vitest';
import { nodePlaces, ownerPaths, pointAt, positionAngle, shares } from './geometry.ts';

describe('the circle', () => {
  test('starts at the top and goes clockwise', () => {
    expect(pointAt(positionAngle(`${'0'.repeat(32)}`), 10)).toEqual({ x: 0, y: -10 });
    expect(pointAt(positionAngle(`4${'0'.repeat(31)}`), 10)).toEqual({ x: 10, y: 0 });
    expect(pointAt(positionAngle(`8${'0'.repeat(31)}`), 10)).toEqual({ x: 0, y: 10 });
  });

  test('draws one path for each owner, neighbouring partitions joined', () => {
    const paths = ownerPaths(['a', 'a', 'b', 'a']);
    expect([...paths.keys()].toSorted()).toEqual(['a', 'b']);
    expect(paths.get('a')?.match(/M/g)).toHaveLength(2);
    expect(paths.get('b')?.match(/M/g)).toHaveLength(1);
  });

  test('draws nothing before the first join', () => {
    expect(ownerPaths(['', '']).size).toBe(0);
  });

  test('keeps up to 24 nodes apart', () => {
    for (let count = 2; count <= 24; count += 1) {
      const { places, radius } = nodePlaces(Array.from({ length: count }, (_, index) => `n${index}`));
      const points = [...places.values()];
      for (const a of points) {
        for (const b of points) {
          if (a !== b) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * radius);
        }
      }
    }
  });
});

test('shares add up to the whole ring', () => {
  const owned = shares(['a', 'b', 'a', 'c']);
  expect(owned.get('a')).toBe(0.5);
  expect([...owned.values()].reduce((sum, part) => sum + part)).toBeCloseTo(1);
});
