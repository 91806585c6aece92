/**
 * [S8] A node gives up a key only when those it held it for have it on disk: a hint, when each owner
 * named in it that is still a member has committed it; a partition that moved away, when all its
 * primaries have; an old hint also when W primaries have; a node that leaves does not wait for the dead: W of them. Who has committed it
 * may itself have given it up since, by the same rule.
 */
import { dotName, type NodeId } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import { foldHistory } from '../../src/core/ring/fold.ts';
import type { MembershipHistory } from '../../src/core/ring/history.ts';
import { walk } from '../../src/core/ring/preference.ts';
import type { Entry } from '../../src/core/storage.ts';
import { sameVersions, type VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { isPromisedTwice, knowsWrite } from '../world/operation-log.ts';
import { knows } from '../world/oracle.ts';
import type { World } from '../world/world.ts';

export class DropsChecker implements Observer {
  readonly #world: World;
  readonly #held = new Map<Host, Map<string, Entry>>();
  /** As of the last step. */
  readonly #histories = new Map<Host, MembershipHistory>();
  /** The keys of each write under way. */
  readonly #writes = new Map<Host, Map<number, readonly string[]>>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    if (input.type === 'opened') {
      this.#held.set(host, new Map(input.opened.entries));
      this.#histories.set(host, input.opened.history);
      this.#writes.set(host, new Map());
    }
    const held = this.#held.get(host);
    if (held === undefined) return;
    if (input.type === 'written' || input.type === 'write-failed')
      this.#ended(host, input.id, input.type === 'written');
    const keys = ready.writes?.writes.flatMap((write) => (write.kind === 'key' ? [write.key] : [])) ?? [];
    if (ready.writes) this.#writes.get(host)?.set(ready.writes.id, keys);
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind !== 'key') continue;
      const before = held.get(write.key);
      if (write.entry !== undefined) held.set(write.key, write.entry);
      else held.delete(write.key);
      if (before === undefined) continue;
      // The node says by which of its rules it gives a key up, and is held to that one.
      const old = ready.notices.some((notice) => notice.kind === 'mark' && notice.name === 'hint-expired');
      if (write.entry === undefined && old && before.hintFor.length > 0) this.#expired(host, write.key, before);
      else if (write.entry === undefined) this.#forgotten(host, write.key, before, before.hintFor);
      else if (write.entry.hintFor.length > 0) {
        const stays = new Set(write.entry.hintFor);
        this.#forgotten(
          host,
          write.key,
          before,
          before.hintFor.filter((owner) => !stays.has(owner)),
          true,
        );
      }
    }
    const history = ready.writes?.writes.findLast(({ kind }) => kind === 'history');
    if (history?.kind === 'history') this.#histories.set(host, history.history);
  }

  /** The core undoes what failed: it holds again what is on disk, but for what it has written since. */
  #ended(host: Host, write: number, complete: boolean): void {
    const writes = this.#writes.get(host);
    const keys = writes?.get(write) ?? [];
    writes?.delete(write);
    if (complete) return;
    for (const key of keys) {
      if ([...(writes?.values() ?? [])].some((later) => later.includes(key))) continue;
      const entry = host.disk.entry(key);
      // A database that was closed under its node may have committed what the node takes for refused.
      const isKnown = entry && sameVersions(entry.versions, host.core?.versions(key) ?? []);
      if (isKnown) this.#held.get(host)?.set(key, entry);
      else this.#held.get(host)?.delete(key);
    }
  }

  #forgotten(host: Host, key: string, entry: Entry, hintedFor: readonly string[], partly = false): void {
    const members = host.core?.explain(key).walk.filter(({ role }) => role !== 'skipped') ?? [];
    const still = hintedFor.filter((owner) => members.some(({ node }) => node === owner));
    const primaries = this.#primaries(host, key, entry);
    const heirs = still.length > 0 || partly ? still : primaries;
    this.#world.mark(entry.hintFor.length > 0 ? 'hint given up' : 'key handed over');
    const spared = host.leaving ? Math.max(0, heirs.length - quorumOf(host)) : 0;
    for (const clock of entry.versions) {
      // What cannot be read any more is not given up but lost.
      if (host.disk.hasLost(key)) continue;
      // An owner that is leaving has to hand it over itself.
      const leaver = still.length === 0 && hintedFor.some((owner) => this.#has(owner, key, clock));
      const lacking = leaver ? [] : heirs.filter((heir) => !this.#has(heir, key, clock));
      // Nobody knows so soon of a disk that was destroyed after it had committed.
      const destroyed = lacking.filter((heir) => this.#had(heir, key, clock)).length;
      if (lacking.length <= spared + destroyed) {
        // With W = 1 a leaver may leave it to one disk, and with N = 1 anybody does ([XFER-1]).
        if (lacking.length - destroyed === heirs.length - 1) this.#leftToOne(key, clock);
        // An heir that has lost some of the key, and does not know yet, gives up what it was just handed too.
        const rotten = heirs.some((heir) => this.#world.host(heir)?.disk.hasLost(key));
        if (destroyed > 0 || rotten) this.#excuse(host, key, clock);
        continue;
      }
      const what = entry.hintFor.length > 0 ? `its hint of ${key} for ${entry.hintFor.map(shortName)}` : key;
      const text = `${shortName(host.id)} drops ${what}, but ${lacking.map(shortName)} lacks ${dotName(clock.dot)}`;
      this.#world.report('S8', text);
    }
  }

  /** Where the ring changes in the step in which a key is dropped it may be dropped by the ring of before. */
  #primaries(host: Host, key: string, { versions }: Entry): readonly NodeId[] {
    const { partition = 0, walk: steps = [] } = host.core?.explain(key) ?? {};
    const before = walk(foldHistory(this.#histories.get(host) ?? []), partition);
    const [now, then] = [steps, before].map((some) =>
      some.flatMap(({ role, node }) => (role === 'primary' ? [node] : [])),
    );
    const lacking = (nodes: readonly NodeId[] = []): number =>
      nodes.filter((node) => versions.some((clock) => !this.#has(node, key, clock))).length;
    return (then?.length && lacking(then) < lacking(now) ? then : now) ?? [];
  }

  /** An old hint may also go when W primaries have it on disk. */
  #expired(host: Host, key: string, entry: Entry): void {
    this.#world.mark('hint given up');
    const steps = host.core?.explain(key).walk ?? [];
    const primaries = steps.filter(({ role }) => role === 'primary').map(({ node }) => node);
    const needed = Math.min(quorumOf(host), primaries.length);
    for (const clock of entry.versions) {
      const having = primaries.filter((node) => this.#has(node, key, clock));
      const destroyed = primaries.filter((node) => !having.includes(node) && this.#had(node, key, clock));
      if (having.length < needed && destroyed.length > 0) this.#excuse(host, key, clock);
      if (having.length + destroyed.length >= needed) continue;
      const text = `${shortName(host.id)} drops its old hint of ${key}, but ${having.length} have ${dotName(clock.dot)}`;
      this.#world.report('S8', text);
    }
  }

  #leftToOne(key: string, clock: VersionMetadata): void {
    const write = this.#world.log.identify(key, clock);
    if (write) write.leftToOne = true;
  }

  /** The destroyed disk took what was only there and here (see acks.ts). */
  #excuse(host: Host, key: string, clock: VersionMetadata): void {
    const write = this.#world.log.identify(key, clock);
    if (write === undefined || isPromisedTwice(write)) return;
    const elsewhere = this.#world.hosts.some((other) => other !== host && knowsWrite(other.disk.known(key), write));
    if (!elsewhere) write.excused = true;
  }

  #had(heir: NodeId, key: string, clock: VersionMetadata): boolean {
    return this.#world.log.identify(key, clock)?.committedBy.has(heir) ?? false;
  }

  #has(heir: NodeId, key: string, clock: VersionMetadata): boolean {
    if (knows(this.#world.host(heir)?.disk.known(key) ?? [], clock.dot)) return true;
    return this.#world.log.identify(key, clock)?.keptBy.has(heir) ?? false;
  }
}

/** W, as the node knows it now ([CFG-1]). */
const quorumOf = (host: Host): number => host.core?.view().ring.w ?? 0;
