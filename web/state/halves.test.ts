import { describe, expect, test } from 'vitest';
import { currentCommand, halve, otherHalf, type SplitCommand } from './halves.ts';

const command = (change: Partial<SplitCommand> = {}): SplitCommand => ({
  type: 'split',
  id: 'x',
  halves: [['a'], ['b']],
  seconds: 10,
  at: 1000,
  ...change,
});

describe('halves', () => {
  test('are the same in every tab, whatever order it knows the members in', () => {
    expect(halve(['d', 'a', 'c', 'b'])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(halve(['b', 'c', 'd', 'a'])).toEqual(halve(['a', 'b', 'c', 'd']));
  });

  test('differ by at most one member and leave nobody out', () => {
    for (let count = 2; count < 12; count++) {
      const members = Array.from({ length: count }, (_, index) => `n${index}`);
      const [first, second] = halve(members);
      expect(first.length - second.length).toBeLessThanOrEqual(1);
      expect([...first, ...second].toSorted()).toEqual(members.toSorted());
    }
  });

  test('each side is cut from the other, a newcomer from nobody', () => {
    const halves = halve(['a', 'b', 'c']);
    expect(otherHalf(halves, 'a')).toEqual(['c']);
    expect(otherHalf(halves, 'c')).toEqual(['a', 'b']);
    expect(otherHalf(halves, 'z')).toEqual([]);
  });
});

describe('the command', () => {
  test('of two given apart, the later one counts everywhere', () => {
    const [early, late] = [command({ id: 'e', at: 1000 }), command({ id: 'l', at: 2000 })];
    expect(currentCommand([early, late], 3000)).toBe(late);
    expect(currentCommand([late, early], 3000)).toBe(late);
  });

  test('from long ago is not obeyed', () => {
    expect(currentCommand([command()], 1000 + 119_000)).toBeDefined();
    expect(currentCommand([command()], 1000 + 121_000)).toBeUndefined();
  });

  test.each([
    null,
    'split',
    {},
    { ...command(), halves: [['a']] },
    { ...command(), halves: [['a'], [1]] },
    { ...command(), seconds: -1 },
  ])('anything else under its key is ignored: %j', (value) => {
    expect(currentCommand([value], 1000)).toBeUndefined();
  });
});
