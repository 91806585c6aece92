/**
 * Puts of this node's clients: coordinated here if this node is among the first N usable, else
 * forwarded once ([PUT-1]). The invariant: what happens to the coordinator does not matter, the client's write
 * keeps its op id, so that readers see one write even if two coordinators minted for it.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId, OpId } from '../ids.ts';
import type { MessageOf, PutOutcome } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { ClientRequest } from '../requests.ts';
import { type PutRequest, type Puts, underPolicy } from './put.ts';

type ClientPut = Extract<ClientRequest, { kind: 'put' }>;

interface Forward {
  readonly id: number;
  readonly client: number;
  readonly op: OpId;
  readonly request: ClientPut;
  to: NodeId;
  attempts: number;
  /** Whether this node itself cannot coordinate it: its disk has refused the epoch that it needs. */
  readonly refusedHere: boolean;
}

const ATTEMPTS = 5;

export class ClientPuts implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #puts: Puts;
  readonly #forwards = new Map<number, Forward>();

  constructor(env: Environment, replica: Replica, puts: Puts) {
    this.#env = env;
    this.#replica = replica;
    this.#puts = puts;
  }

  request(client: number, request: ClientPut): void {
    const id = this.#env.calls.begin('forward');
    this.#begin({ id, client, op: `${this.#replica.actor}/${id}`, request, refusedHere: false });
  }

  /** A new epoch has begun, or this node's disk refused it: then another node coordinates, if one can. */
  epoch(begun: boolean): void {
    for (const request of this.#puts.unpark()) {
      if (begun) this.#coordinate(request);
      else this.#notHere(request);
    }
  }

  /** A put has waited for an epoch for as long as a request may take ([REQ-1]). */
  parkedTooLong(id: number): void {
    const request = this.#puts.giveUp(id);
    if (request) this.#notHere(request);
  }

  #notHere(request: PutRequest): void {
    if (request.asker.kind === 'client') this.#elsewhere(request.asker.id, request);
    else this.#puts.refuse(request);
  }

  #elsewhere(client: number, { key, w, put }: PutRequest): void {
    const request: ClientPut = { kind: 'put', key, w, fastest: '', ...put };
    this.#begin({ id: this.#env.calls.begin('forward'), client, op: put.op, request, refusedHere: true });
  }

  #begin(about: Omit<Forward, 'to' | 'attempts'>): void {
    const forward = { ...about, to: '', attempts: 0 };
    this.#forwards.set(forward.id, forward);
    this.#send(forward);
  }

  /** A put that another node's client asked for. */
  receive(from: NodeId, message: MessageOf<'forward'>): void {
    const { id, key, w, value, deleted, context, time, op } = message;
    this.#env.out.mark('forward');
    const put = { value, deleted, context, time, op };
    this.#coordinate({ asker: { kind: 'forwarder', node: from, id }, key, put, w });
  }

  #coordinate(request: PutRequest): void {
    this.#puts.begin(request, this.#puts.fanout(request.key));
  }

  answered(from: NodeId, answer: Answer): void {
    const forward = this.#forwards.get(answer.id);
    if (answer.type !== 'forwarded' || forward?.to !== from) return;
    const { outcome } = answer;
    if (!outcome.ok && outcome.error === 'storage') this.#send(forward);
    else this.#conclude(forward, outcome);
  }

  suspected(peer: NodeId, id: number): void {
    const forward = this.#forwards.get(id);
    if (forward?.to === peer) this.#send(forward);
  }

  /** The coordinator has not answered, though it can be used: the request or its answer was lost. */
  end(id: number): void {
    const forward = this.#forwards.get(id);
    if (forward) this.#send(forward);
  }

  #send(forward: Forward): void {
    const { self, now, out, timers, calls, times } = this.#env;
    const { id, op, request, client } = forward;
    const { key, value, deleted, context, w, time } = request;
    const fanout = this.#puts.fanout(key);
    forward.attempts += 1;
    const targets = fanout.targets.map(({ node }) => node);
    const to = forward.attempts <= ATTEMPTS ? this.#coordinator(forward, targets) : undefined;
    if (to === undefined) {
      this.#conclude(forward, { ok: false, error: 'storage', acks: [], needed: 1 });
    } else if (to === self) {
      this.#forget(forward);
      this.#puts.begin(
        { asker: { kind: 'client', id: client }, key, put: { value, deleted, context, time, op }, w },
        fanout,
      );
    } else {
      forward.to = to;
      calls.asked(id, to);
      out.send(to, { type: 'forward', id, op, key, value, deleted, context, w, time });
      timers.at(now + times.requestTimeout * 2, { kind: 'end', of: 'forward', id });
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

  #forget({ id }: Forward): void {
    this.#forwards.delete(id);
    this.#env.calls.end(id);
    this.#env.timers.drop(id);
  }

  #conclude(forward: Forward, outcome: PutOutcome): void {
    this.#forget(forward);
    const { out, options } = this.#env;
    out.reply(forward.client, { kind: 'put', outcome: underPolicy(outcome, options.underQuorum) });
  }
}
