/**
 * [S11] What a node holds is bounded: what a put leaves beside its version, clocks, histories, hints, what one step
 * says, what waits for a write, and what waits in a link. Groups that were apart may have put more than one group
 * could, and a merge refuses nothing; but each message of it is one that a peer takes.
 */
import { type Limits, limits } from '../../src/core/limits.ts';
import type { Message } from '../../src/core/message.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import { bytesOf } from '../../src/core/replica/pieces.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { laneBytesMax } from '../world/pipe.ts';
import type { World } from '../world/world.ts';

/** Of what no limit of the store says how much it may be: far above what a run of some nodes and keys needs. */
const plenty = { sends: 5000, waiting: 20_000 };
/** Views and queues are looked at every so many steps. */
const every = 251;

export class BoundsChecker implements Observer {
  readonly #world: World;
  readonly #limits: Limits;
  /** The last write of each actor that was seen anywhere. */
  readonly #newest = new Map<string, number>();
  #steps = 0;

  constructor(world: World) {
    this.#world = world;
    this.#limits = { ...limits, ...world.plan.node.limits };
  }

  stepped(host: Host, _input: Input, ready: Ready): void {
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind === 'key') this.#versions(host, write.key, write.entry?.versions ?? []);
    }
    for (const { message } of ready.sends) this.#message(host, message);
    this.#most(host, 'messages of one step', ready.sends.length, plenty.sends);
    this.#steps += 1;
    if (this.#steps % every === 0) this.#look(host);
  }

  atRest(): void {
    for (const host of this.#world.live()) {
      this.#look(host);
      // What is on its way just now is not much.
      this.#most(host, 'inputs and messages that wait, at rest,', host.waiting, 100);
    }
  }

  #versions(host: Host, key: string, versions: readonly VersionMetadata[]): void {
    const minted = versions.filter(({ dot: [actor, seq] }) => seq > (this.#newest.get(actor) ?? 0));
    if (minted.length > 0)
      this.#most(host, `siblings of ${key} after a put`, versions.length, this.#limits.siblingsMax);
    for (const { dot } of minted) this.#newest.set(...dot);
    // A put that ends the siblings of several groups is taken, and names what all of their writers had seen.
    const groups = this.#world.hosts.length;
    for (const { context } of versions) {
      this.#most(host, `entries in a clock of ${key}`, context.vector.length, this.#limits.clockMax * groups);
      this.#most(host, `dots beside a clock of ${key}`, context.dots.length, this.#limits.contextDotsMax * groups);
      this.#most(host, `writes named in a context of ${key}`, context.ops?.length ?? 0, this.#limits.clockMax * groups);
    }
  }

  /** A single sibling is in a message of its own, however long it is. */
  #message(host: Host, message: Message): void {
    if (!('siblings' in message) || message.siblings.length < 2) return;
    this.#most(host, `bytes of siblings in a '${message.type}'`, bytesOf(message.siblings), this.#limits.stateBytes);
  }

  #look(host: Host): void {
    const view = host.core?.view();
    if (view === undefined) return;
    const { hintBytes } = this.#world.plan.node;
    this.#most(host, 'events of the history', view.ring.history, this.#limits.historyEvents);
    this.#most(host, 'members', view.members.length, this.#world.hosts.length);
    // A hint is refused once they are too many, not when it would make them so.
    this.#most(host, 'bytes of hints', view.hints.bytes, hintBytes + limits.valueBytes);
    this.#most(host, 'alarms', view.alarms.length, 20);
    this.#most(host, 'inputs and messages that wait', host.waiting, plenty.waiting);
    for (const { id } of this.#world.hosts) {
      this.#most(host, `bytes queued for ${shortName(id)}`, this.#world.network.queued(host.id, id), 2 * laneBytesMax);
    }
  }

  #most(host: Host, what: string, count: number, bound: number): void {
    if (count > bound) this.#world.report('S11', `${shortName(host.id)} has ${count} ${what} (at most ${bound})`);
  }
}
