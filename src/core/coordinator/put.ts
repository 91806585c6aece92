/**
 * Puts and deletes at their coordinator ([PUT-2] to [PUT-4]).
 *
 *   begin ─► mint ─► own write + all siblings to the others ─► acks ─► W: reply ─► all have answered: end
 *              └ parked while a new epoch commits           └ silent: a stand-in gets it as a hint
 *
 * The invariant: a client gets one reply, and it names only nodes that have committed the write.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { Hinted, PutOutcome } from '../message.ts';
import type { Earlier } from '../replica/replaced.ts';
import type { Replica } from '../replica/replica.ts';
import type { ReplicaAnswers } from '../replica/replica-answers.ts';
import { type Compose, mustBeStrict, type Recipient, type SiblingSender, storeOf } from '../replica/sibling-sender.ts';
import { type CausalContext, joinContexts, withForwards, withOp } from '../version/context.ts';
import type { NewVersion, Stamped } from '../version/stamp.ts';
import { Fanout, type Target } from './fanout.ts';
import { Tally } from './quorum.ts';

/** Refused forwards that are remembered. */
const REFUSED = 1000;

/** Who waits for the outcome: a client of this node, or a node that forwarded. */
export type Asker =
  | { readonly kind: 'client'; readonly id: number }
  | { readonly kind: 'forwarder'; readonly node: NodeId; readonly id: number };

export interface PutRequest {
  readonly asker: Asker;
  readonly key: string;
  readonly put: NewVersion;
  /** 0 for the ring's W. */
  readonly w: number;
}

/** The version of a put: minted now, or for an earlier try of the same client write. */
interface Minting {
  readonly stamped: Stamped | undefined;
  readonly earlier: Earlier | undefined;
  /** What the writer has seen, with this write. */
  readonly context: CausalContext;
  /** The write of this node that must be complete before its own ack. */
  readonly ownWrite: number | undefined;
}

interface Put extends PutRequest, Minting {
  readonly id: number;
  readonly fanout: Fanout;
  readonly tally: Tally;
  /** The target asked for the one strict commit, in mode one-strict. */
  readonly strictAt: NodeId | undefined;
  state: 'waiting' | 'replied';
  /** Whether all that have not stored it have said so. */
  isRefused: boolean;
}

