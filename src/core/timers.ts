/**
 * Deadlines as plain data, in order of (time, order of setting). Those of a request are dropped with it, so
 * that a node is not woken for what has been answered; of all others, who gets one looks whether it
 * still matters.
 */
import type { NodeId } from './ids.ts';

export type Timer =
  | { readonly kind: 'ping' }
  | { readonly kind: 'gossip' }
  | { readonly kind: 'probe'; readonly peer: NodeId }
  | { readonly kind: 'join' }
  /** Of a request under way, by its id: others are asked too, and it ends with what it has. */
  | { readonly kind: 'hedge'; readonly of: 'put' | 'get' | 'forward'; readonly id: number }
  | {
      readonly kind: 'end';
      readonly of: 'put' | 'parked' | 'get' | 'forward' | 'inspect' | 'pull';
      readonly id: number;
    }
  /** A request that waits until the history is on disk. */
  | { readonly kind: 'stored'; readonly request: number }
  | { readonly kind: 'lease' }
  | { readonly kind: 'hints' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'reap' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'scrub' }
  | { readonly kind: 'slice' }
  | { readonly kind: 'session'; readonly peer: NodeId; readonly session: number };

interface Entry {
  time: number;
  readonly timer: Timer;
  dropped: boolean;
}

export class Timers {
  /** Sorted, latest first, so that the next one is popped from the end; the last one is not dropped. */
  readonly #queue: Entry[] = [];
  /** What is set for each request, in the order of setting. */
  readonly #ofRequests = new Map<number, Entry[]>();

  at(time: number, timer: Timer): void {
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#queue[middle];
      if (entry !== undefined && entry.time > time) low = middle + 1;
      else high = middle;
    }
    const entry = { time, timer, dropped: false };
    this.#queue.splice(low, 0, entry);
    if (!('id' in timer)) return;
    const entries = this.#ofRequests.get(timer.id);
    if (entries) entries.push(entry);
    else this.#ofRequests.set(timer.id, [entry]);
  }

  /** The request has ended: nothing that was set for it comes any more. */
  drop(id: number): void {
    for (const entry of this.#ofRequests.get(id) ?? []) entry.dropped = true;
    this.#ofRequests.delete(id);
    this.#skipDropped();
  }

  /** The node stood still for so many ms: what it has asked for gets its time all the same. */
  postponeRequests(ms: number): void {
    for (const entries of this.#ofRequests.values()) for (const entry of entries) entry.time += ms;
    this.#queue.sort((a, b) => b.time - a.time);
    this.#skipDropped();
  }

  /** The next timer that is due, removed. */
  due(now: number): Timer | undefined {
    const last = this.#queue.at(-1);
    if (last === undefined || last.time > now) return undefined;
    this.#queue.pop();
    this.#skipDropped();
    const { timer } = last;
    if ('id' in timer) this.#forget(timer.id, last);
    return timer;
  }

  get next(): number {
    return this.#queue.at(-1)?.time ?? Number.POSITIVE_INFINITY;
  }

  #skipDropped(): void {
    while (this.#queue.at(-1)?.dropped) this.#queue.pop();
  }

  #forget(id: number, entry: Entry): void {
    const left = this.#ofRequests.get(id)?.filter((other) => other !== entry) ?? [];
    if (left.length > 0) this.#ofRequests.set(id, left);
    else this.#ofRequests.delete(id);
  }
}
