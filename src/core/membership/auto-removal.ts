/**
 * Members that are gone for longer than the ring is configured to wait ([MEM-1], off by default). The
 * invariant: only a node that was running all that time says so, and it is the first of those within reach.
 * Scenarios: sim/scenarios/membership.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { Detector } from './detector.ts';

export class AutoRemoval {
  readonly #env: Environment;
  readonly #detector: Detector;
  readonly #since = new Map<NodeId, number>();

  constructor(env: Environment, detector: Detector) {
    this.#env = env;
    this.#detector = detector;
  }

  /** This node was stalled: it has seen nothing of the time that has passed. */
  excuse(): void {
    this.#since.clear();
  }

  /** Time has passed. Returns the members that are to be removed. */
  tick(): readonly NodeId[] {
    const { now, self, ring, times } = this.#env;
    const members = [...ring.members.keys()];
    for (const node of this.#since.keys()) if (!ring.members.has(node)) this.#since.delete(node);
    for (const node of members) {
      if (node === self || this.#detector.verdict(node) !== 'unreachable') this.#since.delete(node);
      else if (!this.#since.has(node)) this.#since.set(node, now);
    }
    const leads = members.find((node) => this.#env.isUsable(node)) === self;
    if (times.removeAfter === 0 || !leads) return [];
    return members.filter((node) => now - (this.#since.get(node) ?? now) > times.removeAfter);
  }
}
