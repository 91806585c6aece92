/**
 * Client writes that this node saw replaced lately. A retried forward is known again by its op id also
 * when its version is obsolete by now, and does not bring it back ([PUT-1]). Bounded: the oldest go first.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { OpId } from '../ids.ts';
import type { VersionMetadata } from '../version/siblings.ts';

const MAX = 1000;

export class Replaced {
  /** In order of replacement: a Map keeps the order of insertion. */
  readonly #versions = new Map<OpId, VersionMetadata>();

  add(clock: VersionMetadata): void {
    this.#versions.set(clock.op, clock);
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= MAX) return;
      this.#versions.delete(oldest);
    }
  }

  get(op: OpId): VersionMetadata | undefined {
    return this.#versions.get(op);
  }
}
