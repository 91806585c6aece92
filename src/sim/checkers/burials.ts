/**
 * [DEL-2] A version is buried only when every primary has it on disk, or has buried it already. What was
 * buried may be missing from then on, and may be there again; what it had replaced may not ([S4]).
 */
import { dotName } from '../../core/ids.ts';
import type { Grave, Input, Ready } from '../../core/ready.ts';
import type { Clock } from '../../core/version/siblings.ts';
import type { Host } from '../host.ts';
import { shortName } from '../names.ts';
import type { Observer } from '../observer.ts';
import { knows, same } from '../oracle.ts';
import type { World } from '../world.ts';

export class Burials implements Observer {
  readonly #world: World;
  /** Those that were looked at. */
  readonly #graves = new WeakSet<Grave>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, _input: Input, ready: Ready): void {
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind !== 'key' || write.entry?.grave === undefined || this.#graves.has(write.entry.grave)) continue;
      const { clocks, grave } = write.entry;
      this.#graves.add(grave);
      for (const clock of grave.clocks) {
        const gone = !clocks.some(({ dot }) => same(dot, clock.dot));
        const written = this.#world.record.identify(write.key, clock);
        if (written) this.#world.record.reap(written, gone);
        if (gone && !clock.deleted) {
          this.#world.report('S4', `${dotName(clock.dot)} of ${write.key} is buried alive on ${shortName(host.id)}`);
        }
        this.#agreed(host, write.key, clock);
      }
    }
  }

  #agreed(host: Host, key: string, clock: Clock): void {
    for (const { node, role } of host.core?.explain(key).walk ?? []) {
      if (role !== 'primary' || knows(this.#world.host(node)?.disk.known(key) ?? [], clock.dot)) continue;
      // Nobody knows so soon of a disk that was destroyed after it had agreed.
      if (this.#world.record.identify(key, clock)?.committedBy.has(node)) continue;
      const text = `${shortName(host.id)} buries ${dotName(clock.dot)} of ${key}, which ${shortName(node)} has not on disk`;
      this.#world.report('DEL-2', text);
    }
  }
}
