/**
 * The event heap. Invariant: events run in the order of (time, sequence), so that two events of the
 * same millisecond run in the order in which they were scheduled, in every run alike.
 */

interface Scheduled {
  readonly time: number;
  readonly sequence: number;
  readonly run: () => void;
}

const before = (a: Scheduled, b: Scheduled): boolean =>
  a.time < b.time || (a.time === b.time && a.sequence < b.sequence);

export class EventHeap {
  readonly #heap: Scheduled[] = [];
  #sequence = 0;
  #now = 0;

  /** Simulated time in ms: that of the event that runs. */
  get now(): number {
    return this.#now;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the next event; Infinity if there is none. */
  get nextTime(): number {
    return this.#heap[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  /** A time in the past means now. */
  at(time: number, run: () => void): void {
    const scheduled: Scheduled = { time: Math.max(time, this.#now), sequence: this.#sequence++, run };
    this.#heap.push(scheduled);
    this.#rise(this.#heap.length - 1, scheduled);
  }

  after(delay: number, run: () => void): void {
    this.at(this.#now + delay, run);
  }

  /** Runs the next event; false if there was none. */
  runNext(): boolean {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return false;
    if (this.#heap.length > 0) this.#sink(last);
    this.#now = first.time;
    first.run();
    return true;
  }

  #rise(from: number, scheduled: Scheduled): void {
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || before(parent, scheduled)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = scheduled;
  }

  #sink(scheduled: Scheduled): void {
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = this.#heap[leftAt];
      if (left === undefined) break;
      const right = this.#heap[leftAt + 1];
      const [childAt, child] = right !== undefined && before(right, left) ? [leftAt + 1, right] : [leftAt, left];
      if (before(scheduled, child)) break;
      this.#heap[at] = child;
      at = childAt;
    }
    this.#heap[at] = scheduled;
  }
}
