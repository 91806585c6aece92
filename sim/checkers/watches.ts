/**
 * [WATCH-1] A watcher is told, sooner or later, the final state of its key, and never of what no disk has
 * committed.
 */

import { sameDot } from '../../src/core/version/context.ts';
import type { Siblings, VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { knows } from '../world/oracle.ts';
import type { World } from '../world/world.ts';
import { primariesOf } from './settled.ts';

interface Watch {
  readonly key: string;
  last: Siblings | undefined;
}

export class WatchesChecker implements Observer {
  readonly #world: World;
  readonly #keys: readonly string[];
  readonly #watches = new Map<Host, Watch[]>();

  constructor(world: World, keys: readonly string[]) {
    this.#world = world;
    this.#keys = keys;
  }

  started(host: Host): void {
    this.#watches.set(host, []);
    const { incarnation } = host;
    this.#world.after(this.#world.random.around(3000), () => {
      if (host.incarnation === incarnation && host.joined) this.#watch(host);
    });
  }

  stopped(host: Host): void {
    this.#watches.delete(host);
  }

  /** What its watchers were last told, against what the primaries hold; empty if all know. */
  behind(): string[] {
    return [...this.#watches].flatMap(([host, watches]) =>
      watches.flatMap(({ key, last }) => {
        const all = primariesOf(this.#world, key)[0]?.core?.versions(key) ?? [];
        // Nobody can take back what a watcher was told of before the disks that had it were destroyed, and what
        // that had replaced it does not hear of again.
        const gone = (last ?? []).filter((version) => this.#isGone(key, version));
        const told = (last ?? []).filter((version) => !gone.includes(version));
        const final = all.filter(({ dot }) => !knows(gone, dot));
        return names(final) === names(told)
          ? []
          : [`${shortName(host.id)} was told ${names(told)} of ${key}, not ${names(final)}`];
      }),
    );
  }

  #isGone(key: string, { dot }: VersionMetadata): boolean {
    return !this.#world.hosts.some((host) => knows(host.disk.known(key), dot));
  }

  #watch(host: Host): void {
    const key = this.#world.random.pick(this.#keys);
    if (key === undefined) return;
    const watch: Watch = { key, last: undefined };
    this.#watches.get(host)?.push(watch);
    this.#world.ask(host, { kind: 'watch', key }, (reply) => {
      if (reply.kind !== 'watch') return;
      watch.last = reply.outcome.siblings;
      for (const { index, dots, committedBy } of this.#world.log.writesOf(key)) {
        if (committedBy.size > 0 || !reply.outcome.siblings.some(({ dot }) => dots.some((own) => sameDot(own, dot))))
          continue;
        this.#world.report('WATCH-1', `${shortName(host.id)} is told of write ${index}, which is on no disk`);
      }
      this.#world.mark('watcher told');
    });
  }
}

const names = (state: readonly { readonly dot: readonly [string, number] }[]): string =>
  state
    .map(({ dot }) => dot.join(':'))
    .sort()
    .join(' ');
