/**
 * Client writes that this node saw replaced lately. A retried forward is known again by its op id also
 * when its version is obsolete by now, and does not bring it back ([PUT-1]). Bounded: the oldest go first.
 */
import type { OpId } from '../ids.ts';
import type { Clock } from '../version/siblings.ts';

const MAX = 1000;

export class Replaced {
  /** In order of replacement: a Map keeps the order of insertion. */
  readonly #clocks = new Map<OpId, Clock>();

  add(clock: Clock): void {
    this.#clocks.set(clock.op, clock);
    for (const oldest of this.#clocks.keys()) {
      if (this.#clocks.size <= MAX) return;
      this.#clocks.delete(oldest);
    }
  }

  get(op: OpId): Clock | undefined {
    return this.#clocks.get(op);
  }
}
