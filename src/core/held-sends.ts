/**
 * The messages of a node that wait for a write, as each driver must hold them (see ready.ts). The invariant: a message
 * with `after` leaves when that write is complete, and never if it failed. Both drivers, the browser's and the
 * simulator's, hold by this; the node itself does not use it.
 */
import type { Ready, Send } from './ready.ts';

export class HeldSends {
  /** Every write under way has an entry. */
  readonly #held = new Map<number, Send[]>();

  /** Takes note of the write of a Ready, and holds what waits. Returns what leaves at once. */
  take({ writes, sends }: Pick<Ready, 'writes' | 'sends'>): Send[] {
    if (writes !== undefined) this.#held.set(writes.id, []);
    return sends.filter((send) => {
      if (send.after === undefined) return true;
      // Not under way: the node was told how it ended, so this can only be a failed one.
      this.#held.get(send.after)?.push(send);
      return false;
    });
  }

  /** A write has ended, and the node has heard of it. Returns what leaves now. */
  release(write: number, complete: boolean): readonly Send[] {
    const held = this.#held.get(write) ?? [];
    this.#held.delete(write);
    return complete ? held : [];
  }

  isUnderWay(write: number): boolean {
    return this.#held.has(write);
  }

  /** The writes under way. */
  writes(): number[] {
    return [...this.#held.keys()];
  }

  /** How many messages wait. */
  get size(): number {
    return [...this.#held.values()].reduce((sum, sends) => sum + sends.length, 0);
  }

  clear(): void {
    this.#held.clear();
  }
}
