import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkerClock } from './clock.ts';

/** A worker that does what clock-worker.ts does, in fake time. */
class FakeWorker extends EventTarget {
  readonly posted: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  terminated = false;

  postMessage(data: unknown): void {
    if (!Array.isArray(data) || this.terminated) return;
    const [alarm, delayMs] = data;
    this.posted.push(delayMs);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data: alarm })), delayMs);
  }

  terminate(): void {
    this.terminated = true;
    clearTimeout(this.#timer);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function create(): { clock: WorkerClock; worker: FakeWorker; rings: string[]; ring: (name: string) => () => void } {
  const worker = new FakeWorker();
  const clock = new WorkerClock(() => worker);
  const rings: string[] = [];
  return { clock, worker, rings, ring: (name) => () => rings.push(`${name} at ${Math.floor(clock.now() - start)}`) };
}

let start: number;

beforeEach(() => {
  start = performance.now();
});

test('[MEM-4] an alarm comes from the worker, once, not before its time', () => {
  const { clock, worker, rings, ring } = create();
  clock.wakeAt(clock.now() + 100.3, ring('a'));
  expect(worker.posted).toEqual([101]);
  vi.advanceTimersByTime(100);
  expect(rings).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(rings).toEqual(['a at 101']);
});

test('a later call replaces the alarm, be it earlier or later', () => {
  const { clock, rings, ring } = create();
  clock.wakeAt(start + 100, ring('a'));
  clock.wakeAt(start + 50, ring('b'));
  vi.advanceTimersByTime(200);
  expect(rings).toEqual(['b at 50']);
  clock.wakeAt(start + 300, ring('c'));
  clock.wakeAt(start + 500, ring('d'));
  vi.advanceTimersByTime(1000);
  expect(rings).toEqual(['b at 50', 'd at 500']);
});

test('an alarm that only moves away costs no message each time', () => {
  const { clock, worker, rings, ring } = create();
  for (let i = 0; i < 100; i++) clock.wakeAt(start + 10 + i, ring(`${i}`));
  expect(worker.posted).toEqual([10]);
  vi.advanceTimersByTime(200);
  expect(rings).toEqual(['99 at 109']);
  expect(worker.posted).toEqual([10, 99]);
});

test('a time that has passed rings at once, but not within the call', () => {
  const { clock, rings, ring } = create();
  clock.wakeAt(start - 5, ring('a'));
  expect(rings).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(rings).toEqual(['a at 0']);
});

test('an alarm may set the next one', () => {
  const { clock, rings, ring } = create();
  clock.wakeAt(start + 10, () => {
    rings.push('first');
    clock.wakeAt(start + 30, ring('second'));
  });
  vi.advanceTimersByTime(100);
  expect(rings).toEqual(['first', 'second at 30']);
});

test('an alarm weeks away, or never, does not ring early', () => {
  const { clock, rings, ring } = create();
  clock.wakeAt(Number.POSITIVE_INFINITY, ring('never'));
  vi.advanceTimersByTime(40 * 86_400_000);
  expect(rings).toEqual([]);
  clock.wakeAt(start + 80 * 86_400_000, ring('far'));
  vi.advanceTimersByTime(80 * 86_400_000);
  expect(rings).toEqual([`far at ${80 * 86_400_000}`]);
});

test('after stop nothing rings, and the worker is gone', () => {
  const { clock, worker, rings, ring } = create();
  clock.wakeAt(start + 10, ring('a'));
  clock.stop();
  vi.advanceTimersByTime(100);
  expect(rings).toEqual([]);
  expect(worker.terminated).toBe(true);
});

test('without workers the page’s own timers ring', () => {
  const clock = new WorkerClock(() => {
    throw new DOMException('no workers', 'SecurityError');
  });
  const rung = vi.fn();
  clock.wakeAt(start + 10, rung);
  vi.advanceTimersByTime(9);
  expect(rung).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(rung).toHaveBeenCalledTimes(1);
});

test('a worker that fails hands the pending alarm to the page’s own timers', () => {
  const { clock, worker, rings, ring } = create();
  clock.wakeAt(start + 50, ring('a'));
  worker.terminate();
  worker.dispatchEvent(new Event('error'));
  vi.advanceTimersByTime(100);
  expect(rings).toEqual(['a at 50']);
});

test('[MEM-4] a worker that never starts, and says nothing of it, does not stop the clock', () => {
  const { clock, worker, rings, ring } = create();
  worker.terminate();
  clock.wakeAt(start + 50, ring('a'));
  vi.advanceTimersByTime(100);
  expect(rings).toEqual(['a at 50']);
});

test('[MEM-4] a worker that ends without a word is noticed by its being late', () => {
  const { clock, worker, rings, ring } = create();
  clock.wakeAt(start + 50, ring('a'));
  vi.advanceTimersByTime(100);
  worker.terminate();
  clock.wakeAt(start + 150, ring('b'));
  vi.advanceTimersByTime(10_000);
  expect(rings).toEqual(['a at 50', 'b at 2150']);
});

test('[MEM-4] no alarm rings twice, and nothing rings after stop', () => {
  const { clock, rings, ring } = create();
  clock.wakeAt(start + 50, ring('a'));
  vi.advanceTimersByTime(10_000);
  clock.wakeAt(start + 10_050, ring('b'));
  clock.stop();
  vi.advanceTimersByTime(10_000);
  expect([rings, vi.getTimerCount()]).toEqual([['a at 50'], 0]);
});
