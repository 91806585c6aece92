/**
 * Work over many keys, a bounded number of them in each step, so that no step holds up the page or the requests
 * ([OVR-1]). A job is a generator that yields once for each key that it has looked at. It begins at once, so that little
 * work is done in the step that asks for it; what is left goes on a moment later, and jobs take turns.
 *
 * The invariant: within a step all jobs together look at no more than `sliceKeys` keys. Keys come, go and change while a
 * job rests, so a job looks at each as it is then; what has changed behind it is met by the next one.
 * Scenarios: sim/scenarios/slices.test.ts.
 */
import type { Limits } from './limits.ts';
import type { Timers } from './timers.ts';

export type SlicedWork = Generator<void, void>;

interface Clock {
  readonly now: number;
  readonly times: { readonly slice: number };
  readonly limits: Limits;
  readonly timers: Timers;
}

export class Slices {
  readonly #clock: Clock;
  /** In the order of their turns. */
  readonly #jobs = new Map<string, SlicedWork>();
  /** How many keys may still be looked at in this step. */
  #left = 0;
  #isRunning = false;
  #isTimed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A step begins. */
  refill(): void {
    this.#left = this.#clock.limits.sliceKeys;
  }

  /** Begins a job; one of the same name that is under way is given up. */
  begin(name: string, work: SlicedWork): void {
    this.#jobs.delete(name);
    this.#jobs.set(name, work);
    this.run();
  }

  isUnderWay(name: string): boolean {
    return this.#jobs.has(name);
  }

  clear(): void {
    this.#jobs.clear();
  }

  /** Goes on, as far as this step may. */
  run(): void {
    // A job may begin another: that one has its turn after it.
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const [name, work] of this.#jobs) this.#goOn(name, work);
    this.#isRunning = false;
    if (this.#jobs.size === 0 || this.#isTimed) return;
    const { now, times, timers } = this.#clock;
    this.#isTimed = true;
    timers.at(now + times.slice, { kind: 'slice' });
  }

  /** The timer. */
  due(): void {
    this.#isTimed = false;
    this.run();
  }

  #goOn(name: string, work: SlicedWork): void {
    if (this.#left === 0) return;
    let done = false;
    for (; this.#left > 0 && !done; this.#left -= 1) done = work.next().done === true;
    if (this.#jobs.get(name) !== work) return;
    this.#jobs.delete(name);
    // The others first: the turn of this one comes again.
    if (!done) this.#jobs.set(name, work);
  }
}
