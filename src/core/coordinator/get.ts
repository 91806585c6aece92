/**
 * Gets ([GET-1], [GET-2], [GET-4]). Any node coordinates: ask the first N usable, reply after R,
 * merge; then wait briefly for stragglers and repair the primaries that lack something.
 *
 *   asking ─► R have answered ─► replied ─► all have answered, or the time is over: repair
 *      └ the session has seen more ─► widened ─┘
 *
 * While a partition moves, a new owner may still lack what an old one has ([XFER-1]): if one of the R
 * says so, the old owners' answers are waited for as well. A state that is too long for one message is pulled from
 * one node at a time, unless whole answers cover it ([VER-4]). The invariant: an answer holds every
 * version that any of the R, and the session, has seen.
 * Scenarios: sim/scenarios/gets.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { bytesOf, stateName } from '../replica/pieces.ts';
import type { Pulls } from '../replica/pulls.ts';
import { mustBeStrict, storeOf } from '../replica/sibling-sender.ts';
import type { GetOutcome } from '../requests.ts';
import { type CausalContext, contextSize, descends, joinContexts } from '../version/context.ts';
import { contextOf, lacks, merge, readerContext, type Siblings, withoutReaped } from '../version/siblings.ts';
import { Fanout } from './fanout.ts';
import { Tally } from './quorum.ts';

/** What one node has said of the key: what `reaped` covers and it does not hold is obsolete ([DEL-3]). */
type Found = MessageOf<'fetched'>;

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
  /** States that have come in pieces, all of them, by name. */
  readonly gathered: Map<string, Siblings>;
  /** The node of whose state the other pieces are asked for. */
  pulling: NodeId | undefined;
  /** Who has failed, and is asked for no pieces. */
  readonly silent: Set<NodeId>;
  /** Owners that have answered and may lack something. */
  readonly unsettled: Set<NodeId>;
  /** Whether an owner is there that cannot say what it has. */
  isRefused: boolean;
  /** Of the answers that are whole. */
  merged: Siblings;
  /** `widened`: the whole preference list has been asked, for the session's sake. */
  state: 'asking' | 'widened' | 'replied';
}

export class Gets implements CallOwner {
  readonly #env: Environment;
  readonly #pulls: Pulls;
  readonly #gets = new Map<number, Get>();

  constructor(env: Environment, pulls: Pulls) {
    this.#env = env;
    this.#pulls = pulls;
  }

  request(client: number, request: { key: string; r: number; session: CausalContext }): void {
    const env = this.#env;
    const { key, r, session } = request;
    const fanout = new Fanout(env.preferenceOf(key), (node) => env.isUsable(node));
    const old = env.holdersOf(key).filter((node) => !fanout.has(node));
    const get: Get = {
      id: env.calls.begin('get'),
      client,
      key,
      session,
      fanout,
      tally: new Tally(Math.min(r || env.ring.r, env.copies)),
      holders: new Fanout({ primaries: old, fallbacks: [] }, () => true),
      found: new Map(),
      gathered: new Map(),
      pulling: undefined,
      silent: new Set(),
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

  #fetched(get: Get, from: NodeId, found: Found): void {
    // The first piece is its answer; the whole comes later.
    const isWhole = get.found.get(from)?.rest !== undefined;
    const target = get.fanout.answered(from);
    if (target) {
      if (target.primary && !found.settled) get.unsettled.add(from);
      if (!target.primary && found.siblings.length > 0) this.#env.out.mark('fallback-read');
    } else if (!get.holders.answered(from) && !isWhole) return;
    if (get.pulling === from) get.pulling = undefined;
    get.silent.delete(from);
    get.found.set(from, found);
    if (found.rest === undefined) get.merged = merge(get.merged, found.siblings);
    if (found.rest === undefined && isWhole) get.gathered.set(stateName(found.siblings), found.siblings);
    // Others that hold the same state need not send it, too.
    for (const [node, { rest, ...part }] of get.found) {
      const siblings = rest && get.gathered.get(rest.of);
      if (siblings) get.found.set(node, { ...part, siblings });
    }
    this.#settle(get);
  }

  /** Asks for the other pieces of one state that no whole answer covers. What is too much to gather is left. */
  #pull(get: Get): void {
    if (get.pulling !== undefined || get.state === 'replied') return;
    const most = this.#env.limits.readBytes;
    for (const [node, { rest, ...found }] of partsOf(get)) {
      if (rest === undefined || rest.bytes > most || get.silent.has(node)) continue;
      get.pulling = node;
      this.#pulls.begin(node, get.key, { ...found, rest });
      return;
    }
  }

