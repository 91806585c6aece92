/**
 * [S3] A version is discarded only when another one that stays has replaced it; [S5] siblings are
 * pairwise concurrent; and no version claims to replace what its writer had not seen. Watched live, at
 * each new state of a key on each node.
 */
import { dotName } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { knownOf } from '../world/operation-log.ts';
import { covers, same } from '../world/oracle.ts';
import type { World } from '../world/world.ts';

export class VersionsChecker implements Observer {
  readonly #world: World;
  readonly #versions = new Map<Host, Map<string, readonly VersionMetadata[]>>();
  /** The keys of each write under way: a refused one is undone. */
  readonly #writes = new Map<Host, Map<number, readonly string[]>>();
  /** All versions ever seen of a key. */
  readonly #known = new Map<string, Map<string, VersionMetadata>>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    if (input.type === 'opened') {
      this.#versions.set(host, new Map(input.opened.entries.map(([key, { versions }]) => [key, versions])));
      this.#writes.set(host, new Map());
    }
    if (input.type === 'write-failed') this.#undone(host, input.id);
    const keys = ready.writes?.writes.flatMap((write) => (write.kind === 'key' ? [write.key] : [])) ?? [];
    if (ready.writes) this.#writes.get(host)?.set(ready.writes.id, keys);
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind !== 'key') continue;
      const held = this.#versions.get(host) ?? new Map<string, readonly VersionMetadata[]>();
      this.#versions.set(host, held);
      const where = `${write.key} on ${shortName(host.id)}`;
      if (write.entry === undefined) held.delete(write.key);
      else {
        this.#compare(
          where,
          readable(host, write.key, held.get(write.key)),
          write.entry.versions,
          knownOf(write.entry),
        );
        for (const version of write.entry.versions) this.#meet(write.key, version);
        held.set(write.key, write.entry.versions);
      }
    }
    const key = touched(input);
    // Who has not read all that is stored refuses.
    const isRefused = ready.sends.some(({ message }) => message.type === 'refused');
    if (key === undefined || host.core === undefined || isRefused) return;
    // What is said to be held is what was written: nothing is forgotten in memory alone.
    this.#compare(
      `${key} in memory of ${shortName(host.id)}`,
      readable(host, key, this.#versions.get(host)?.get(key)),
      host.core.versions(key),
    );
  }

  /** What the disk refused is forgotten again, and nothing was said of it. */
  #undone(host: Host, write: number): void {
    for (const key of this.#writes.get(host)?.get(write) ?? []) {
      this.#versions.get(host)?.set(key, host.core?.versions(key) ?? []);
    }
  }

  /** `known`: what is held after, and what was reaped (see reaps.ts). */
  #compare(where: string, before: readonly VersionMetadata[], after: readonly VersionMetadata[], known = after): void {
    for (const version of before) {
      const stays = known.some((other) => same(other.dot, version.dot) || covers(other.context, version.dot));
      if (!stays) this.#world.report('S3', `${dotName(version.dot)} of ${where} is discarded, but nothing replaces it`);
    }
    for (const version of after) {
      const above = after.find((other) => other !== version && covers(other.context, version.dot));
      if (above)
        this.#world.report(
          'S5',
          `${dotName(version.dot)} of ${where} lies beside ${dotName(above.dot)}, which replaces it`,
        );
    }
    if (after.length > 1) this.#world.mark('siblings');
  }

  #meet(key: string, version: VersionMetadata): void {
    const known = this.#known.get(key) ?? new Map<string, VersionMetadata>();
    this.#known.set(key, known);
    const name = dotName(version.dot);
    if (known.has(name)) return;
    known.set(name, version);
    if (this.#world.log.identify(key, version)?.dots.length === 2) this.#world.mark('twins');
    for (const other of known.values()) {
      this.#claim(key, version, other);
      if (other !== version) this.#claim(key, other, version);
    }
  }

  #claim(key: string, version: VersionMetadata, other: VersionMetadata): void {
    if (!covers(version.context, other.dot)) return;
    const { log } = this.#world;
    const write = log.identify(key, version);
    const claimed = log.identify(key, other);
    if (write === undefined || claimed === undefined || write.token.past.has(claimed.index)) return;
    // What was reaped may be taken for seen: it is obsolete everywhere.
    if (log.isReaped(claimed)) return;
    this.#world.report(
      'S3',
      `${dotName(version.dot)} of ${key} claims ${dotName(other.dot)}, which its writer had not seen`,
    );
  }
}

/** What the disk can no longer give is discarded without anything to replace it. */
const readable = (host: Host, key: string, versions: readonly VersionMetadata[] = []): readonly VersionMetadata[] =>
  host.disk.hasLost(key) ? [] : versions;

function touched(input: Input): string | undefined {
  return input.type === 'message' && input.message.type === 'store' ? input.message.key : undefined;
}
