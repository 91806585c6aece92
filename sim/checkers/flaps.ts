/**
 * [L6] A link that works one way only, for good, makes no flapping: once the faults beside it have ended,
 * neither of the two changes its mind about the other again and again, nor anybody about anyone else.
 */
import type { NodeId } from '../../src/core/ids.ts';
import { shortName } from '../world/names.ts';
import type { World } from '../world/world.ts';

/** Changes of one verdict within the time watched that are no flapping yet. */
const allowed = 2;

export class FlapsChecker {
  readonly #world: World;
  readonly #last = new Map<string, string>();
  readonly #changes = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Compares what the live hosts think of each other with what they thought last time. */
  look(): void {
    for (const host of this.#world.live()) {
      for (const { id, status } of host.core?.view().members ?? []) this.see(host.id, id, status);
    }
  }

  see(node: NodeId, about: NodeId, status: string): void {
    const name = `${shortName(node)} of ${shortName(about)}`;
    const last = this.#last.get(name);
    this.#last.set(name, status);
    if (last !== undefined && last !== status) this.#changes.set(name, (this.#changes.get(name) ?? 0) + 1);
  }

  judge(): void {
    for (const [name, count] of this.#changes) {
      if (count > allowed) this.#world.report('L6', `the verdict of ${name} changed ${count} times`);
    }
  }
}
