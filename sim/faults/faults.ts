/**
 * All kinds of faults, and what begins and ends them. Invariant: after `heal` no fault is active but the
 * one that is for good, and every host that is not gone runs.
 */

import type { Host } from '../world/host.ts';
import type { FaultKind } from '../world/plan.ts';
import { SeededRandom } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { clocks } from './clocks.ts';
import { cuts } from './cuts.ts';
import { disks } from './disks.ts';
import { introductions } from './introductions.ts';
import type { EndFault, Kind } from './kind.ts';
import { members } from './members.ts';
import { processes } from './processes.ts';
import { traffic } from './traffic.ts';

export const faults: Readonly<Record<FaultKind, Kind>> = {
  ...cuts,
  ...traffic,
  ...processes,
  ...clocks,
  ...disks,
  ...members,
  ...introductions,
};

/** Begins faults of the plan's kinds at random moments, and ends each after its time, or all at once. */
export class Faults {
  /** How many of each kind have begun. */
  readonly counts = new Map<FaultKind, number>();
  /** How many have had their time, be it that nothing could be done then. */
  scheduled = 0;
  readonly #world: World;
  readonly #active = new Set<EndFault>();
  readonly #gaps: SeededRandom;
  #running = false;

  constructor(world: World) {
    this.#world = world;
    this.#gaps = new SeededRandom(world.plan.seed ^ 0x6a09e667);
  }

  begin(): void {
    this.#running = true;
    this.#next();
  }

  /** Ends all faults: what is dead starts, but for one, and what is cut is whole, but for what is for good. */
  heal(dead?: Host): void {
    const world = this.#world;
    this.#running = false;
    for (const end of [...this.#active]) end();
    if (dead?.lives) world.stop(dead, 'crash');
    for (const host of world.hosts) if (host.state === 'paused') host.resume();
    for (const host of world.hosts) if (host !== dead && host.state === 'down') world.start(host);
  }

  #next(): void {
    const world = this.#world;
    const { faultEvery, onlyFaults } = world.plan;
    world.after(this.#gaps.around(faultEvery), () => {
      if (!this.#running) return;
      const index = ++this.scheduled;
      if (onlyFaults?.includes(index) ?? true) {
        world.apart(1, index, () => {
          const kind = this.#pick();
          if (kind !== undefined) this.#start(kind, index);
        });
      }
      this.#next();
    });
  }

  #pick(): FaultKind | undefined {
    const kinds = this.#world.plan.faults;
    const weight = (kind: FaultKind): number => faults[kind].weight ?? 1;
    let at = this.#world.random.fraction() * kinds.reduce((sum, kind) => sum + weight(kind), 0);
    return kinds.find((kind) => {
      at -= weight(kind);
      return at < 0;
    });
  }

  #start(kind: FaultKind, index: number): void {
    const world = this.#world;
    world.note(`fault ${index}: ${kind}`);
    const { begin, lasts, exact } = faults[kind];
    const end = begin(world);
    if (end === undefined) return;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    const once = (): void => {
      if (!this.#active.delete(once)) return;
      world.note(`end of fault ${index}: ${kind}`);
      end();
    };
    this.#active.add(once);
    world.after(exact === true ? lasts : world.random.around(lasts), once);
  }
}
