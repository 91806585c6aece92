/**
 * [DEL-2] A version is reaped only when every primary has it on disk, or has reaped it already. What was
 * reaped may be missing from then on, and may be there again; what it had replaced may not ([S4]). And no
 * node reaps what it has held for less than the tombstone time.
 */
import { dotName } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { ReapRecord } from '../../src/core/storage.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { knows, same } from '../world/oracle.ts';
import type { World } from '../world/world.ts';

export class ReapsChecker implements Observer {
  readonly #world: World;
  /** The reaps that were looked at, by their host, key, time and versions: what is learnt of those later is no other reap. */
  readonly #reaps = new Set<string>();
  /** Since when each host holds what it holds of a key, by its own clock and since its database was opened. */
  readonly #held = new Map<Host, Map<string, { readonly dots: string; readonly since: number }>>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    if (input.type === 'opened' || input.type === 'write-failed') this.#held.set(host, new Map());
    if (input.type === 'opened') {
      for (const [key, { versions }] of input.opened.entries) this.#hold(host, key, versions);
    }
    // What the disk refuses is undone, and is again what it was since some earlier time.
    if (input.type === 'write-failed') {
      for (const key of this.#world.log.keys()) {
        this.#hold(host, key, host.core?.versions(key) ?? [], Number.NEGATIVE_INFINITY);
      }
    }
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind !== 'key') continue;
      const { versions = [], reapRecord } = write.entry ?? {};
      if (reapRecord !== undefined && this.#isNew(host, write.key, reapRecord))
        this.#reapedWhole(host, write.key, versions, reapRecord);
      this.#hold(host, write.key, versions);
    }
  }

  #hold(host: Host, key: string, versions: readonly VersionMetadata[], since = host.localNow): void {
    const dots = versions.map(({ dot }) => dotName(dot)).join();
    const held = this.#held.get(host);
    if (held?.get(key)?.dots !== dots) held?.set(key, { dots, since });
  }

  #isNew(host: Host, key: string, { at, versions }: ReapRecord): boolean {
    const name = [host.id, key, at, ...versions.map(({ dot }) => dotName(dot))].join(' ');
    const isNew = !this.#reaps.has(name);
    this.#reaps.add(name);
    return isNew;
  }

  #reapedWhole(host: Host, key: string, versions: readonly VersionMetadata[], reapRecord: ReapRecord): void {
    const ms = host.localNow - (this.#held.get(host)?.get(key)?.since ?? Number.NEGATIVE_INFINITY);
    if (ms < (host.core?.view().ring.times.tombstone ?? 0)) {
      this.#world.report('DEL-2', `${shortName(host.id)} reaps some of ${key} ${ms} ms after it has changed`);
    }
    for (const clock of reapRecord.versions) {
      const gone = !versions.some(({ dot }) => same(dot, clock.dot));
      const written = this.#world.log.identify(key, clock);
      if (written) this.#world.log.reap(written, gone);
      if (gone && !clock.deleted) {
        this.#world.report('S4', `${dotName(clock.dot)} of ${key} is reaped alive on ${shortName(host.id)}`);
      }
      this.#agreed(host, key, clock);
    }
  }

  #agreed(host: Host, key: string, clock: VersionMetadata): void {
    for (const { node, role } of host.core?.explain(key).walk ?? []) {
      if (role !== 'primary' || knows(this.#world.host(node)?.disk.known(key) ?? [], clock.dot)) continue;
      // Nobody knows so soon of a disk that was destroyed after it had agreed.
      if (this.#world.log.identify(key, clock)?.committedBy.has(node)) continue;
      const text = `${shortName(host.id)} reaps ${dotName(clock.dot)} of ${key}, which ${shortName(node)} has not on disk`;
      this.#world.report('DEL-2', text);
    }
  }
}
