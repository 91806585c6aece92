/**
 * How long this node has run, over all its runs, and when it was last seen to run. Time in which it stood still, as
 * when its machine slept, is not counted: it heard of nothing. The invariant: no order hangs on wall time; it only
 * tells whether the node was away for long ([DEL-3]).
 * Scenarios: sim/scenarios/reap-records.test.ts.
 */
import type { Alive } from './storage.ts';

export class Uptime {
  /** Node time at which the node's uptime was, or would have been, 0. */
  #bornAt = 0;
  /** Wall time at node time 0, once it is known. */
  #wallOffset: number | undefined;
  /** When an earlier run was last noted, by wall time. */
  #lastAlive: number | undefined;
  /** For how long the node was away before this run, or stood still within it, at most, in ms. */
  away = 0;

  opened(now: number, alive: Alive | undefined): void {
    this.#bornAt = now - (alive?.uptime ?? 0);
    this.#lastAlive = alive?.at;
  }

  /** The wall time has become known. */
  joining(now: number, wall: number): void {
    this.#wallOffset = wall - now;
    this.away = Math.max(this.away, wall - (this.#lastAlive ?? wall));
  }

  /** The node has stood still for so many ms. To wake is to come back. */
  stalled(ms: number): void {
    this.#bornAt += ms;
    // Before it joins, it has not run.
    if (this.#wallOffset !== undefined) this.away = Math.max(this.away, ms);
  }

  /** Milliseconds that the node has run at this time. */
  at(now: number): number {
    return now - this.#bornAt;
  }

  /** What to note; undefined while the wall time is not known. */
  note(now: number): Alive | undefined {
    return this.#wallOffset === undefined ? undefined : { uptime: this.at(now), at: this.#wallOffset + now };
  }
}
