/**
 * The node: one pure state machine. `step` is a switch, and nothing else: an input goes to the part that it
 * concerns ([parts.ts]).
 */
import type { NodeOptions } from './config.ts';
import type { NodeId, Partition } from './ids.ts';
import type { Message } from './message.ts';
import { Parts } from './parts.ts';
import type { Input, Ready } from './ready.ts';
import type { Request } from './requests.ts';
import type { Timer } from './timers.ts';
import type { VersionMetadata } from './version/siblings.ts';
import type { CoreView, Explanation, Held } from './view.ts';

export class RingNode {
  readonly #parts: Parts;

  /** `parts`: those of these options; a test may keep them to look into. */
  constructor(options: NodeOptions, parts = new Parts(options)) {
    this.#parts = parts;
  }

  // The step

  /** Takes one input at absolute time `now` (ms, never going back) and says what to do. */
  step(now: number, input: Input): Ready {
    const parts = this.#parts;
    const stalledMs = now - parts.now;
    parts.now = now;
    if (stalledMs > parts.times.stalledAfter) {
      parts.detector.excuse();
      parts.timers.postponeRequests(stalledMs);
      parts.autoRemoval.excuse();
    }
    this.#input(input);
    for (let timer = parts.timers.due(now); timer; timer = parts.timers.due(now)) this.#timer(timer);
    for (let message = parts.out.nextToSelf(); message; message = parts.out.nextToSelf()) {
      this.#message(parts.self, message);
    }
    const ready = parts.out.take(parts.timers.next);
    for (const { to, message } of ready.sends) parts.detector.sent(to, message.type);
    return ready;
  }

