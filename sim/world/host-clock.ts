/**
 * The two versions of one host. Invariant: `now`, which the core lives by, never goes back, as the real
 * driver's does not (performance.now, and runtime/deadlines.ts above it); the wall clock, which is for
 * display, may say anything.
 */
export class HostClock {
  /** Ms to be added to the true wall time. */
  wallOffset = 0;
  readonly #world: () => number;
  /** The local time at one moment of the world's. */
  #anchor = { world: 0, local: 0 };
  #rate = 1;
  #stopped = false;

  constructor(world: () => number) {
    this.#world = world;
  }

  /** A new process: only differences of `now` mean something. */
  start(local: number): void {
    this.#anchor = { world: this.#world(), local };
    this.#stopped = false;
  }

  /** Milliseconds, monotonic. */
  get now(): number {
    if (this.#stopped) return this.#anchor.local;
    return this.#anchor.local + Math.floor((this.#world() - this.#anchor.world) * this.#rate);
  }

  get wall(): number {
    return wallStart + this.#world() + this.wallOffset;
  }

  /** World time at which `now` will be no less than `local`. */
  worldTimeOf(local: number): number {
    return this.#anchor.world + Math.ceil((local - this.#anchor.local) / this.#rate);
  }

  /** Local ms per true ms. */
  set rate(rate: number) {
    this.#moor(0);
    this.#rate = rate;
  }

  /** Time passes for the node alone, as when the machine slept and its clock did not. */
  leap(ms: number): void {
    this.#moor(ms);
  }

  /** Time stands still for the node, as when the machine sleeps and its clock with it. */
  set stopped(stopped: boolean) {
    this.#moor(0);
    this.#stopped = stopped;
  }

  #moor(leap: number): void {
    this.#anchor = { local: this.now + leap, world: this.#world() };
  }
}

/** True wall time in ms at the beginning of a run. */
const wallStart = 1_800_000_000_000;
