/**
 * [S10] No message of a peer is taken before its link was announced as up, nor after it was announced as
 * down: whom a node has not admitted it does not hear.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Input } from '../../src/core/ready.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { World } from '../world/world.ts';

export class AdmissionChecker implements Observer {
  readonly #world: Pick<World, 'report'>;
  readonly #linked = new Map<Host, Set<NodeId>>();

  constructor(world: Pick<World, 'report'>) {
    this.#world = world;
  }

  stopped(host: Host): void {
    this.#linked.delete(host);
  }

  stepped(host: Host, input: Input): void {
    const linked = this.#linked.get(host) ?? new Set<NodeId>();
    this.#linked.set(host, linked);
    if (input.type === 'peer-up') {
      if (linked.has(input.peer)) this.#say(host, `is told twice that ${shortName(input.peer)} is there`);
      linked.add(input.peer);
    } else if (input.type === 'peer-down') {
      if (!linked.delete(input.peer))
        this.#say(host, `is told that ${shortName(input.peer)} is gone, which was not there`);
    } else if (input.type === 'message' && input.from !== host.id && !linked.has(input.from)) {
      this.#say(host, `takes a '${input.message.type}' of ${shortName(input.from)}, to which it has no link`);
    }
  }

  #say(host: Host, text: string): void {
    this.#world.report('S10', `${shortName(host.id)} ${text}`);
  }
}
