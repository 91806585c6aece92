import { describe, expect, test } from 'vitest';
import { duration, fromUnit, inUnit } from './durations.ts';

describe('a time', () => {
  test('is edited in the largest unit that says it shortly', () => {
    const shown = [0, 400, 1800, 1801, 4000, 90_000, 100_000, 600_000, 3_600_000, 604_800_000].map((ms) => {
      const { text, unit } = inUnit(ms);
      return `${text} ${unit}`;
    });
    expect(shown).toEqual([
      '0 min',
      '400 ms',
      '1.8 s',
      '1801 ms',
      '4 s',
      '1.5 min',
      '100 s',
      '10 min',
      '1 h',
      '7 days',
    ]);
  });

  test('comes back as the same milliseconds', () => {
    for (let ms = 0; ms < 200_000; ms += 7) expect(fromUnit(inUnit(ms))).toBe(ms);
    expect(fromUnit({ text: '0.07', unit: 's' })).toBe(70);
  });

  test('that was not typed, or is no number, is none', () => {
    expect([fromUnit({ text: '', unit: 's' }), fromUnit({ text: 'soon', unit: 's' })]).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
  });

  test('is said in words', () => {
    expect([20, 1800, 100_000, 5_400_000, 86_400_000, 604_800_000].map(duration)).toEqual([
      '20 ms',
      '1.8 s',
      '1.67 min',
      '1.5 h',
      '1 day',
      '7 days',
    ]);
  });
});
