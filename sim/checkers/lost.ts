/**
 * [S1] No acknowledged write is lost, and [S4] nothing that was replaced or deleted comes back: at rest
 * each primary, and each read of N, holds S with must ⊆ S ⊆ must ∪ may.
 *
 * Of a key's writes: replaced = what the writers of acknowledged writes had truly seen; perhaps
 * replaced = the same of those whose end is unknown.
 *   must = acknowledged, neither replaced nor perhaps replaced, and not excused (see acks.ts)
 *   may  = the others that are not replaced, but those that failed
 */
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { OperationLog, WriteOperation } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';
import { describeReceipt } from './acks.ts';
import { primariesOf } from './settled.ts';

export interface Expected {
  readonly must: ReadonlySet<WriteOperation>;
  readonly may: ReadonlySet<WriteOperation>;
}

export function expected(log: OperationLog, key: string): Expected {
  const writes = log.writesOf(key);
  const pasts = (some: readonly WriteOperation[]): Set<number> =>
    new Set(some.flatMap((write) => [...write.token.past]));
  // A write that was excused may be gone, and with it the proof that what it replaced is obsolete.
  const replaced = pasts(writes.filter(({ status, excused }) => status === 'ok' && !excused));
  const perhaps = pasts(
    writes.filter(({ status, excused }) => excused || status === 'unknown' || status === 'pending'),
  );
  const stands = writes.filter((write) => !replaced.has(write.index) && write.status !== 'failed');
  const must = stands.filter((write) => write.status === 'ok' && !write.excused && !perhaps.has(write.index));
  return { must: new Set(must), may: new Set(stands.filter((write) => !must.includes(write))) };
}

export class LostChecker implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  atRest(): void {
    for (const key of this.#world.log.keys()) {
      for (const host of primariesOf(this.#world, key)) {
        this.judge(key, host.core?.versions(key) ?? [], shortName(host.id));
      }
    }
  }

  /** What `where` holds of a key at rest. */
  judge(key: string, versions: readonly VersionMetadata[], where: string): void {
    const { must, may } = expected(this.#world.log, key);
    const found = new Set<WriteOperation>();
    for (const clock of versions) {
      const write = this.#world.log.identify(key, clock);
      if (write === undefined) continue;
      found.add(write);
      if (must.has(write) || may.has(write)) continue;
      this.#world.report('S4', `write ${write.index} of ${key} is back on ${where} (${write.status})`);
    }
    for (const write of must) {
      if (found.has(write) || this.#world.log.isReaped(write)) continue;
      this.#world.report(
        'S1',
        `write ${write.index} of ${key} is not on ${where} (${describeReceipt(write.receipt)}; dots ${JSON.stringify(write.dots)})`,
      );
    }
  }
}
