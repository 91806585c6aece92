/**
 * Puts of this node's clients: coordinated here if this node is among the first N reachable, else
 * forwarded once ([PUT-1]). The invariant: whatever happens to the coordinator, the client's write keeps
 * its op id, so that readers see one write even if two coordinators minted for it.
 */
import type { Env } from '../env.ts';
import type { NodeId, OpId } from '../ids.ts';
import type { MessageOf, PutOutcome } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { Request } from '../requests.ts';
import { type PutRequest, type Puts, underPolicy } from './put.ts';

type ClientPut = Extract<Request, { kind: 'put' }>;

interface Forward {
  readonly client: number;
  readonly op: OpId;
  readonly request: ClientPut;
  to: NodeId;
  attempts: number;
  /** Whether this node itself cannot coordinate it: its disk has refused the epoch that it needs. */
  readonly refusedHere: boolean;
}

const ATTEMPTS = 5;

export class ClientPuts {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #puts: Puts;
  readonly #forwards = new Map<number, Forward>();

  constructor(env: Env, replica: Replica, puts: Puts) {
    this.#env = env;
    this.#replica = replica;
    this.#puts = puts;
  }

  request(client: number, request: ClientPut): void {
    const id = this.#env.nextId();
    const forward: Forward = {
      client,
      op: `${this.#replica.actor}/${id}`,
      request,
      to: '',
      attempts: 0,
      refusedHere: false,
    };
    this.#forwards.set(id, forward);
    this.#send(id, forward);
  }

  /** A put that another node's client asked for, or one that waited for a new epoch. */
  forwarded(from: NodeId, message: MessageOf<'forward'>): void {
    const { op, key, w } = message;
    this.#env.out.mark('forward');
    this.#again({ asker: { kind: 'forwarder', node: from, op }, key, put: message, w });
  }

  #again(request: PutRequest): void {
    this.#puts.begin(request, this.#puts.fanout(request.key));
  }

  /** A new epoch has begun, or this node's disk refused it: then another node coordinates, if one can. */
  epoch(begun: boolean): void {
    for (const request of this.#puts.unpark()) {
      if (begun) this.#again(request);
      else if (request.asker.kind === 'client') this.#elsewhere(request.asker.id, request);
      else this.#puts.refuse(request);
    }
  }

  #elsewhere(client: number, { key, w, put }: PutRequest): void {
    const id = this.#env.nextId();
    const request: ClientPut = { kind: 'put', key, w, fastest: '', ...put };
    const forward: Forward = { client, op: put.op, request, to: '', attempts: 0, refusedHere: true };
    this.#forwards.set(id, forward);
    this.#send(id, forward);
  }

  outcome(from: NodeId, message: MessageOf<'forwarded'>): void {
    for (const [id, forward] of this.#forwards) {
      if (forward.op !== message.op || forward.to !== from) continue;
      const { outcome } = message;
      if (!outcome.ok && outcome.error === 'storage') this.#send(id, forward);
      else this.#conclude(id, forward, outcome);
      return;
    }
  }

  suspected(node: NodeId): void {
    for (const [id, forward] of [...this.#forwards]) if (forward.to === node) this.#send(id, forward);
  }

  /** The coordinator has not answered, though it is reachable: the request or its answer was lost. */
  late(id: number): void {
    const forward = this.#forwards.get(id);
    if (forward) this.#send(id, forward);
  }

  #send(id: number, forward: Forward): void {
    const { self, now, out, timers } = this.#env;
    const { key, value, deleted, context, w, time } = forward.request;
    const fanout = this.#puts.fanout(key);
    forward.attempts += 1;
    const to =
      forward.attempts <= ATTEMPTS
        ? this.#coordinator(
            forward,
            fanout.targets.map(({ node }) => node),
          )
        : undefined;
    if (to === undefined) {
      this.#conclude(id, forward, { ok: false, error: 'storage', acks: [], needed: 1 });
    } else if (to === self) {
      this.#forwards.delete(id);
      const put = { value, deleted, context, time, op: forward.op };
      this.#puts.begin({ asker: { kind: 'client', id: forward.client }, key, put, w }, fanout);
    } else {
      forward.to = to;
      out.send(to, { type: 'forward', op: forward.op, key, value, deleted, context, w, time });
      timers.at(now + this.#env.times.requestTimeout * 2, { kind: 'forward', id });
    }
  }

  /** This node itself, else the one that the context names as fastest, else the nearest. */
  #coordinator({ request, to, refusedHere }: Forward, targets: readonly NodeId[]): NodeId | undefined {
    const { self } = this.#env;
    if (targets.includes(self) && !refusedHere) return self;
    // A retry goes elsewhere if it can.
    const others = targets.filter((node) => node !== to && node !== self);
    if (others.includes(request.fastest)) return request.fastest;
    const nearest = others.toSorted((a, b) => this.#env.roundTrip(a) - this.#env.roundTrip(b));
    return nearest[0] ?? targets.find((node) => node !== self);
  }

  #conclude(id: number, forward: Forward, outcome: PutOutcome): void {
    this.#forwards.delete(id);
    const { out, timers, options } = this.#env;
    timers.drop(id);
    out.reply(forward.client, { kind: 'put', outcome: underPolicy(outcome, options.underQuorum) });
  }
}
