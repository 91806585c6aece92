/**
 * [L2] A store takes requests whatever happens around it: each has an answer in the end, and a put that the
 * ring accepts under quorum is never refused for want of others.
 */
import type { ClientReply } from '../../src/core/requests.ts';
import type { Clients } from '../load/clients.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { ReadOperation, WriteOperation } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';

/** A request that has no answer after so many ms, on a node that runs all the time, has none at all. */
const patience = 90_000;
const lookEvery = 5000;

export class AvailableChecker implements Observer {
  readonly #world: World;
  readonly #clients: Pick<Clients, 'session'>;
  readonly #reported = new Set<number>();
  #lookAt = 0;

  constructor(world: World, clients: Pick<Clients, 'session'>) {
    this.#world = world;
    this.#clients = clients;
  }

  stepped(): void {
    const { now } = this.#world;
    if (now < this.#lookAt) return;
    this.#lookAt = now + lookEvery;
    for (const host of this.#world.hosts) {
      if (host.state !== 'up' || host.leaving) continue;
      for (const { index, key, kind, invokedAt } of this.#clients.session(host)?.pending ?? []) {
        if (now - invokedAt < patience || this.#reported.has(index)) continue;
        this.#reported.add(index);
        this.#world.report('L2', `${kind} ${index} of ${key} on ${shortName(host.id)} has no answer`);
      }
    }
  }

  answered(operation: ReadOperation | WriteOperation, reply: ClientReply): void {
    if (operation.kind === 'get' || reply.kind !== 'put' || reply.outcome.ok) return;
    const { error } = reply.outcome;
    if (error === 'quorum' && this.#world.plan.node.underQuorum === 'accept') {
      this.#world.report('L2', `put ${operation.index} of ${operation.key} is refused for want of a quorum`);
    }
    this.#world.mark(`put refused: ${error}`);
  }
}
