/**
 * Puts and deletes at their coordinator ([PUT-2] to [PUT-4]).
 *
 *   begin ─► mint ─► own write + whole state to the others ─► acks ─► W: reply ─► all have answered: end
 *              └ parked while a new epoch commits         └ silent: a stand-in gets it as a hint
 *
 * The invariant: a client gets one reply, and it names only nodes that have committed the write.
 */
import type { Env } from '../env.ts';
import type { NodeId, OpId } from '../ids.ts';
import type { Hinted, MessageOf, PutError, PutOutcome } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { ReplicaAnswers } from '../replica/replica-answers.ts';
import type { Envelope, Recipient, SiblingSender } from '../replica/sibling-sender.ts';
import { type CausalContext, joinContexts } from '../version/context.ts';
import type { VersionMetadata } from '../version/siblings.ts';
import type { NewVersion, Stamped } from '../version/stamp.ts';
import { Fanout, type Target } from './fanout.ts';
import { Tally } from './quorum.ts';

/** Who waits for the outcome: a client of this node, or a node that forwarded. */
export type Asker =
  | { readonly kind: 'client'; readonly id: number }
  | { readonly kind: 'forwarder'; readonly node: NodeId; readonly op: OpId };

export interface PutRequest {
  readonly asker: Asker;
  readonly key: string;
  readonly put: NewVersion;
  /** 0 for the ring's W. */
  readonly w: number;
}

interface Put extends PutRequest {
  readonly id: number;
  readonly fanout: Fanout;
  readonly tally: Tally;
  /** The target asked for the one strict commit, in mode one-strict. */
  readonly strictAt: NodeId | undefined;
  ownWrite: number | undefined;
  /** The version and its siblings; undefined if it was minted for an earlier try. */
  minted: Stamped | undefined;
  /** What an earlier try minted, in this one's place. */
  earlier: VersionMetadata | undefined;
  /** What the writer has seen, with this write once it has a dot. */
  context: CausalContext;
  replied: boolean;
}

export class Puts {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #answers: ReplicaAnswers;
  readonly #sender: SiblingSender;
  readonly #puts = new Map<number, Put>();
  /** Puts that wait for a new epoch ([VER-3]). */
  readonly #parked: PutRequest[] = [];

  constructor(env: Env, replica: Replica, answers: ReplicaAnswers, sender: SiblingSender) {
    this.#env = env;
    this.#replica = replica;
    this.#answers = answers;
    this.#sender = sender;
  }

  fanout(key: string): Fanout {
    const { partition } = this.#replica.place(key);
    return new Fanout(this.#env.preference(partition), (node) => this.#env.isUsable(node));
  }

  /** Coordinates a put here. The caller has seen that this node may. */
  begin(request: PutRequest, fanout: Fanout): void {
    const env = this.#env;
    if (!this.#replica.isOpen) {
      this.#answer(request.asker, { ok: false, error: 'storage', acks: [], needed: 1 });
      return;
    }
    if (this.#replica.mustRenew(request.key)) {
      this.#replica.renewEpoch();
      this.#parked.push(request);
      return;
    }
    const primaries = fanout.targets.filter(({ primary }) => primary);
    const members = env.ring.members.size;
    const needed = Math.min(request.w || env.ring.w, Math.max(1, Math.min(env.ring.n, members)));
    // A forwarder whose ring or links differ may ask a node that would not have asked itself.
    const owner = primaries[0]?.node ?? env.self;
    fanout.add({ node: env.self, primary: false, hintFor: [owner] });
    const put: Put = {
      ...request,
      id: env.nextId(),
      fanout,
      tally: new Tally(needed),
      strictAt: this.#strictTarget(fanout.targets),
      ownWrite: undefined,
      minted: undefined,
      earlier: undefined,
      context: request.put.context,
      replied: false,
    };
    const error = this.#mint(put);
    if (error) {
      this.#answer(put.asker, { ok: false, error, acks: [], needed });
      return;
    }
    this.#puts.set(put.id, put);
    this.#ship(put, fanout.targets);
    env.timers.at(env.now + env.times.hedgeAfter, { kind: 'hedge', id: put.id });
    env.timers.at(env.now + env.times.requestTimeout, { kind: 'end', id: put.id });
  }

  #mint(put: Put): PutError | undefined {
    const { self, out } = this.#env;
    const own = put.fanout.targets.find(({ node }) => node === self);
    const strict = this.#isStrict(put, self);
    // A forward that comes again finds its version here, and does not make a second one ([PUT-1]).
    const earlier = this.#replica.minted(put.key, put.put.op);
    if (earlier) {
      put.earlier = earlier;
      put.context = joinContexts(earlier.context, { vector: [], dots: [earlier.dot] });
      put.ownWrite = strict ? this.#replica.storeStrictly(put.key) : this.#replica.uncommitted(put.key);
      out.mark('forward-again');
    } else {
      const minted = this.#replica.mint(put.key, put.put, own?.hintFor ?? [], strict);
      if (minted === undefined) return 'siblings';
      put.minted = minted;
      put.context = minted.context;
      put.ownWrite = minted.write;
      this.#answers.notify(put.key);
    }
    out.send(self, { type: 'stored', id: put.id, strict }, put.ownWrite);
    return undefined;
  }

