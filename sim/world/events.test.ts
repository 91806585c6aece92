import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHeap } from './events.ts';

test('events run in the order of time, and of scheduling within one time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 200 }), (times) => {
      const heap = new EventHeap();
      const ran: [number, number][] = [];
      for (const [index, time] of times.entries()) heap.at(time, () => ran.push([time, index]));
      while (heap.runNext());
      expect(ran).toEqual([...times.entries()].map(([index, time]) => [time, index]).sort(byTimeThenIndex));
    }),
  );
});

const byTimeThenIndex = ([a = 0, i = 0]: number[], [b = 0, j = 0]: number[]): number => a - b || i - j;

test('what is scheduled for the past runs now, after what was there before', () => {
  const heap = new EventHeap();
  const ran: string[] = [];
  heap.at(10, () => {
    ran.push('first');
    heap.at(3, () => ran.push(`late at ${heap.now}`));
  });
  heap.at(10, () => ran.push('second'));
  while (heap.runNext());
  expect(ran).toEqual(['first', 'second', 'late at 10']);
});
