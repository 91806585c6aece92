/**
 * Gets ([GET-1], [GET-2], [GET-4]). Any node coordinates: ask the first N reachable, reply after R,
 * merge; then wait briefly for stragglers and repair the primaries that lack something.
 *
 * While a partition moves, a new owner may still lack what an old one has ([XFER-1]): if one of the R
 * says so, the old owners' answers are waited for as well. The invariant: an answer holds every
 * version that any of the R, and the session, has seen.
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { GetOutcome } from '../requests.ts';
import { type CausalContext, descends, joinContexts } from '../version/context.ts';
import type { Siblings } from '../version/siblings.ts';
import { contextOf, lacks, merge, type Version, withoutReaped } from '../version/siblings.ts';
import { Fanout } from './fanout.ts';
import { Tally } from './quorum.ts';

interface Answer {
  readonly siblings: Siblings;
  /** What this covers and the siblings do not hold is obsolete ([DEL-3]). */
  readonly reaped: CausalContext;
}

interface Get {
  readonly id: number;
  readonly client: number;
  readonly key: string;
  readonly session: CausalContext;
  readonly fanout: Fanout;
  readonly tally: Tally;
  /** Old owners of a partition that moves: asked, but not counted. */
  readonly holders: Fanout;
  readonly answers: Map<NodeId, Answer>;
  /** Owners that have answered and may lack something. */
  readonly unsettled: Set<NodeId>;
  /** Whether the whole preference list has been asked, for the session's sake. */
  widened: boolean;
  merged: readonly Version[];
  replied: boolean;
}

export class Gets {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #gets = new Map<number, Get>();

  constructor(env: Env, replica: Replica) {
    this.#env = env;
    this.#replica = replica;
  }

  request(client: number, request: { key: string; r: number; session: CausalContext }): void {
    const env = this.#env;
    const { key, r, session } = request;
    const { partition } = this.#replica.place(key);
    const preference = env.preference(partition);
    const members = Math.max(1, Math.min(env.ring.n, env.ring.members.size));
    const fanout = new Fanout(preference, (node) => env.isUsable(node));
    const old = env.holders(partition).filter((node) => !fanout.has(node));
    const get: Get = {
      id: env.nextId(),
      client,
      key,
      session,
      fanout,
      tally: new Tally(Math.min(r || env.ring.r, members)),
      holders: new Fanout({ primaries: old, fallbacks: [] }, () => true),
      answers: new Map(),
      unsettled: new Set(),
      widened: false,
      merged: [],
      replied: false,
    };
    this.#gets.set(get.id, get);
    for (const { node } of [...fanout.targets, ...get.holders.targets]) this.#ask(get, node);
    env.timers.at(env.now + env.times.hedgeAfter, { kind: 'hedge', id: get.id });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', id: get.id });
    this.#settle(get);
  }

