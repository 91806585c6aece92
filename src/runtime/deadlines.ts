/**
 * Several named deadlines over the one alarm of a ClockPort. The invariant: the alarm is set to the
 * earliest of them, or has just gone off; once stopped, nothing sets it again.
 */
import type { ClockPort } from '../api/ports.ts';

export class Deadlines {
  readonly #clock: ClockPort;
  readonly #set = new Map<string, { time: number; call: () => void }>();
  #alarm = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(clock: ClockPort) {
    this.#clock = clock;
  }

  /** Milliseconds; never goes back, whatever the clock does. */
  now(): number {
    this.#last = Math.max(this.#last, this.#clock.now());
    return this.#last;
  }

  /** Calls once at or after `time`, instead of what this name was set to. Infinity: not at all. */
  set(name: string, time: number, call: () => void): void {
    if (this.#stopped) return;
    if (Number.isFinite(time)) this.#set.set(name, { time, call });
    else this.#set.delete(name);
    this.#arm();
  }

  clear(name: string): void {
    this.#set.delete(name);
  }

  stop(): void {
    this.#stopped = true;
    this.#set.clear();
    this.#clock.stop();
  }

  #arm(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { time } of this.#set.values()) next = Math.min(next, time);
    if (next === this.#alarm || next === Number.POSITIVE_INFINITY) return;
    this.#alarm = next;
    this.#clock.wakeAt(next, () => this.#ring());
  }

  #ring(): void {
    this.#alarm = Number.POSITIVE_INFINITY;
    const now = this.now();
    const due = [...this.#set].filter(([, { time }]) => time <= now);
    for (const [name] of due) this.#set.delete(name);
    this.#arm();
    for (const [, { call }] of due) call();
  }
}
