/**
 * The clients: at random moments one of the tabs puts, gets, deletes, or edits a cart. Invariant: a
 * client passes only contexts that some get or receipt gave for that key, with what it truly saw.
 */
import { Carts, isCart } from './carts.ts';
import type { Host } from './host.ts';
import { shortName } from './names.ts';
import type { Observer } from './observer.ts';
import { Random } from './random.ts';
import type { Token } from './record.ts';
import { Session } from './session.ts';
import type { World } from './world.ts';

export class Workload implements Observer {
  readonly carts: Carts;
  readonly keys: readonly string[];
  readonly #world: World;
  readonly #sessions = new Map<Host, Session>();
  /** The last contexts given out for each key, to be used by other tabs too: they are plain strings. */
  readonly #shared = new Map<string, Token>();
  readonly #gaps: Random;
  /** How many operations have had their time. */
  scheduled = 0;
  #running = false;

  constructor(world: World) {
    this.#world = world;
    this.#gaps = new Random(world.plan.seed ^ 0x3c6ef372);
    this.carts = new Carts(world.random);
    const { keys, carts } = world.plan;
    this.keys = [
      ...Array.from({ length: keys }, (_, index) => `key${index}`),
      ...Array.from({ length: carts }, (_, index) => `cart${index}`),
    ];
  }

  session(host: Host): Session | undefined {
    return this.#sessions.get(host);
  }

  started(host: Host): void {
    this.#sessions.set(host, new Session(this.#world, host));
  }

  stopped(host: Host): void {
    this.#sessions.get(host)?.end();
    this.#sessions.delete(host);
  }

  begin(): void {
    this.#running = true;
    this.#next();
  }

  end(): void {
    this.#running = false;
  }

  #next(): void {
    const { operationEvery, onlyOperations } = this.#world.plan;
    this.#world.after(this.#gaps.around(operationEvery), () => {
      if (!this.#running) return;
      const index = ++this.scheduled;
      if (onlyOperations?.includes(index) ?? true) this.#world.apart(2, index, () => this.#operate(index));
      this.#next();
    });
  }

  #operate(index: number): void {
    const { random, plan } = this.#world;
    const ready = this.#world.hosts.filter(({ state, joined, leaving }) => state === 'up' && joined && !leaving);
    const host = random.pick(ready);
    const session = host && this.#sessions.get(host);
    const key = random.pick(this.keys);
    if (session === undefined || key === undefined) return;
    this.#world.note(`operation ${index}: ${shortName(session.host.id)} ${key}`);
    if (isCart(key)) {
      if (random.chance(0.2)) session.get(key, random.int(0, plan.node.replication.n));
      else this.carts.edit(session, key);
    } else if (random.chance(0.35)) session.get(key, random.int(0, plan.node.replication.n));
    else if (random.chance(plan.blind)) this.#put(session, key, undefined);
    else if (random.chance(0.4)) session.get(key, 0, (_, token) => this.#write(session, key, token));
    else this.#write(session, key, this.#token(session, key));
  }

  #token(session: Session, key: string): Token | undefined {
    return this.#world.random.chance(0.15) ? this.#shared.get(key) : session.tokens.get(key);
  }

  #write(session: Session, key: string, token: Token | undefined): void {
    if (token !== undefined) this.#shared.set(key, token);
    if (!this.#world.random.chance(0.2)) this.#put(session, key, token);
    else session.delete(key, token === undefined ? {} : { token });
  }

  #put(session: Session, key: string, token: Token | undefined): void {
    const { random, plan } = this.#world;
    const w = random.chance(0.2) ? random.int(1, plan.node.replication.n) : 0;
    const filler = random.chance(0.1) ? '.'.repeat(random.int(1, 3000)) : '';
    const value = (index: number): string => `${key}=${index}${filler}`;
    session.put(key, value, token === undefined ? { w } : { w, token });
  }
}
