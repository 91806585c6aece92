/**
 * [S4] What an acknowledged delete has seen does not come back: at rest no node that runs holds it in any
 * role, be the tombstone still there, reaped, or the holder just back after the tombstone time. (Reap records
 * outlast every run: see plan.ts.)
 */
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { OperationLog, WriteOperation } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';

export class DeletedChecker implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  atRest(): void {
    const { log } = this.#world;
    for (const key of log.keys()) {
      const gone = deletedOf(log, key);
      if (gone.size === 0) continue;
      for (const host of this.#world.live()) {
        for (const clock of host.core?.versions(key) ?? []) {
          const write = log.identify(key, clock);
          if (write === undefined || !gone.has(write)) continue;
          this.#world.report('S4', `${shortName(host.id)} holds write ${write.index} of ${key}, which was deleted`);
        }
      }
    }
  }
}

/** All writes of a key that some acknowledged delete had seen. */
export function deletedOf(log: OperationLog, key: string): ReadonlySet<WriteOperation> {
  const gone = new Set<WriteOperation>();
  for (const { kind, status, excused, token } of log.writesOf(key)) {
    if (kind !== 'delete' || status !== 'ok' || excused) continue;
    for (const index of token.past) {
      const write = log.writes.get(index);
      if (write) gone.add(write);
    }
  }
  return gone;
}
