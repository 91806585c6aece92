/**
 * Puts of this node's clients: coordinated here if this node is among the first N usable, else
 * forwarded once ([PUT-1]). The invariant: what happens to the coordinator does not matter, the client's write
 * keeps its op id, so that readers see one write even if two coordinators minted for it.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import { type NodeId, type OpId, opIdOf } from '../ids.ts';
import type { MessageOf, PutError, PutOutcome } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { ClientRequest } from '../requests.ts';
import { withOp } from '../version/context.ts';
import { type PutRequest, type Puts, underPolicy } from './put.ts';

type ClientPut = Extract<ClientRequest, { kind: 'put' }>;

interface Forward {
  readonly client: number;
  readonly op: OpId;
  readonly request: ClientPut;
  /** Who was asked, the last one last. */
  readonly asked: Map<NodeId, Attempt>;
  /** All that was asked, in the order of asking. */
  readonly attempts: number[];
  /** Why the last coordinator asked has refused. */
  refusal: 'storage' | 'busy';
  /** Whether this node itself cannot coordinate it: its disk has refused the epoch that it needs. */
  readonly refusedHere: boolean;
}

/** One question to one node; `silent`, `waiting` and `accepted` ones may have led to a version. */
interface Attempt {
  /** Its own, so that an answer to an earlier question is not taken for one to this. */
  readonly id: number;
  readonly state: 'waiting' | 'accepted' | 'silent' | 'refused';
}

const ATTEMPTS = 5;
/** A coordinator says at once that it has the forward: in a few round trips, and the time in which a tab is busy. */
const ACCEPT = { roundTrips: 3, ms: 50 };

