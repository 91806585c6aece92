/** [STO-1] A batch is whole: the values of all versions that an entry names are on disk when the entry is. */
import { dotName } from '../../core/ids.ts';
import type { WriteBatch } from '../../core/ready.ts';
import type { Host } from '../host.ts';
import { shortName } from '../names.ts';
import type { Observer } from '../observer.ts';
import type { World } from '../world.ts';

export class Values implements Observer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  committed(host: Host, batch: WriteBatch): void {
    for (const write of batch.writes) {
      if (write.kind !== 'key' || write.entry === undefined || host.disk.hasLost(write.key)) continue;
      const { clocks } = write.entry;
      // A later write of the same batch may have made something else of the key.
      if (host.disk.entry(write.key) !== write.entry || host.disk.sound(write.key).length === clocks.length) continue;
      const text = `${shortName(host.id)} has ${clocks.map(({ dot }) => dotName(dot))} of ${write.key} without its values`;
      this.#world.report('STO-1', text);
    }
  }
}
