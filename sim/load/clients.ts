/**
 * The clients of a run: one store object per tab, and the moments at which some of them do something.
 * Invariant: when an operation has its time does not depend on what the others do, so that each can be
 * left out alone.
 */
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import { SeededRandom } from '../world/random.ts';
import type { World } from '../world/world.ts';
import { ClientSession } from './session.ts';

export class Clients implements Observer {
  /** How many operations have had their time. */
  scheduled = 0;
  readonly #world: World;
  readonly #sessions = new Map<Host, ClientSession>();
  #streams = 0;

  constructor(world: World) {
    this.#world = world;
  }

  session(host: Host): ClientSession | undefined {
    return this.#sessions.get(host);
  }

  started(host: Host): void {
    this.#sessions.set(host, new ClientSession(this.#world, host));
  }

  stopped(host: Host): void {
    this.#sessions.get(host)?.end();
    this.#sessions.delete(host);
  }

  /** A tab that could be used just now. */
  any(): ClientSession | undefined {
    return this.#world.random.pick(this.ready());
  }

  ready(): ClientSession[] {
    return this.#world.hosts.flatMap((host) => {
      const session = this.#sessions.get(host);
      return session && host.state === 'up' && host.joined && !host.leaving ? [session] : [];
    });
  }

  /** Has a tab do something every `meanMs` or so, until the returned function is called. */
  every(name: string, meanMs: number, operate: (session: ClientSession) => void): () => void {
    const { plan } = this.#world;
    const gaps = new SeededRandom(plan.seed ^ 0x3c6ef372 ^ Math.imul(++this.#streams, 0x9e3779b1));
    let running = true;
    const next = (): void =>
      this.#world.after(gaps.around(meanMs), () => {
        if (!running) return;
        const index = ++this.scheduled;
        if (plan.onlyOperations?.includes(index) ?? true) {
          this.#world.apart(2, index, () => {
            const session = this.any();
            if (session === undefined) return;
            this.#world.note(`operation ${index}: ${shortName(session.host.id)} ${name}`);
            operate(session);
          });
        }
        next();
      });
    next();
    return () => {
      running = false;
    };
  }
}
