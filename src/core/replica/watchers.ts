/** The leases of watchers at this replica ([WATCH-1]): who is told of a key's new state, and until when. */
import type { NodeId } from '../ids.ts';
import type { SlicedWork } from '../slices.ts';

export class Watchers {
  readonly #leases = new Map<string, Map<NodeId, number>>();

  /** Begins or renews a lease; one that ends at or before `now` is over. */
  lease(key: string, watcher: NodeId, until: number, now: number): void {
    const leases = this.#leases.get(key) ?? new Map<NodeId, number>();
    if (until > now) leases.set(watcher, until);
    else leases.delete(watcher);
    if (leases.size > 0) this.#leases.set(key, leases);
    else this.#leases.delete(key);
  }

  of(key: string, now: number): NodeId[] {
    const leases = this.#leases.get(key);
    if (leases === undefined) return [];
    for (const [watcher, until] of leases) if (until <= now) leases.delete(watcher);
    if (leases.size === 0) this.#leases.delete(key);
    return [...leases.keys()];
  }

  /** Forgets what is over; who went away without a word may have watched keys that never change again. */
  *sweep(now: number): SlicedWork {
    for (const key of this.#leases.keys()) {
      this.of(key, now);
      yield;
    }
  }

  /** How many keys are watched. */
  get size(): number {
    return this.#leases.size;
  }
}
