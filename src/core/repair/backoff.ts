/**
 * Peers whose disk has refused ([STO-2]): hints and repairs wait before they are sent there again, longer
 * each time. The invariant: a peer that has taken something, or was out of reach, is not held back.
 */
import type { NodeId } from '../ids.ts';

/** Milliseconds after the first refusal; each further one doubles it, up to the last. */
const firstMs = 1000;
const lastMs = 30_000;

interface Pause {
  readonly until: number;
  readonly ms: number;
}

export class Backoff {
  readonly #pauses = new Map<NodeId, Pause>();

  /** Many refusals of what was sent together count as one. */
  refused(peer: NodeId, now: number): void {
    if (this.holds(peer, now)) return;
    const before = this.#pauses.get(peer);
    const ms = before === undefined ? firstMs : Math.min(before.ms * 2, lastMs);
    this.#pauses.set(peer, { until: now + ms, ms });
  }

  /** It takes again, or nothing is known of it any more. */
  clear(peer: NodeId): void {
    this.#pauses.delete(peer);
  }

  holds(peer: NodeId, now: number): boolean {
    return now < (this.#pauses.get(peer)?.until ?? Number.NEGATIVE_INFINITY);
  }
}