  #ship(put: Put, targets: readonly Target[]): void {
    // Who is told the same gets the same message, so that it is encoded once.
    const messages = new Map<string, Envelope>();
    const recipients = targets
      .filter(({ node }) => node !== this.#env.self)
      .map(({ node, hintFor }): Recipient => {
        const strict = this.#isStrict(put, node);
        const told = `${strict} ${hintFor.join()}`;
        const message = messages.get(told) ?? {
          type: 'store',
          id: put.id,
          key: put.key,
          hintFor,
          reason: 'put',
          strict,
        };
        messages.set(told, message);
        return { to: node, message };
      });
    this.#sender.send(put.key, recipients, put.minted, put.earlier);
  }

  /** [STO-1] one-strict: one of the N, outside the caller's zone where there is one (P§6.1). */
  #strictTarget(targets: readonly Target[]): NodeId | undefined {
    const { ring, self } = this.#env;
    const zone = ring.members.get(self)?.zone;
    const apart = targets.find(({ node, primary }) => primary && ring.members.get(node)?.zone !== zone);
    return (apart ?? targets[0])?.node;
  }

  #isStrict(put: Put, node: NodeId): boolean {
    const { durability } = this.#env.options;
    return durability === 'strict' || (durability === 'one-strict' && put.strictAt === node);
  }

  stored(from: NodeId, message: MessageOf<'stored'>): void {
    const put = this.#puts.get(message.id);
    const target = put?.fanout.answered(from);
    if (put === undefined || target === undefined) return;
    put.tally.acked(from, { primary: target.primary, strict: message.strict });
    this.#settle(put);
  }

  refused(from: NodeId, id: number): void {
    const put = this.#puts.get(id);
    if (put) this.#failed(put, from);
  }

  /** No answer will come from a node. */
  suspected(node: NodeId): void {
    for (const put of [...this.#puts.values()]) if (put.fanout.has(node)) this.#failed(put, node);
  }

  /** This node's own disk has refused. */
  writeFailed(write: number): void {
    for (const put of [...this.#puts.values()]) if (put.ownWrite === write) this.#failed(put, this.#env.self);
  }

  /** An epoch has ended the wait of these, by its beginning or by the disk's refusal of it. */
  unpark(): readonly PutRequest[] {
    return this.#parked.splice(0);
  }

  refuse({ asker }: PutRequest): void {
    this.#answer(asker, { ok: false, error: 'storage', acks: [], needed: 1 });
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
    this.#ended(put);
  }

  #settle(put: Put): void {
    if (!put.replied && put.tally.met) this.#conclude(put);
    if (put.fanout.waiting.length > 0) return;
    this.#ended(put);
  }

  #ended(put: Put): void {
    this.#puts.delete(put.id);
    this.#env.timers.drop(put.id);
    if (!put.replied) this.#conclude(put);
  }

  #conclude(put: Put): void {
    put.replied = true;
    const { tally } = put;
    if (tally.acks.length === 0) {
      this.#answer(put.asker, { ok: false, error: 'storage', acks: [], needed: tally.needed });
      return;
    }
    const hinted = put.fanout.targets
      .filter(({ node }) => tally.acks.includes(node))
      .flatMap(({ node, hintFor }) => hintFor.map((owner): Hinted => ({ for: owner, by: node })));
    if (hinted.length > 0) this.#env.out.mark('sloppy-write');
    this.#answer(put.asker, {
      ok: true,
      context: put.context,
      acks: tally.acks,
      hinted,
      quorum: tally.met ? 'met' : 'under',
      durable: tally.durable,
      needed: tally.needed,
    });
  }

  #answer(asker: Asker, outcome: PutOutcome): void {
    const { out, options } = this.#env;
    if (asker.kind === 'forwarder') {
      out.send(asker.node, { type: 'forwarded', op: asker.op, outcome });
      return;
    }
    out.reply(asker.id, { kind: 'put', outcome: underPolicy(outcome, options.underQuorum) });
  }
}

/** With 'reject' a put under quorum fails, and is not rolled back ([PUT-4]). */
export function underPolicy(outcome: PutOutcome, policy: 'accept' | 'reject'): PutOutcome {
  if (policy === 'accept' || !outcome.ok || outcome.quorum === 'met') return outcome;
  return { ok: false, error: 'quorum', acks: outcome.acks, needed: outcome.needed };
}
