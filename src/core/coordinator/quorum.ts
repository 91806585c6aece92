/**
 * The tally of a quorum, apart from the life of the request (P§4.5). The invariant: a node counts once,
 * however often it answers ([PUT-3]).
 */
import type { NodeId } from '../ids.ts';

export interface Ack {
  readonly primary: boolean;
  /** Whether the commit reached the disk itself. */
  readonly strict: boolean;
}

export class Tally {
  readonly needed: number;
  readonly #acks = new Map<NodeId, Ack>();

  constructor(needed: number) {
    this.needed = needed;
  }

  acked(node: NodeId, ack: Ack): void {
    if (!this.#acks.has(node)) this.#acks.set(node, ack);
  }

  get met(): boolean {
    return this.#acks.size >= this.needed;
  }

  /** In the order in which they came. */
  get acks(): readonly NodeId[] {
    return [...this.#acks.keys()];
  }

  /** How many primaries have committed strictly. */
  get durable(): number {
    return [...this.#acks.values()].filter(({ primary, strict }) => primary && strict).length;
  }
}