  suspected(peer: NodeId, id: number): void {
    const get = this.#gets.get(id);
    if (get) this.#failed(get, peer);
  }

  #failed(get: Get, node: NodeId): void {
    get.holders.failed(node);
    if (get.pulling === node) get.pulling = undefined;
    get.silent.add(node);
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
    this.#pull(get);
    const waiting = get.fanout.waiting.length + get.holders.waiting.length + (get.pulling === undefined ? 0 : 1);
    const parts = partsOf(get);
    const isOwed = get.isRefused || parts.size > 0 || get.fanout.waiting.some(({ primary }) => primary);
    for (const { node, primary } of get.fanout.targets) {
      const found = get.found.get(node);
      if (found === undefined || parts.has(node)) continue;
      // The miss of a stand-in says nothing while an owner may have it, nor does that of an owner that may lack
      // something while others may still answer.
      const isDoubtful = primary ? get.unsettled.has(node) && waiting > 0 : isOwed;
      if (found.siblings.length === 0 && isDoubtful) continue;
      get.tally.acked(node, { primary, strict: false });
    }
    if (get.state !== 'replied') this.#replyIfDone(get, waiting, parts);
    if (get.state === 'replied' && waiting === 0) this.end(get.id);
  }

  #replyIfDone(get: Get, waiting: number, parts: ReadonlyMap<NodeId, Found>): void {
    const holders = get.holders.waiting.length + [...parts.keys()].filter((node) => get.holders.has(node)).length;
    const old = get.unsettled.size > 0 && holders > 0;
    const seen = contextWith(get);
    if (get.tally.met && !old && descends(seen, get.session)) this.#reply(get, 'met');
    else if (waiting === 0 && (descends(withParts(seen, parts), get.session) || !this.#widen(get))) {
      this.#reply(get, 'under');
    }
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
    // What is missing of an answer that the quorum does not need is not missed.
    const parts = quorum === 'met' ? new Map<NodeId, Found>() : partsOf(get);
    const isPart = parts.size > 0;
    const siblings = [...parts.values()].reduce((merged, part) => merge(merged, part.siblings), standing(get));
    const context =
      siblings.length > 0 && !isPart
        ? readerContext(contextOf(siblings), siblings)
        : withParts(contextWith(get), parts);
    const replicas = [...get.found.keys()];
    const outcome: GetOutcome = { siblings, context, replicas, quorum, ...(isPart && { isPart }) };
    out.reply(get.client, { kind: 'get', outcome });
    timers.at(now + times.straggler, { kind: 'end', of: 'get', id: get.id });
  }

  /** Stale primaries get the merged siblings, as a merge ([GET-2]); what is too long for a message, by [AE-1]. */
  #repair(get: Get): void {
    const { out, calls, limits, options } = this.#env;
    const { key } = get;
    const siblings = standing(get);
    const strict = mustBeStrict(options);
    if (bytesOf(siblings) > limits.stateBytes) return;
    for (const { node, primary } of get.fanout.targets) {
      const found = get.found.get(node);
      if (!primary || found === undefined || found.rest || lacks(found.siblings, siblings).length === 0) continue;
      out.mark('read-repair');
      out.send(node, storeOf({ id: calls.nextId(), key, reason: 'repair', strict })({ siblings }));
    }
  }
}

/** The answers that are whole. */
const wholeOf = ({ found }: Get): Found[] => [...found.values()].filter(({ rest }) => rest === undefined);

/** The versions found, but those that some answer knows to be reaped. */
function standing(get: Get): Siblings {
  return wholeOf(get).reduce(withoutReaped, get.merged);
}

/** All that the answers have seen, whether it is still held or not. */
function contextWith(get: Get): CausalContext {
  return wholeOf(get).reduce((context, { reaped }) => joinContexts(context, reaped), contextOf(get.merged));
}

/** The answers that are a piece of a state, with something in the rest of it that no whole answer has seen. */
function partsOf(get: Get): ReadonlyMap<NodeId, Found> {
  const parts = [...get.found].filter(([, { rest }]) => rest !== undefined);
  if (parts.length === 0) return new Map();
  const seen = contextWith(get);
  const isCovered = ({ rest, reaped }: Found): boolean =>
    contextSize(reaped) === 0 && rest !== undefined && descends(seen, rest.context);
  return new Map(parts.filter(([, found]) => !isCovered(found)));
}

/** What was seen, with all that is in these states. */
function withParts(seen: CausalContext, parts: ReadonlyMap<NodeId, Found>): CausalContext {
  const contexts = [...parts.values()].flatMap(({ rest, reaped }) => (rest ? [rest.context, reaped] : [reaped]));
  return contexts.reduce(joinContexts, seen);
}
