import { expect, test, vi } from 'vitest';
import type { Dot } from '../core/ids.ts';
import type { GetOutcome } from '../core/requests.ts';
import { progress } from './progress.ts';

const outcome = (dots: readonly Dot[], vector: readonly Dot[], apart: readonly Dot[] = []): GetOutcome => ({
  siblings: dots.map((dot) => ({
    dot,
    context: { vector: [], dots: [] },
    deleted: false,
    size: 0,
    time: 0,
    op: dot.join(),
    value: new Uint8Array(),
  })),
  context: { vector, dots: apart },
  replicas: [],
  quorum: 'met',
});

test('[GET-4] what was told before is not told again, and nothing goes back', () => {
  const tell = vi.fn();
  const told = progress(tell);
  const first = outcome([['a.1', 1]], [['a.1', 1]]);
  const second = outcome([['a.1', 2]], [['a.1', 2]]);
  for (const next of [outcome([], []), first, first, second, first, outcome([], []), second]) told(next);
  expect(tell.mock.calls.map(([said]) => said)).toEqual([outcome([], []), first, second]);
});

test('a version seen only as a dot apart from the vector has been seen', () => {
  const tell = vi.fn();
  const told = progress(tell);
  told(outcome([['a.1', 5]], [['a.1', 5]]));
  told(outcome([['b.1', 1]], [['b.1', 1]], [['a.1', 5]]));
  expect(tell).toHaveBeenCalledTimes(2);
});
