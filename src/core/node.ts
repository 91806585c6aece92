/**
 * The node: one pure state machine. Here is the switch: each input, request, message, answer and timer goes to the
 * one part that takes it. What others must know of it is in reactions.ts. The invariant: none is offered to two.
 */
import { type Answer, isAnswer } from './calls.ts';
import { compose, type Subsystems } from './compose.ts';
import type { NodeOptions } from './config.ts';
import type { NodeId, Partition } from './ids.ts';
import type { Message, MessageOf } from './message.ts';
import { Reactions } from './reactions.ts';
import type { Input, Ready } from './ready.ts';
import type { ClientRequest } from './requests.ts';
import type { Found } from './storage.ts';
import type { Timer } from './timers.ts';
import type { VersionMetadata } from './version/siblings.ts';
import { type CoreView, type Explanation, explanationOf, type Held, heldBy, viewOf } from './view.ts';

export class RingNode {
  readonly #parts: Subsystems;
  readonly #reactions: Reactions;

  /** `parts`: those of these options; a test may keep them to look into. */
  constructor(options: NodeOptions, parts = compose(options)) {
    this.#parts = parts;
    this.#reactions = new Reactions(parts);
  }

  // The step

  /** Takes one input at absolute time `now` (ms, never going back) and says what to do. */
  step(now: number, input: Input): Ready {
    const { env, detector } = this.#parts;
    const { out, timers } = env;
    const stalledMs = now - env.now;
    env.now = now;
    env.slices.refill();
    if (stalledMs > env.times.stalledAfter) this.#reactions.stalled(stalledMs);
    this.#input(input);
    for (let timer = timers.due(now); timer; timer = timers.due(now)) this.#timer(timer);
    for (let came = this.#next(); came; came = this.#next()) this.#message(came.from, came.message);
    const ready = out.take(timers.next);
    for (const { to, message } of ready.sends) detector.sent(to, message.type);
    return ready;
  }

  /** What this step has brought besides: messages of the node to itself, and those whose last piece has come. */
  #next(): { readonly from: NodeId; readonly message: Message } | undefined {
    const { env, pulls } = this.#parts;
    const message = env.out.nextToSelf();
    return message ? { from: env.self, message } : pulls.next();
  }

