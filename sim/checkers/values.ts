/** [STO-1] A batch is whole: the values of all versions that an entry names are on disk when the entry is. */
import { dotName } from '../../src/core/ids.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { World } from '../world/world.ts';

export class ValuesChecker implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  committed(host: Host, batch: WriteBatch): void {
    for (const write of batch.writes) {
      // A later write of the same batch may have made something else of the key.
      if (write.kind !== 'key' || host.disk.entry(write.key) !== write.entry) continue;
      const lacking = host.disk.unwritten(write.key).map(({ dot }) => dotName(dot));
      if (lacking.length === 0) continue;
      this.#world.report('STO-1', `${shortName(host.id)} has ${lacking} of ${write.key} without their values`);
    }
  }
}
