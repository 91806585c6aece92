import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastWriteWins, type Timed, written } from './last-write-wins.ts';

const anyTimed: fc.Arbitrary<Timed<string>> = fc.record({ at: fc.nat({ max: 3 }), value: fc.string({ maxLength: 2 }) });

describe('last write wins', () => {
  test('takes the latest, whatever the order of the siblings', () => {
    fc.assert(
      fc.property(fc.array(anyTimed, { minLength: 1 }), (siblings) => {
        const last = lastWriteWins(siblings);
        expect(lastWriteWins(siblings.toReversed())).toEqual(last);
        expect(last?.at).toBe(Math.max(...siblings.map(({ at }) => at)));
        expect(siblings).toContainEqual(last);
      }),
    );
  });

  test('of nothing is nothing', () => {
    expect(lastWriteWins([])).toBeUndefined();
  });

  test('a write is later than all its writer has seen, also under a slow clock', () => {
    const seen = [
      { at: 90, value: 'a' },
      { at: 100, value: 'b' },
    ];
    expect(written(seen, 'c', 50)).toEqual({ at: 101, value: 'c' });
    expect(written(seen, 'c', 150)).toEqual({ at: 150, value: 'c' });
    expect(lastWriteWins([...seen, written(seen, 'c', 50)])?.value).toBe('c');
  });
});
