/**
 * [S9] Equal histories give equal rings, no matter who folds them and in whatever order they came; and each
 * preference list names every member once, with N distinct primaries, in as many zones as there are.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { MembershipHistory } from '../../src/core/ring/history.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { World } from '../world/world.ts';

export class RingsChecker implements Observer {
  readonly #world: World;
  readonly #hashes = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  stepped(host: Host, _input: Input, ready: Ready): void {
    // One step may learn of several events: the ring is that of the last.
    const write = ready.writes?.writes.findLast(({ kind }) => kind === 'history');
    if (write?.kind !== 'history' || host.core === undefined) return;
    const { ring, members } = host.core.view();
    const history = JSON.stringify(write.history.map((event) => Object.entries(event).sort()));
    const known = this.#hashes.get(history);
    this.#hashes.set(history, ring.hash);
    if (known !== undefined && known !== ring.hash) {
      this.#world.report('S9', `${shortName(host.id)} folds a history into ring ${ring.hash}, others into ${known}`);
    }
    this.#configured(host, write.history);
    const present = members.filter(({ status }) => status !== 'left' && status !== 'out').length;
    const zones = new Map(members.filter(({ id }) => ring.owners.includes(id)).map(({ id, zone }) => [id, zone]));
    this.#preferences(host, present, ring.n, zones);
  }

  /** [CFG-1] What was configured last holds, no matter who said it. */
  #configured(host: Host, history: MembershipHistory): void {
    const [first] = history;
    const folded = first?.kind === 'checkpoint' ? first.config : undefined;
    const last = history.findLast((event) => event.kind === 'config') ?? folded;
    const ring = host.core?.view().ring;
    if (last?.kind !== 'config' || ring === undefined) return;
    if (last.n === ring.n && last.r === ring.r && last.w === ring.w && last.times.tombstone === ring.times.tombstone)
      return;
    this.#world.report('S9', `${shortName(host.id)} goes by an earlier configuration than that of ${last.stamp}`);
  }

  /** `zones` are those of the owners. */
  #preferences(host: Host, members: number, n: number, zones: ReadonlyMap<NodeId, string>): void {
    const key = `key${this.#world.random.int(0, 1000)}`;
    const walk = host.core?.explain(key).walk.filter(({ role }) => role !== 'skipped') ?? [];
    const primaries = walk.filter(({ role }) => role === 'primary').map(({ node }) => node);
    if (new Set(walk.map(({ node }) => node)).size !== walk.length || walk.length !== members) {
      this.#world.report(
        'S9',
        `the walk of ${key} on ${shortName(host.id)} is ${walk.map(({ node }) => shortName(node))} of ${members}`,
      );
    }
    if (primaries.length !== Math.min(n, members)) {
      this.#world.report('S9', `${key} has primaries ${primaries.map(shortName)}, not ${n}`);
    }
    const apart = new Set(primaries.map((node) => zones.get(node))).size;
    if (apart < Math.min(primaries.length, new Set(zones.values()).size)) {
      this.#world.report('S9', `${key} has primaries ${primaries.map(shortName)} in ${apart} of the zones only`);
    }
  }
}
