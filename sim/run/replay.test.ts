import { expect, test } from 'vitest';
import { commandOf, parseSettings, UsageError } from './replay.ts';

const texts = { nodes: '6', events: '5000', without: '' };

test('lists of numbers are written short', () => {
  const settings = parseSettings({
    ...texts,
    'only-faults': '3,1-2,9',
    'only-operations': 'none',
    without: 'leave,join',
  });
  expect(settings.onlyFaults).toEqual([3, 1, 2, 9]);
  expect(commandOf(17, settings)).toBe(
    'npm run sim -- --seed 17 --nodes 6 --events 5000 --without join,leave --only-faults 1-3,9 --only-operations none --trace',
  );
});

test('options that make no sense are named', () => {
  expect(() => parseSettings({ ...texts, nodes: '0' })).toThrow(
    new UsageError("--nodes must be a whole number from 1 on, not '0'"),
  );
  expect(() => parseSettings({ ...texts, 'only-faults': '3-1' })).toThrow("--only-faults: '3-1' ends before it begins");
  expect(() => parseSettings({ ...texts, 'only-operations': 'x' })).toThrow('--only-operations must be a whole number');
  expect(() => parseSettings({ ...texts, without: 'earthquake' })).toThrow(
    "there is no fault 'earthquake', only halves,",
  );
});
