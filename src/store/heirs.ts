/**
 * A tab is the heir of what closed tabs of its profile left ([ID-2]): of a node that was not opened again in time it
 * hands over all that it holds, and takes it out of the ring. Invariant: who opens the tab again in time has its node; an
 * heir that ends halfway leaves it as one that left, which another heir goes on with.
 *
 *   free ──for heirAfterMs──▶ taken, if no other tab is at one ──▶ left, handed over ──▶ its database is deleted
 */
import type { NodeId } from '../core/ids.ts';
import type { Deadlines } from '../runtime/deadlines.ts';
import type { Estates, StoreHost } from '../runtime/host.ts';

/** How often it is looked which nodes are free; ms. */
const lookEvery = 2000;

export interface HeirWorld {
  readonly deadlines: Deadlines;
  readonly estates: Estates;
  /** How long a node must have been free; 0: nobody is an heir. */
  after(): number;
  /** Whether others can be met now. */
  isConnected(): boolean;
  /** Resolves when the node has left, and its database is gone. Rejects, with all closed, when the signal aborts. */
  retire(host: StoreHost, signal: AbortSignal): Promise<void>;
  changed(): void;
}

export class Heirs {
  readonly #world: HeirWorld;
  /** Since when each node has been seen free. */
  #since = new Map<NodeId, number>();
  #retiring: NodeId | undefined;
  readonly #stopping = new AbortController();

  constructor(world: HeirWorld) {
    this.#world = world;
    this.#lookAgain();
  }

  /** Nodes that are to be handed over by a tab of this profile, in so many ms; 0: now. */
  list(after: number): { node: NodeId; inMs: number }[] {
    const { deadlines } = this.#world;
    if (after === 0) return [];
    const due = (since: number): number => Math.max(0, since + after - deadlines.now());
    return [...this.#since].map(([node, since]) => ({ node, inMs: due(since) }));
  }

  /** Nothing goes on after the store: what was begun is left for another heir. */
  stop(): void {
    this.#stopping.abort();
  }

  #lookAgain(): void {
    const { deadlines } = this.#world;
    deadlines.set('heirs', deadlines.now() + lookEvery, () => void this.#look().finally(() => this.#lookAgain()));
  }

  async #look(): Promise<void> {
    const { deadlines, estates } = this.#world;
    const after = this.#world.after();
    const free = after > 0 ? await estates.free().catch(() => []) : [];
    const now = deadlines.now();
    const before = this.#since;
    const retiring = this.#retiring === undefined ? [] : [this.#retiring];
    this.#since = new Map([...retiring, ...free].map((node) => [node, before.get(node) ?? now]));
    if (this.#since.size > 0 || before.size > 0) this.#world.changed();
    const [due] = [...this.#since].find(([, since]) => now - since >= after) ?? [];
    const { aborted } = this.#stopping.signal;
    if (due === undefined || this.#retiring !== undefined || aborted || !this.#world.isConnected()) return;
    this.#retiring = due;
    void this.#takeOver(due).finally(() => {
      this.#retiring = undefined;
      // If it is still there its time begins again: what stood in the way may be gone by then.
      this.#since.delete(due);
      this.#world.changed();
    });
  }

  async #takeOver(node: NodeId): Promise<void> {
    try {
      const host = await this.#world.estates.inherit(node);
      if (host !== undefined) await this.#world.retire(host, this.#stopping.signal);
    } catch (error) {
      if (!this.#stopping.signal.aborted) console.warn('What a closed tab left could not be handed over yet.', error);
    }
  }
}