export class Puts implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #answers: ReplicaAnswers;
  readonly #sender: SiblingSender;
  readonly #puts = new Map<number, Put>();
  /** Puts that wait for a new epoch ([VER-3]), by the id of their deadline. */
  readonly #parked = new Map<number, PutRequest>();
  /** Forwards that were refused, the last so many: one that comes a second time is not taken after all. */
  readonly #refused = new Set<string>();
  /** How many of both are for other nodes' clients. */
  #forPeers = 0;

  constructor(env: Environment, replica: Replica, answers: ReplicaAnswers, sender: SiblingSender) {
    this.#env = env;
    this.#replica = replica;
    this.#answers = answers;
    this.#sender = sender;
  }

  fanout(key: string): Fanout {
    return new Fanout(this.#env.preferenceOf(key), (node) => this.#env.isUsable(node));
  }

  /** Whether so much is under way for other nodes' clients that no more is taken ([OVR-1]). */
  get isBusy(): boolean {
    return this.#forPeers >= this.#env.limits.putsForPeers;
  }

  hasRefused(node: NodeId, id: number): boolean {
    return this.#refused.has(`${node} ${id}`);
  }

  #count({ asker }: PutRequest, by: 1 | -1): void {
    if (asker.kind === 'forwarder') this.#forPeers += by;
  }

  /** Coordinates a put here. The caller has seen that this node may. */
  begin(request: PutRequest, fanout: Fanout): void {
    const env = this.#env;
    if (!this.#replica.isOpen) {
      this.refuse(request);
      return;
    }
    if (this.#replica.mustRenew(request.key)) {
      this.#replica.renewEpoch();
      const id = env.calls.nextId();
      this.#parked.set(id, request);
      this.#count(request, 1);
      env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', of: 'parked', id });
      return;
    }
    const needed = Math.min(request.w || env.ring.w, env.copies);
    // A forwarder whose ring or links differ may ask a node that would not have asked itself.
    const owner = fanout.targets.find(({ primary }) => primary)?.node ?? env.self;
    fanout.add({ node: env.self, primary: false, hintFor: [owner] });
    const strictAt = this.#strictTarget(fanout.targets);
    const id = env.calls.begin('put');
    const strict = mustBeStrict(env.options, strictAt === env.self);
    const minting = this.#mint(request, fanout, strict);
    if (minting === undefined) {
      env.calls.end(id);
      this.#answer(request, { ok: false, error: 'siblings', acks: [], needed });
      return;
    }
    const put: Put = {
      ...request,
      ...minting,
      id,
      fanout,
      tally: new Tally(needed),
      strictAt,
      state: 'waiting',
      isRefused: true,
    };
    this.#puts.set(id, put);
    this.#count(put, 1);
    env.out.send(env.self, { type: 'stored', id, strict }, put.ownWrite);
    this.#ship(put, fanout.targets);
    env.timers.at(env.now + env.times.hedgeAfter, { kind: 'hedge', of: 'put', id });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', of: 'put', id });
  }

  /** Undefined: there are too many siblings that the writer has not seen. */
  #mint({ key, put }: PutRequest, fanout: Fanout, strict: boolean): Minting | undefined {
    const { self, out, now } = this.#env;
    // A forward that comes again finds its version here, and does not make a second one ([PUT-1]).
    const earlier = this.#replica.minted(key, put.op);
    if (earlier) {
      out.mark('forward-again');
      const ownWrite = this.#replica.committing(key, strict);
      const seen = withForwards(joinContexts(put.context, earlier.seen), put.context.forwards ?? []);
      const context = put.retried ? withOp(seen, put.op) : seen;
      return { stamped: undefined, earlier, context, ownWrite };
    }
    const own = fanout.targets.find(({ node }) => node === self);
    const minted = this.#replica.mint(key, put, own?.hintFor ?? [], strict, now);
    if (minted === undefined) return undefined;
    this.#answers.notify(key);
    return { stamped: minted, earlier: undefined, context: minted.context, ownWrite: minted.write };
  }

  #ship(put: Put, targets: readonly Target[]): void {
    const { calls, self, options } = this.#env;
    const { id, key, strictAt } = put;
    // Who is told the same gets the same message, so that it is encoded once.
    const messages = new Map<string, Compose>();
    const recipients = targets
      .filter(({ node }) => node !== self)
      .map(({ node, hintFor }): Recipient => {
        const strict = mustBeStrict(options, strictAt === node);
        const told = `${strict} ${hintFor.join()}`;
        const compose = messages.get(told) ?? storeOf({ id, key, hintFor, reason: 'put', strict });
        messages.set(told, compose);
        calls.asked(id, node);
        return { to: node, compose };
      });
    this.#sender.send(key, recipients, put.stamped, put.earlier?.proof);
  }

  /** [STO-1] one-strict: one of the N, outside the caller's zone where there is one (P§6.1). */
  #strictTarget(targets: readonly Target[]): NodeId | undefined {
    const { ring, self } = this.#env;
    const zone = ring.members.get(self)?.zone;
    const apart = targets.find(({ node, primary }) => primary && ring.members.get(node)?.zone !== zone);
    return (apart ?? targets[0])?.node;
  }

  answered(from: NodeId, answer: Answer): void {
    const put = this.#puts.get(answer.id);
    if (put === undefined) return;
    if (answer.type === 'refused') this.#failed(put, from);
    const target = answer.type === 'stored' ? put.fanout.answered(from) : undefined;
    if (answer.type !== 'stored' || target === undefined) return;
    put.tally.acked(from, { primary: target.primary, strict: answer.strict });
    this.#settle(put);
  }

  suspected(peer: NodeId, id: number): void {
    const put = this.#puts.get(id);
    if (put === undefined) return;
    put.isRefused = false;
    this.#failed(put, peer);
  }

  /** This node's own disk has refused. */
  writeFailed(write: number): void {
    for (const put of [...this.#puts.values()]) if (put.ownWrite === write) this.#failed(put, this.#env.self);
  }

  /** An epoch has ended the wait of these, by its beginning or by the disk's refusal of it. */
  unpark(): readonly PutRequest[] {
    const ids = [...this.#parked.keys()];
    for (const id of ids) this.#env.timers.drop(id);
    return ids.flatMap((id) => this.giveUp(id) ?? []);
  }

  /** The wait of one has ended without an epoch: the disk neither takes nor refuses it. */
  giveUp(id: number): PutRequest | undefined {
    const request = this.#parked.get(id);
    if (this.#parked.delete(id) && request) this.#count(request, -1);
    return request;
  }

  refuse(request: PutRequest, error: 'storage' | 'busy' = 'storage'): void {
    this.#answer(request, { ok: false, error, acks: [], needed: 1 });
  }

  #failed(put: Put, node: NodeId): void {
    const standIn = put.fanout.failed(node);
    if (standIn) this.#ship(put, [standIn]);
    this.#settle(put);
  }

  hedge(id: number): void {
    const put = this.#puts.get(id);
    if (put === undefined) return;
    for (const { node } of put.fanout.waiting) {
      const standIn = put.fanout.late(node);
      if (standIn) this.#ship(put, [standIn]);
    }
  }

  end(id: number): void {
    const put = this.#puts.get(id);
    if (put === undefined) return;
    this.#puts.delete(id);
    this.#count(put, -1);
    this.#env.calls.end(id);
    this.#env.timers.drop(id);
    if (put.state === 'waiting') this.#conclude(put);
  }

  #settle(put: Put): void {
    if (put.state === 'waiting' && put.tally.met) this.#conclude(put);
    if (put.fanout.waiting.length === 0) this.end(put.id);
  }

  #conclude(put: Put): void {
    put.state = 'replied';
    const { tally, context } = put;
    if (tally.acks.length === 0) {
      const error = put.isRefused && put.fanout.waiting.length === 0 ? 'storage' : 'unknown';
      this.#answer(put, { ok: false, error, acks: [], needed: tally.needed });
      return;
    }
    const hinted = put.fanout.targets
      .filter(({ node }) => tally.acks.includes(node))
      .flatMap(({ node, hintFor }) => hintFor.map((owner): Hinted => ({ for: owner, by: node })));
    if (hinted.length > 0) this.#env.out.mark('sloppy-write');
    const { acks, durable, needed } = tally;
    this.#answer(put, {
      ok: true,
      context,
      acks,
      hinted,
      quorum: tally.met ? 'met' : 'under',
      durable,
      needed,
    });
  }

  #remember(refused: string): void {
    this.#refused.add(refused);
    const [oldest] = this.#refused;
    if (this.#refused.size > REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  #answer({ asker, put }: PutRequest, outcome: PutOutcome): void {
    const { out, options } = this.#env;
    if (asker.kind === 'forwarder') {
      if (!outcome.ok && outcome.error !== 'quorum') this.#remember(`${asker.node} ${asker.id}`);
      out.send(asker.node, { type: 'forwarded', id: asker.id, outcome });
    } else {
      // Who was asked before may have applied it, whatever is said here.
      const known = put.retried && !outcome.ok && outcome.error !== 'quorum' ? unknown(outcome) : outcome;
      out.reply(asker.id, { kind: 'put', outcome: underPolicy(known, options.underQuorum) });
    }
  }
}

/** With 'reject' a put under quorum fails, and is not rolled back ([PUT-4]). */
export function underPolicy(outcome: PutOutcome, policy: 'accept' | 'reject'): PutOutcome {
  if (policy === 'accept' || !outcome.ok || outcome.quorum === 'met') return outcome;
  return { ok: false, error: 'quorum', acks: outcome.acks, needed: outcome.needed };
}

const unknown = ({ acks, needed }: PutOutcome): PutOutcome => ({ ok: false, error: 'unknown', acks, needed });
