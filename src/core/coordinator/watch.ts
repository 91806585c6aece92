/**
 * This node's watchers ([WATCH-1]): a lease at the key's first N usable nodes, renewed at half its
 * time and whenever the members change. Each renewal says what has been seen, and a replica that holds
 * more answers with it: so a gap closes by itself, and the final state is never missed.
 * Scenarios: sim/scenarios/watch.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf, Rest } from '../message.ts';
import type { Pulls } from '../replica/pulls.ts';
import { type CausalContext, descends, emptyContext, joinContexts } from '../version/context.ts';
import { contextOf, merge, readerContext, type Version, withoutReaped } from '../version/siblings.ts';
import { Fanout } from './fanout.ts';

interface Watch {
  readonly clients: Set<number>;
  leases: readonly NodeId[];
  siblings: readonly Version[];
  /** What the replicas have said to be reaped, for the contexts of this node's writers. */
  reaped: CausalContext;
}

/** What is shown is told in several messages if it is more. */
const shownMax = 10_000;

export class Watches {
  readonly #env: Environment;
  readonly #watches = new Map<string, Watch>();
  readonly #pulls: Pulls;
  #ticking = false;

  constructor(env: Environment, pulls: Pulls) {
    this.#env = env;
    this.#pulls = pulls;
  }

  watch(client: number, key: string): void {
    const watch = this.#watches.get(key) ?? {
      clients: new Set<number>(),
      leases: [],
      siblings: [],
      reaped: emptyContext,
    };
    watch.clients.add(client);
    this.#watches.set(key, watch);
    if (watch.siblings.length > 0) this.#tell([client], watch);
    if (this.#ticking) this.#lease(key, watch);
    else this.tick();
  }

  unwatch(client: number): void {
    for (const [key, watch] of this.#watches) {
      if (!watch.clients.delete(client) || watch.clients.size > 0) continue;
      this.#watches.delete(key);
      for (const node of watch.leases)
        this.#env.out.send(node, { type: 'watch', key, context: emptyContext, shown: [], lease: 0 });
    }
  }

  /** Renews all leases; at their time, and when nodes came or went. */
  renew(): void {
    for (const [key, watch] of this.#watches) this.#lease(key, watch);
  }

  /** The timer: renews, and sets itself again while anybody watches. */
  tick(): void {
    this.#ticking = this.#watches.size > 0;
    if (!this.#ticking) return;
    this.renew();
    this.#env.timers.at(this.#env.now + this.#env.times.watchLease / 2, { kind: 'lease' });
  }

  receive(from: NodeId, message: MessageOf<'changed'>): void {
    const watch = this.#watches.get(message.key);
    if (watch === undefined || !watch.leases.includes(from)) return;
    if (message.rest) {
      this.#part(from, watch, message, message.rest);
      return;
    }
    const merged = merge(withoutReaped(watch.siblings, message), message.siblings);
    if (merged === watch.siblings) return;
    watch.siblings = merged;
    watch.reaped = joinContexts(watch.reaped, message.reaped);
    this.#tell([...watch.clients], watch);
  }

  /** All of it is asked for, unless it is too much to show. */
  #part(from: NodeId, watch: Watch, message: MessageOf<'changed'>, rest: Rest): void {
    if (rest.bytes <= this.#env.limits.readBytes) {
      this.#pulls.begin(from, message.key, { ...message, rest });
      return;
    }
    const { siblings } = message;
    if (descends(contextOf(watch.siblings), rest.context)) return;
    const outcome = { siblings, context: rest.context, replicas: watch.leases, quorum: 'met', isPart: true } as const;
    for (const client of watch.clients) this.#env.out.reply(client, { kind: 'watch', outcome });
  }

  #lease(key: string, watch: Watch): void {
    const { out, times } = this.#env;
    const { targets } = new Fanout(this.#env.preferenceOf(key), (node) => this.#env.isUsable(node));
    watch.leases = [...targets.map(({ node }) => node), ...this.#env.holdersOf(key)];
    const context = contextOf(watch.siblings);
    const shown = watch.siblings.map(({ dot }) => dot);
    const { watchLease: lease } = times;
    for (const node of watch.leases) {
      for (let at = 0; at === 0 || at < shown.length; at += shownMax) {
        out.send(node, { type: 'watch', key, context, shown: shown.slice(at, at + shownMax), lease });
      }
    }
  }

  #tell(clients: readonly number[], watch: Watch): void {
    const { siblings, leases: replicas } = watch;
    const context = readerContext(joinContexts(contextOf(siblings), watch.reaped), siblings);
    const outcome = { siblings, context, replicas, quorum: 'met' } as const;
    for (const client of clients) this.#env.out.reply(client, { kind: 'watch', outcome });
  }
}
