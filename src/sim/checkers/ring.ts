/**
 * [S9] Equal histories give equal rings, whoever folds them and in whatever order they came; and each
 * preference list names every member once, with N distinct primaries.
 */
import type { Input, Ready } from '../../core/ready.ts';
import type { Host } from '../host.ts';
import { shortName } from '../names.ts';
import type { Observer } from '../observer.ts';
import type { World } from '../world.ts';

export class Rings implements Observer {
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
    const present = members.filter(({ status }) => status !== 'left').length;
    this.#preferences(host, present, ring.n);
  }

  #preferences(host: Host, members: number, n: number): void {
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
  }
}
