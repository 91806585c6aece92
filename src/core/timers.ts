/**
 * Deadlines as plain data, in order of (time, order of setting). A timer is never cancelled: whoever
 * gets it looks whether it still matters.
 */
import type { NodeId } from './ids.ts';

export type Timer =
  | { readonly kind: 'ping' }
  | { readonly kind: 'gossip' }
  | { readonly kind: 'probe'; readonly peer: NodeId }
  | { readonly kind: 'join' }
  | { readonly kind: 'hedge' | 'end'; readonly id: number }
  | { readonly kind: 'straggler'; readonly id: number }
  | { readonly kind: 'forward'; readonly id: number }
  | { readonly kind: 'inspect'; readonly id: number }
  | { readonly kind: 'lease' }
  | { readonly kind: 'hints' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'session'; readonly peer: NodeId; readonly session: number };

export class Timers {
  /** Sorted, latest first, so that the next one is popped from the end. */
  readonly #queue: { time: number; timer: Timer }[] = [];

  at(time: number, timer: Timer): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#queue[middle];
      if (entry !== undefined && entry.time > time) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, { time, timer });
  }

  /** The next timer that is due, removed. */
  due(now: number): Timer | undefined {
    const last = this.#queue.at(-1);
    if (last === undefined || last.time > now) return undefined;
    this.#queue.pop();
    return last.timer;
  }

  get next(): number {
    return this.#queue.at(-1)?.time ?? Number.POSITIVE_INFINITY;
  }
}