  #input(input: Input): void {
    const parts = this.#parts;
    switch (input.type) {
      case 'opened':
        return parts.opened(input.opened);
      case 'message':
        if (parts.detector.heard(input.from, input.message.type)) parts.met(input.from);
        return this.#message(input.from, input.message);
      case 'request':
        return this.#request(input.id, input.request);
      case 'written':
        parts.membership.written(input.id);
        parts.answers.ended(input.id, true);
        if (parts.replica.written(input.id)) parts.clientPuts.epoch(true);
        return;
      case 'write-failed':
        parts.membership.failed(input.id);
        parts.answers.ended(input.id, false);
        if (parts.replica.failed(input.id)) parts.clientPuts.epoch(false);
        return parts.puts.writeFailed(input.id);
      case 'read':
        if (!parts.scrub.read(input.id, input.found)) parts.sender.read(input.id, input.found.values);
        return;
      case 'peer-up':
        parts.detector.up(input.peer);
        parts.membership.greet(input.peer);
        return parts.met(input.peer);
      case 'peer-down':
        parts.detector.down(input.peer);
        parts.membership.lost(input.peer);
        return parts.missed(input.peer);
      case 'hidden':
        return parts.hide(input.hidden);
      case 'wake':
        return;
      default:
        input satisfies never;
    }
  }

  #request(id: number, request: Request): void {
    const parts = this.#parts;
    switch (request.kind) {
      case 'get':
        return parts.gets.request(id, request);
      case 'put':
        return parts.clientPuts.request(id, request);
      case 'inspect':
        return parts.inspections.request(id, request.key);
      case 'watch':
        return parts.watches.watch(id, request.key);
      case 'unwatch':
        return parts.watches.unwatch(request.watch);
      case 'join':
        parts.age.joining(parts.now, request.time);
        return parts.changed(parts.membership.join(id, request.time, parts.detector.linked()));
      case 'leave':
        return parts.leave(id);
      case 'remove':
        return parts.changed(parts.membership.remove(id, request.node));
      case 'configure':
        return parts.changed(parts.membership.configure(id, request.config));
      default:
        request satisfies never;
    }
  }

  #message(from: NodeId, message: Message): void {
    const parts = this.#parts;
    switch (message.type) {
      case 'store':
        parts.answers.store(from, message);
        return parts.sync.received(from, message.key);
      case 'stored':
        parts.backoff.clear(from);
        parts.puts.stored(from, message);
        parts.hints.stored(from, message.id);
        return parts.sync.stored(from, message.id);
      case 'refused':
        parts.puts.refused(from, message.id);
        parts.hints.refused(from, message.id);
        parts.sync.refused(from, message.id);
        return parts.gets.refused(from, message.id);
      case 'fetch':
        return parts.answers.fetch(from, message, parts.isSettled(message.key));
      case 'fetched':
        return parts.gets.fetched(from, message);
      case 'forward':
        return parts.clientPuts.forwarded(from, message);
      case 'forwarded':
        return parts.clientPuts.outcome(from, message);
      case 'inspect':
        return parts.answers.inspect(from, message);
      case 'inspected':
        return parts.inspections.inspected(from, message);
      case 'watch':
        return parts.answers.watch(from, message);
      case 'changed':
        return parts.watches.changed(from, message);
      default:
        return this.#membershipMessage(from, message);
    }
  }

  #membershipMessage(from: NodeId, message: Exclude<Message, { type: RequestType }>): void {
    const parts = this.#parts;
    switch (message.type) {
      case 'status':
        parts.membership.status(from, message);
        parts.tryJoin();
        return parts.tryLeave();
      case 'history':
        parts.changed(parts.membership.reconcile(from, message));
        return parts.tryJoin();
      case 'ping':
        return parts.out.send(from, { type: 'pong', seq: message.seq });
      case 'pong':
        return parts.detector.pong(from, message.seq);
      case 'probe':
        return parts.out.send(from, {
          type: 'probed',
          target: message.target,
          alive: message.target === parts.self || parts.detector.usable(message.target),
        });
      case 'probed':
        return parts.detector.probed(message.target, message.alive);
      case 'compare':
        return parts.sync.compare(from, message);
      case 'compared':
        return parts.sync.compared(from, message);
      case 'descend':
        return parts.sync.descend(from, message);
      case 'leaves':
        return parts.sync.leaves(from, message);
      case 'list':
        return parts.sync.list(from, message);
      case 'listed':
        return parts.sync.listed(from, message);
      case 'want':
        return parts.sync.want(from, message);
      case 'synced':
        return parts.sync.synced(from, message);
      case 'reap-prepare':
        return parts.reaper.prepare(from, message);
      case 'reap-vote':
        return parts.reaper.vote(from, message);
      case 'reap-commit':
        return parts.reaper.commit(message);
      default:
        message satisfies never;
    }
  }

  #timer(timer: Timer): void {
    const parts = this.#parts;
    const { times } = parts;
    switch (timer.kind) {
      case 'ping':
        parts.timers.at(parts.now + times.ping, timer);
        return parts.tick();
      case 'gossip':
        parts.timers.at(parts.now + times.gossip, timer);
        return parts.membership.gossip(parts.detector.linked());
      case 'probe':
        return parts.detector.probeEnded(timer.peer);
      case 'join':
        return parts.tryJoin();
      case 'hedge':
        parts.puts.hedge(timer.id);
        return parts.gets.hedge(timer.id);
      case 'end':
        parts.puts.end(timer.id);
        return parts.gets.end(timer.id);
      case 'straggler':
        return parts.gets.end(timer.id);
      case 'forward':
        return parts.clientPuts.late(timer.id);
      case 'inspect':
        return parts.inspections.end(timer.id);
      case 'lease':
        return parts.watches.tick();
      case 'hints':
        parts.timers.at(parts.now + times.hintScan, timer);
        return parts.hints.scan();
      case 'sync':
        parts.timers.at(parts.now + times.syncInterval, timer);
        parts.answers.sweep();
        return parts.compareAll();
      case 'reap':
        parts.timers.at(parts.now + times.reapScan, timer);
        return parts.reaper.scan(parts.detector.linked());
      case 'alive':
        parts.timers.at(parts.now + times.alive, timer);
        return parts.noteAlive();
      case 'scrub':
        return parts.timers.at(parts.scrub.tick(), timer);
      case 'session':
        return parts.sync.late(timer.peer, timer.session);
      default:
        timer satisfies never;
    }
  }

  // For those who look on

  view(): CoreView {
    return this.#parts.look.view(this.#parts.isHidden);
  }

  explain(key: string): Explanation {
    return this.#parts.look.explain(key);
  }

  held(): Iterable<Held> {
    return this.#parts.look.held();
  }

  /** The siblings held of a key, in whatever role. For checkers. */
  versions(key: string): readonly VersionMetadata[] {
    return this.#parts.replica.versions(key);
  }

  /** Merkle root of a partition, '' if it is empty. For checkers. */
  root(partition: Partition): string {
    return this.#parts.replica.forest.root(partition);
  }
}

type RequestType =
  | 'store'
  | 'stored'
  | 'refused'
  | 'fetch'
  | 'fetched'
  | 'forward'
  | 'forwarded'
  | 'inspect'
  | 'inspected'
  | 'watch'
  | 'changed';
