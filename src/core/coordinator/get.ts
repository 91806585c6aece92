/**
 * Gets ([GET-1], [GET-2], [GET-4]). Any node coordinates: ask the first N usable, reply after R,
 * merge; then wait briefly for stragglers and repair the primaries that lack something.
 *
 *   asking ─► R have answered ─► replied ─► all have answered, or the time is over: repair
 *      └ the session has seen more ─► widened ─┘
 *
 * While a partition moves, a new owner may still lack what an old one has ([XFER-1]): if one of the R
 * says so, the old owners' answers are waited for as well. The invariant: an answer holds every
 * version that any of the R, and the session, has seen.
 * Scenarios: sim/scenarios/gets.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { mustBeStrict, storeOf } from '../replica/sibling-sender.ts';
import type { GetOutcome } from '../requests.ts';
import { type CausalContext, descends, joinContexts } from '../version/context.ts';
import { contextOf, lacks, merge, type Siblings, withoutReaped } from '../version/siblings.ts';
import { Fanout } from './fanout.ts';
import { Tally } from './quorum.ts';

/** What one node has said of the key: what `reaped` covers and it does not hold is obsolete ([DEL-3]). */
type Found = Pick<MessageOf<'fetched'>, 'siblings' | 'reaped'>;

interface Get {
  readonly id: number;
  readonly client: number;
  readonly key: string;
  readonly session: CausalContext;
  readonly fanout: Fanout;
  readonly tally: Tally;
  /** Old owners of a partition that moves: asked, but not counted. */
  readonly holders: Fanout;
  readonly found: Map<NodeId, Found>;
  /** Owners that have answered and may lack something. */
  readonly unsettled: Set<NodeId>;
  /** Whether an owner is there that cannot say what it has. */
  isRefused: boolean;
  merged: Siblings;
  /** `widened`: the whole preference list has been asked, for the session's sake. */
  state: 'asking' | 'widened' | 'replied';
}

export class Gets implements CallOwner {
  readonly #env: Environment;
  readonly #gets = new Map<number, Get>();

  constructor(env: Environment) {
    this.#env = env;
  }

  request(client: number, request: { key: string; r: number; session: CausalContext }): void {
    const env = this.#env;
    const { key, r, session } = request;
    const members = Math.max(1, Math.min(env.ring.n, env.ring.members.size));
    const fanout = new Fanout(env.preferenceOf(key), (node) => env.isUsable(node));
    const old = env.holdersOf(key).filter((node) => !fanout.has(node));
    const get: Get = {
      id: env.calls.begin('get'),
      client,
      key,
      session,
      fanout,
      tally: new Tally(Math.min(r || env.ring.r, members)),
      holders: new Fanout({ primaries: old, fallbacks: [] }, () => true),
      found: new Map(),
      unsettled: new Set(),
      isRefused: false,
      merged: [],
      state: 'asking',
    };
    this.#gets.set(get.id, get);
    for (const { node } of [...fanout.targets, ...get.holders.targets]) this.#ask(get, node);
    env.timers.at(env.now + env.times.hedgeAfter, { kind: 'hedge', of: 'get', id: get.id });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', of: 'get', id: get.id });
    this.#settle(get);
  }

