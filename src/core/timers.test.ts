import { expect, test } from 'vitest';
import { Timers } from './timers.ts';

test('timers come in order of time, and of setting where times are equal', () => {
  const timers = new Timers();
  expect(timers.next).toBe(Number.POSITIVE_INFINITY);
  for (const [time, id] of [
    [30, 1],
    [10, 2],
    [20, 3],
    [10, 4],
    [10, 5],
  ] as const)
    timers.at(time, { kind: 'end', of: 'get', id });
  expect(timers.next).toBe(10);
  expect(timers.due(9)).toBeUndefined();
  const ids: unknown[] = [];
  for (let timer = timers.due(25); timer; timer = timers.due(25)) ids.push(timer);
  expect(ids).toEqual([2, 4, 5, 3].map((id) => ({ kind: 'end', of: 'get', id })));
  expect(timers.next).toBe(30);
});

test('what was set for a request is dropped with it, and nothing else', () => {
  const timers = new Timers();
  timers.at(10, { kind: 'hedge', of: 'get', id: 1 });
  timers.at(20, { kind: 'hedge', of: 'get', id: 2 });
  timers.at(30, { kind: 'ping' });
  timers.at(40, { kind: 'end', of: 'get', id: 1 });
  timers.at(50, { kind: 'end', of: 'get', id: 2 });
  timers.drop(1);
  expect(timers.next).toBe(20);
  expect(timers.due(20)).toEqual({ kind: 'hedge', of: 'get', id: 2 });
  timers.drop(2);
  expect(timers.next).toBe(30);
  expect(timers.due(60)).toEqual({ kind: 'ping' });
  expect(timers.due(60)).toBeUndefined();
  expect(timers.next).toBe(Number.POSITIVE_INFINITY);
});

test('[MEM-3] what was set for requests is put off by a time in which the node stood still, all else is not', () => {
  const timers = new Timers();
  timers.at(10, { kind: 'hedge', of: 'get', id: 1 });
  timers.at(20, { kind: 'end', of: 'get', id: 2 });
  timers.at(30, { kind: 'ping' });
  timers.at(40, { kind: 'end', of: 'get', id: 1 });
  timers.drop(2);
  timers.postponeRequests(25);
  expect(timers.due(60)).toEqual({ kind: 'ping' });
  expect(timers.due(34)).toBeUndefined();
  expect(timers.due(60)).toEqual({ kind: 'hedge', of: 'get', id: 1 });
  expect(timers.next).toBe(65);
});