export class ClientPuts implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #puts: Puts;
  /** By the id of each attempt. */
  readonly #forwards = new Map<number, Forward>();

  constructor(env: Environment, replica: Replica, puts: Puts) {
    this.#env = env;
    this.#replica = replica;
    this.#puts = puts;
  }

  request(client: number, request: ClientPut): void {
    const op = opIdOf(this.#replica.actor, this.#env.calls.nextId());
    this.#begin({ client, op, request, refusedHere: false });
  }

  /** A new epoch has begun, or this node's disk refused it: then another node coordinates, if one can. */
  epoch(begun: boolean): void {
    for (const request of this.#puts.unpark()) {
      if (begun) this.#coordinate(request);
      else this.#notHere(request);
    }
  }

  /** Puts that wait for an epoch: each for as long as a request may take ([REQ-1]). */
  readonly parked = {
    end: (id: number): void => {
      const request = this.#puts.giveUp(id);
      if (request) this.#notHere(request);
    },
  };

  #notHere(request: PutRequest): void {
    if (request.asker.kind === 'client') this.#elsewhere(request.asker.id, request);
    else this.#puts.refuse(request);
  }

  #elsewhere(client: number, { key, w, put }: PutRequest): void {
    const { retried, ...written } = put;
    const request: ClientPut = { kind: 'put', key, w, fastest: '', ...written };
    this.#begin({ client, op: put.op, request, refusedHere: true });
  }

  #begin(about: Omit<Forward, 'asked' | 'attempts' | 'refusal'>): void {
    this.#send({ ...about, asked: new Map(), attempts: [], refusal: 'storage' });
  }

  /** A put that another node's client asked for. */
  receive(from: NodeId, message: MessageOf<'forward'>): void {
    const { id, key, w, value, deleted, context, time, op, retried } = message;
    // It has come twice, and its forwarder may have told already that nothing was written.
    if (this.#puts.hasRefused(from, id)) return;
    this.#env.out.mark('forward');
    const put = { value, deleted, context, time, op, retried };
    const request: PutRequest = { asker: { kind: 'forwarder', node: from, id }, key, put, w };
    if (this.#puts.isBusy) this.#puts.refuse(request, 'busy');
    else {
      this.#env.out.send(from, { type: 'accepted', id });
      this.#coordinate(request);
    }
  }

  #coordinate(request: PutRequest): void {
    this.#puts.begin(request, this.#puts.fanout(request.key));
  }

  answered(from: NodeId, answer: Answer): void {
    const { id } = answer;
    const forward = this.#forwards.get(id);
    const attempt = forward?.asked.get(from);
    if (forward === undefined || attempt === undefined) return;
    if (answer.type === 'accepted' && attempt.id === id && attempt.state === 'waiting')
      forward.asked.set(from, { id, state: 'accepted' });
    if (answer.type !== 'forwarded') return;
    const { outcome } = answer;
    if (outcome.ok || outcome.error === 'quorum') this.#conclude(forward, outcome);
    else if (attempt.id === id) this.#refused(forward, from, { id, error: outcome.error });
  }

  #refused(forward: Forward, from: NodeId, said: { id: number; error: Exclude<PutError, 'quorum'> }): void {
    const { id, error } = said;
    forward.asked.set(from, { id, state: error === 'unknown' ? 'silent' : 'refused' });
    if (error === 'storage' || error === 'busy') forward.refusal = error;
    if (isWaiting(forward)) return;
    if (error === 'siblings' || error === 'closed') this.#refuse(forward, error);
    else this.#send(forward);
  }

  suspected(peer: NodeId, id: number): void {
    const forward = this.#forwards.get(id);
    if (forward) this.#silent(forward, [peer]);
  }

  /** None has answered, though they can be used: the request or its answer was lost. */
  end(id: number): void {
    const forward = this.#forwards.get(id);
    if (forward) this.#silent(forward, [...forward.asked.keys()]);
  }

  #silent(forward: Forward, nodes: readonly NodeId[]): void {
    const wasWaiting = isWaiting(forward);
    for (const node of nodes) {
      const attempt = forward.asked.get(node);
      if (attempt && attempt.state !== 'refused') forward.asked.set(node, { ...attempt, state: 'silent' });
    }
    if (wasWaiting && !isWaiting(forward)) this.#send(forward);
  }

  /** The node asked last has not even accepted it: another one is asked as well. */
  hedge(id: number): void {
    const forward = this.#forwards.get(id);
    const last = forward && [...forward.asked.values()].at(-1);
    if (forward === undefined || last?.id !== id || last.state !== 'waiting') return;
    this.#env.out.mark('forward-hedged');
    this.#send(forward);
  }

  #send(forward: Forward): void {
    const { self, now, out, timers, calls, times } = this.#env;
    const { op, request, client, asked } = forward;
    const { key, value, deleted, context, w, time } = request;
    const fanout = this.#puts.fanout(key);
    const targets = fanout.targets.map(({ node }) => node);
    const to = forward.attempts.length < ATTEMPTS ? this.#coordinator(forward, targets) : undefined;
    const retried = isDoubtful(forward);
    if (to === undefined) {
      if (!isWaiting(forward)) this.#refuse(forward, forward.refusal);
    } else if (to === self) {
      this.#forget(forward);
      const put = { value, deleted, context, time, op, retried };
      this.#puts.begin({ asker: { kind: 'client', id: client }, key, put, w }, fanout);
    } else {
      const id = calls.begin('forward', to);
      this.#forwards.set(id, forward);
      forward.attempts.push(id);
      asked.delete(to);
      asked.set(to, { id, state: 'waiting' });
      out.send(to, { type: 'forward', id, op, key, value, deleted, context, w, time, retried });
      const roundTrip = this.#env.roundTrip(to);
      const patience = Number.isFinite(roundTrip) ? ACCEPT.ms + ACCEPT.roundTrips * roundTrip : times.hedgeAfter;
      timers.at(now + patience, { kind: 'hedge', of: 'forward', id });
      timers.at(now + times.requestTimeout * 2, { kind: 'end', of: 'forward', id });
    }
  }

  /**
   * This node itself, else the one that the context names as fastest, else the nearest. A retry goes elsewhere if it
   * can, and while others are waited for to nobody a second time.
   */
  #coordinator(forward: Forward, targets: readonly NodeId[]): NodeId | undefined {
    const { self } = this.#env;
    const { request, asked, refusedHere } = forward;
    if (targets.includes(self) && !refusedHere) return self;
    const others = targets.filter((node) => node !== self && !asked.has(node));
    if (others.includes(request.fastest)) return request.fastest;
    const nearest = others.toSorted((a, b) => this.#env.roundTrip(a) - this.#env.roundTrip(b));
    if (nearest[0] !== undefined || isWaiting(forward)) return nearest[0];
    return [...asked.keys()].find((node) => targets.includes(node));
  }

  #forget({ attempts }: Forward): void {
    for (const id of attempts) {
      this.#forwards.delete(id);
      this.#env.calls.end(id);
      this.#env.timers.drop(id);
    }
  }

  /** An earlier try that nobody knows the end of may have been applied, whatever is said now. */
  #refuse(forward: Forward, error: Exclude<PutError, 'quorum' | 'unknown'>): void {
    this.#conclude(forward, { ok: false, error: isDoubtful(forward) ? 'unknown' : error, acks: [], needed: 1 });
  }

  #conclude(forward: Forward, outcome: PutOutcome): void {
    this.#forget(forward);
    const { out, options } = this.#env;
    // Another node may have a version of it as well: the writer has seen that, too.
    const known =
      outcome.ok && forward.attempts.length > 1
        ? { ...outcome, context: withOp(outcome.context, forward.op) }
        : outcome;
    out.reply(forward.client, { kind: 'put', outcome: underPolicy(known, options.underQuorum) });
  }
}

const isWaiting = ({ asked }: Forward): boolean =>
  [...asked.values()].some(({ state }) => state === 'waiting' || state === 'accepted');

/** Whether somebody may have minted it. */
const isDoubtful = ({ asked }: Forward): boolean => [...asked.values()].some(({ state }) => state !== 'refused');
