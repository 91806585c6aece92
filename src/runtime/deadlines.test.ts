import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { timerClock } from './timer-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('each deadline is met once, in its time', () => {
  const deadlines = new Deadlines(timerClock());
  const start = deadlines.now();
  const met: string[] = [];
  deadlines.set('late', start + 300, () => met.push('late'));
  deadlines.set('early', start + 100, () => met.push('early'));
  vi.advanceTimersByTime(100);
  expect(met).toEqual(['early']);
  vi.advanceTimersByTime(1000);
  expect(met).toEqual(['early', 'late']);
});

test('a name set again replaces its deadline, also by a later one, and Infinity or clear end it', () => {
  const deadlines = new Deadlines(timerClock());
  const start = deadlines.now();
  const met: string[] = [];
  deadlines.set('moved', start + 100, () => met.push('first'));
  deadlines.set('moved', start + 200, () => met.push('second'));
  deadlines.set('ended', start + 50, () => met.push('ended'));
  deadlines.set('ended', Number.POSITIVE_INFINITY, () => met.push('never'));
  deadlines.set('cleared', start + 50, () => met.push('cleared'));
  deadlines.clear('cleared');
  vi.advanceTimersByTime(150);
  expect(met).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(met).toEqual(['second']);
});

test('a deadline may be set again from its own call', () => {
  const deadlines = new Deadlines(timerClock());
  let calls = 0;
  const again = (): void => {
    calls += 1;
    deadlines.set('again', deadlines.now() + 10, again);
  };
  again();
  vi.advanceTimersByTime(100);
  expect(calls).toBe(11);
  deadlines.stop();
  vi.advanceTimersByTime(100);
  expect(calls).toBe(11);
});

test('now never goes back', () => {
  let time = 50;
  const deadlines = new Deadlines({ now: () => time, wakeAt: () => undefined, stop: () => undefined });
  expect(deadlines.now()).toBe(50);
  time = 20;
  expect(deadlines.now()).toBe(50);
});