  #ask(get: Get, node: NodeId): void {
    this.#env.out.send(node, { type: 'fetch', id: get.id, key: get.key });
  }

  fetched(from: NodeId, message: MessageOf<'fetched'>): void {
    const get = this.#gets.get(message.id);
    if (get === undefined) return;
    const target = get.fanout.answered(from);
    if (target) {
      if (target.primary && !message.settled) get.unsettled.add(from);
      if (!target.primary && message.siblings.length > 0) this.#env.out.mark('fallback-read');
    } else if (!get.holders.answered(from)) return;
    get.answers.set(from, message);
    get.merged = merge(get.merged, message.siblings);
    this.#settle(get);
  }

  refused(from: NodeId, id: number): void {
    const get = this.#gets.get(id);
    if (get) this.#failed(get, from);
  }

  suspected(node: NodeId): void {
    for (const get of [...this.#gets.values()]) {
      if (get.fanout.has(node) || get.holders.has(node)) this.#failed(get, node);
    }
  }

  #failed(get: Get, node: NodeId): void {
    get.holders.failed(node);
    const standIn = get.fanout.failed(node);
    if (standIn) this.#ask(get, standIn.node);
    this.#settle(get);
  }

  /** Some are silent: the next of the list are asked too. */
  hedge(id: number): void {
    const get = this.#gets.get(id);
    if (get === undefined || get.replied) return;
    for (const { node } of get.fanout.waiting) {
      const standIn = get.fanout.late(node);
      if (standIn === undefined) continue;
      this.#env.out.mark('hedge');
      this.#ask(get, standIn.node);
    }
  }

  /** No more is waited for: the reply, if it is still owed, or else the repair. */
  end(id: number): void {
    const get = this.#gets.get(id);
    if (get === undefined) return;
    if (!get.replied) this.#reply(get, 'under');
    this.#gets.delete(id);
    this.#env.timers.drop(id);
    this.#repair(get);
  }

  #settle(get: Get): void {
    const waiting = get.fanout.waiting.length + get.holders.waiting.length;
    for (const { node, primary } of get.fanout.targets) {
      const answer = get.answers.get(node);
      if (answer === undefined) continue;
      // The miss of a spare, or of an owner that may lack something, says nothing while others may still answer.
      const isDoubtful = get.fanout.isSpare(node) || (get.unsettled.has(node) && waiting > 0);
      if (answer.siblings.length === 0 && isDoubtful) continue;
      get.tally.acked(node, { primary, strict: false });
    }
    if (!get.replied) {
      const old = get.unsettled.size > 0 && get.holders.waiting.length > 0;
      const fresh = descends(contextWith(get), get.session);
      if (get.tally.met && !old && fresh) this.#reply(get, 'met');
      else if (waiting === 0 && (fresh || !this.#widen(get))) this.#reply(get, 'under');
    }
    if (get.replied && waiting === 0) this.end(get.id);
  }

  /** The session has seen more than these answers: somebody else must have it ([GET-4]). */
  #widen(get: Get): boolean {
    if (get.widened) return false;
    get.widened = true;
    const { primaries, fallbacks } = this.#env.preference(this.#replica.place(get.key).partition);
    const rest = [...primaries, ...fallbacks].filter((node) => this.#env.isUsable(node));
    const added = rest.filter((node) => get.fanout.add({ node, primary: primaries.includes(node), hintFor: [] }));
    for (const node of added) this.#ask(get, node);
    if (added.length > 0) this.#env.out.mark('session-widened');
    return added.length > 0;
  }

  #reply(get: Get, quorum: 'met' | 'under'): void {
    const { out, timers, now } = this.#env;
    get.replied = true;
    const siblings = standing(get);
    const outcome: GetOutcome = {
      siblings,
      context: siblings.length > 0 ? contextOf(siblings) : contextWith(get),
      replicas: [...get.answers.keys()],
      quorum,
    };
    out.reply(get.client, { kind: 'get', outcome });
    timers.at(now + this.#env.times.straggler, { kind: 'straggler', id: get.id });
  }

  /** Stale primaries get the merged state, as a merge ([GET-2]). */
  #repair(get: Get): void {
    const { out, options } = this.#env;
    const strict = options.durability === 'strict';
    const siblings = standing(get);
    for (const { node, primary } of get.fanout.targets) {
      const answer = get.answers.get(node);
      if (!primary || answer === undefined || lacks(answer.siblings, siblings).length === 0) continue;
      out.mark('read-repair');
      const message = { type: 'store', id: this.#env.nextId(), key: get.key, siblings } as const;
      out.send(node, { ...message, hintFor: [], reason: 'repair', strict });
    }
  }
}

/** The versions found, but those that some answer knows to be reaped. */
function standing({ merged, answers }: Get): Siblings {
  return [...answers.values()].reduce(withoutReaped, merged);
}

/** All that the answers have seen, whether it is still held or not. */
function contextWith({ merged, answers }: Get): CausalContext {
  return [...answers.values()].reduce((seen, { reaped }) => joinContexts(seen, reaped), contextOf(merged));
}
