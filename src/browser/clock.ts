/**
 * The clock of a page ([MEM-4]). Its alarms come from a worker, or from the page's own timers where there is
 * no worker to be had: as in a page whose bundler has not copied the worker, or with Trusted Types whose default
 * policy does not let the worker's address pass. A worker that never starts says nothing of it: until it has rung
 * once, the page's own timers ring as well, and after that they ring when it is late. Invariant: the timer that runs is
 * due no later than the alarm.
 */
import type { ClockPort } from '../api/ports.ts';
import { timerClock } from '../runtime/timer-clock.ts';

/** Starts a timer that replaces any other, and calls `ring` when it is due. */
interface Timer {
  start(delayMs: number): void;
  stop(): void;
}

type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;

/** Named as the package has it; Vite finds the source by the same name. Bundlers look for exactly this expression. */
const startWorker = (): WorkerLike => new Worker(new URL('./clock-worker.js', import.meta.url), { type: 'module' });

/** A worker that has rung before, and is later than this, in ms, may have ended. */
const lateMs = 2000;

/** Timers take no longer delays than 2^31 ms; waking up for nothing once an hour costs nothing. */
const longestMs = 3_600_000;

export class WorkerClock implements ClockPort {
  #timer: Timer;
  #alarm: { readonly time: number; readonly call: () => void } | undefined;
  /** When the running timer is due; Infinity if none runs. */
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(start: () => WorkerLike = startWorker) {
    const ring = (): void => this.#ring();
    try {
      this.#timer = workerTimer(start(), ring, () => this.#useOwnTimers());
    } catch {
      this.#timer = pageTimer(ring);
    }
  }

  now(): number {
    return performance.now();
  }

  wakeAt(time: number, call: () => void): void {
    this.#alarm = { time, call };
    // A timer that is due earlier stays: it costs less to wake once too often than to tell the worker each time.
    if (time < this.#dueAt) this.#start(time);
  }

  stop(): void {
    this.#alarm = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#timer.stop();
  }

  #start(time: number): void {
    const delayMs = Math.min(Math.max(0, Math.ceil(time - this.now())), longestMs);
    this.#dueAt = this.now() + delayMs;
    this.#timer.start(delayMs);
  }

  #ring(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const alarm = this.#alarm;
    if (alarm === undefined) return;
    if (this.now() < alarm.time) {
      this.#start(alarm.time);
      return;
    }
    this.#alarm = undefined;
    alarm.call();
  }

  #useOwnTimers(): void {
    this.#timer = pageTimer(() => this.#ring());
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (this.#alarm !== undefined) this.#start(this.#alarm.time);
  }
}

function workerTimer(worker: WorkerLike, ring: () => void, failed: () => void): Timer {
  let latest = 0;
  let hasRung = false;
  const own = pageTimer(ring);
  worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    hasRung = true;
    if (data !== latest) return;
    own.stop();
    ring();
  });
  worker.addEventListener(
    'error',
    () => {
      own.stop();
      failed();
    },
    { once: true },
  );
  return {
    start(delayMs) {
      worker.postMessage([++latest, delayMs]);
      own.start(delayMs + (hasRung ? lateMs : 0));
    },
    stop() {
      own.stop();
      worker.terminate();
    },
  };
}

function pageTimer(ring: () => void): Timer {
  const clock = timerClock();
  return {
    start: (delayMs) => clock.wakeAt(clock.now() + delayMs, ring),
    stop: () => clock.stop(),
  };
}