  #input(input: Input): void {
    const { detector, membership, sync } = this.#parts;
    switch (input.type) {
      case 'opened':
        return this.#reactions.opened(input.opened);
      case 'message':
        if (detector.heard(input.from, input.message.type)) this.#reactions.peerUsable(input.from);
        if (input.message.type === 'pull' || input.message.type === 'pulled') sync.heard(input.from);
        return this.#message(input.from, input.message);
      case 'request':
        return this.#request(input.id, input.request);
      case 'written':
        return this.#reactions.writeEnded(input.id, true);
      case 'write-failed':
        return this.#reactions.writeEnded(input.id, false);
      case 'read':
        return this.#read(input.id, input.found);
      case 'peer-up':
        detector.up(input.peer);
        membership.greet(input.peer);
        return this.#reactions.peerUsable(input.peer);
      case 'peer-down':
        detector.down(input.peer);
        membership.lost(input.peer);
        return this.#reactions.peerSuspected(input.peer);
      case 'unlinked':
        this.#parts.env.unlinked = input.peers;
        return;
      case 'hidden':
        return this.#reactions.hidden(input.hidden);
      case 'wake':
        return;
      default:
        input satisfies never;
    }
  }

  #request(id: number, request: ClientRequest): void {
    const { gets, clientPuts, inspections, watches, membership } = this.#parts;
    switch (request.kind) {
      case 'get':
        return gets.request(id, request);
      case 'put':
        return clientPuts.request(id, request);
      case 'inspect':
        return inspections.request(id, request.key);
      case 'watch':
        return watches.watch(id, request.key);
      case 'unwatch':
        return watches.unwatch(request.watch);
      case 'join':
        return this.#reactions.join(id, request.time);
      case 'leave':
        return this.#reactions.leave(id);
      case 'remove':
        return this.#reactions.ringMayHaveChanged(membership.remove(id, request.node));
      case 'configure':
        return this.#reactions.ringMayHaveChanged(membership.configure(id, request.config));
      default:
        request satisfies never;
    }
  }

  #message(from: NodeId, message: Message): void {
    const { answers, sender, clientPuts, watches, membership, detector, comparisons, sync, reaper } = this.#parts;
    if (isAnswer(message)) return this.#answer(from, message);
    switch (message.type) {
      case 'store':
        return this.#store(from, message);
      case 'fetch':
      case 'inspect':
      case 'watch':
        return answers.receive(from, message);
      case 'pull':
        return sender.receive(from, message);
      case 'forward':
        return clientPuts.receive(from, message);
      case 'changed':
        return watches.receive(from, message);
      case 'status':
      case 'history':
        return this.#reactions.historyMayHaveChanged(membership.receive(from, message));
      case 'ping':
      case 'pong':
      case 'probe':
      case 'probed':
        return detector.receive(from, message);
      case 'absence':
      case 'absence-vote':
        return this.#parts.absences.receive(from, message);
      case 'compare':
      case 'descend':
      case 'list':
      case 'want':
      case 'synced':
        return comparisons.receive(from, message);
      case 'compared':
      case 'leaves':
      case 'listed':
        return sync.receive(from, message);
      case 'reap-prepare':
      case 'reap-vote':
      case 'reap-commit':
        return reaper.receive(from, message);
      default:
        message satisfies never;
    }
  }

  /** A state that came in pieces is merged when all of it is here ([VER-4]). */
  #store(from: NodeId, message: MessageOf<'store'>): void {
    const { answers, pulls } = this.#parts;
    const { rest } = message;
    if (rest) return pulls.begin(from, message.key, { ...message, rest });
    answers.receive(from, message);
    this.#reactions.copyCame(from, message.key);
  }

  /** An answer goes to the part that has asked; one to a call that has ended, to nobody. */
  #answer(from: NodeId, answer: Answer): void {
    const { env, callers, backoff } = this.#parts;
    if (answer.type === 'stored') backoff.clear(from);
    const purpose = env.calls.purpose(answer.id);
    if (purpose === undefined || purpose === 'values' || purpose === 'scrub') return;
    callers[purpose].answered(from, answer);
  }

  #read(id: number, found: Found): void {
    const { env, scrub, sender } = this.#parts;
    if (env.calls.purpose(id) === 'scrub') scrub.read(id, found);
    else sender.read(id, found.values);
  }

  #timer(timer: Timer): void {
    const { env, detector, membership, watches, reaper, scrub, sync } = this.#parts;
    const { puts, gets, clientPuts: forward, inspections: inspect, pulls: pull } = this.#parts;
    const again = (ms: number): void => env.timers.at(env.now + ms, timer);
    switch (timer.kind) {
      case 'ping':
        again(env.times.ping);
        return this.#reactions.tick();
      case 'gossip':
        again(env.times.gossip);
        return membership.gossip(detector.linked());
      case 'probe':
        return detector.probeEnded(timer.peer);
      case 'join':
        return this.#reactions.tryJoin();
      case 'hedge':
        return { put: puts, get: gets, forward }[timer.of].hedge(timer.id);
      case 'end':
        return { put: puts, get: gets, forward, inspect, pull, parked: forward.parked }[timer.of].end(timer.id);
      case 'stored':
        return membership.storedTooLate(timer.request);
      case 'lease':
        return watches.tick();
      case 'hints':
        again(env.times.hintScan);
        return this.#reactions.scanHints();
      case 'sync':
        again(env.times.syncInterval);
        return this.#reactions.compareAll();
      case 'reap':
        again(env.times.reapScan);
        return reaper.scan();
      case 'alive':
        again(env.times.alive);
        return this.#reactions.noteAlive();
      case 'scrub':
        return env.timers.at(scrub.tick(), timer);
      case 'slice':
        return env.slices.due();
      case 'session':
        return sync.late(timer.peer, timer.session);
      default:
        timer satisfies never;
    }
  }

  // For those who look on

  view(): CoreView {
    return viewOf(this.#parts, this.#reactions.isHidden);
  }

  explain(key: string): Explanation {
    return explanationOf(this.#parts, key);
  }

  held(): Iterable<Held> {
    return heldBy(this.#parts);
  }

  /** The versions held of a key, in whatever role. For checkers. */
  versions(key: string): readonly VersionMetadata[] {
    return this.#parts.replica.versions(key);
  }

  /** Merkle root of a partition, '' if it is empty. For checkers. */
  root(partition: Partition): string {
    return this.#parts.replica.forest.root(partition);
  }
}