  #ask({ id, key }: Get, node: NodeId): void {
    this.#env.calls.asked(id, node);
    this.#env.out.send(node, { type: 'fetch', id, key });
  }

  answered(from: NodeId, answer: Answer): void {
    const get = this.#gets.get(answer.id);
    if (get === undefined) return;
    if (answer.type === 'fetched') this.#fetched(get, from, answer);
    else if (answer.type === 'refused') {
      get.isRefused ||= get.fanout.targets.some(({ node, primary }) => primary && node === from);
      this.#failed(get, from);
    }
  }

  #fetched(get: Get, from: NodeId, { siblings, reaped, settled }: MessageOf<'fetched'>): void {
    const target = get.fanout.answered(from);
    if (target) {
      if (target.primary && !settled) get.unsettled.add(from);
      if (!target.primary && siblings.length > 0) this.#env.out.mark('fallback-read');
    } else if (!get.holders.answered(from)) return;
    get.found.set(from, { siblings, reaped });
    get.merged = merge(get.merged, siblings);
    this.#settle(get);
  }

  suspected(peer: NodeId, id: number): void {
    const get = this.#gets.get(id);
    if (get) this.#failed(get, peer);
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
    if (get === undefined || get.state === 'replied') return;
    for (const { node } of get.fanout.waiting) {
      const standIn = get.fanout.late(node);
      if (standIn === undefined) continue;
      this.#env.out.mark('hedge');
      this.#ask(get, standIn.node);
    }
  }

  /** No more is waited for: the reply, if it is still owed, and then the repair. */
  end(id: number): void {
    const get = this.#gets.get(id);
    if (get === undefined) return;
    if (get.state !== 'replied') this.#reply(get, 'under');
    this.#gets.delete(id);
    this.#env.calls.end(id);
    this.#env.timers.drop(id);
    this.#repair(get);
  }

  #settle(get: Get): void {
    const waiting = get.fanout.waiting.length + get.holders.waiting.length;
    const isOwed = get.isRefused || get.fanout.waiting.some(({ primary }) => primary);
    for (const { node, primary } of get.fanout.targets) {
      const found = get.found.get(node);
      if (found === undefined) continue;
      // The miss of a stand-in says nothing while an owner may have it, nor does that of an owner that may lack
      // something while others may still answer.
      const isDoubtful = primary ? get.unsettled.has(node) && waiting > 0 : isOwed;
      if (found.siblings.length === 0 && isDoubtful) continue;
      get.tally.acked(node, { primary, strict: false });
    }
    if (get.state !== 'replied') this.#replyIfDone(get, waiting);
    if (get.state === 'replied' && waiting === 0) this.end(get.id);
  }

  #replyIfDone(get: Get, waiting: number): void {
    const old = get.unsettled.size > 0 && get.holders.waiting.length > 0;
    const fresh = descends(contextWith(get), get.session);
    if (get.tally.met && !old && fresh) this.#reply(get, 'met');
    else if (waiting === 0 && (fresh || !this.#widen(get))) this.#reply(get, 'under');
  }

  /** The session has seen more than these answers: somebody else must have it ([GET-4]). */
  #widen(get: Get): boolean {
    if (get.state === 'widened') return false;
    get.state = 'widened';
    const { primaries, fallbacks } = this.#env.preferenceOf(get.key);
    const rest = [...primaries, ...fallbacks].filter((node) => this.#env.isUsable(node));
    const added = rest.filter((node) => get.fanout.add({ node, primary: primaries.includes(node), hintFor: [] }));
    for (const node of added) this.#ask(get, node);
    if (added.length > 0) this.#env.out.mark('session-widened');
    return added.length > 0;
  }

  #reply(get: Get, quorum: 'met' | 'under'): void {
    const { out, timers, now, times } = this.#env;
    get.state = 'replied';
    const siblings = standing(get);
    const outcome: GetOutcome = {
      siblings,
      context: siblings.length > 0 ? contextOf(siblings) : contextWith(get),
      replicas: [...get.found.keys()],
      quorum,
    };
    out.reply(get.client, { kind: 'get', outcome });
    timers.at(now + times.straggler, { kind: 'end', of: 'get', id: get.id });
  }

  /** Stale primaries get the merged siblings, as a merge ([GET-2]). */
  #repair(get: Get): void {
    const { out, calls, options } = this.#env;
    const { key } = get;
    const siblings = standing(get);
    const strict = mustBeStrict(options);
    for (const { node, primary } of get.fanout.targets) {
      const found = get.found.get(node);
      if (!primary || found === undefined || lacks(found.siblings, siblings).length === 0) continue;
      out.mark('read-repair');
      out.send(node, storeOf({ id: calls.nextId(), key, reason: 'repair', strict })(siblings));
    }
  }
}

/** The versions found, but those that some answer knows to be reaped. */
function standing({ merged, found }: Get): Siblings {
  return [...found.values()].reduce(withoutReaped, merged);
}

/** All that the answers have seen, whether it is still held or not. */
function contextWith({ merged, found }: Get): CausalContext {
  return [...found.values()].reduce((context, { reaped }) => joinContexts(context, reaped), contextOf(merged));
}
