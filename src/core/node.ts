/**
 * The node: one pure state machine. It wires the parts together: an input goes to the part that it
 * concerns, and what one part learns is told to the others. `step` is the switch, and nothing else.
 */
import { Age } from './age.ts';
import { Alarms } from './alarms.ts';
import type { NodeOptions, Times } from './config.ts';
import { Forwards } from './coordinator/forward.ts';
import { Gets } from './coordinator/get.ts';
import { Inspections } from './coordinator/inspect.ts';
import { Puts } from './coordinator/put.ts';
import { Watches } from './coordinator/watch.ts';
import type { Env } from './env.ts';
import type { NodeId, Partition } from './ids.ts';
import { type Explanation, type Held, Look } from './look.ts';
import { Absence } from './membership/absence.ts';
import { Detector } from './membership/detector.ts';
import { Membership } from './membership/membership.ts';
import type { Message } from './message.ts';
import { Outbox } from './outbox.ts';
import { Random } from './random.ts';
import type { CoreView, Input, Opened, Ready, Request } from './ready.ts';
import { Backoff } from './repair/backoff.ts';
import { Coverage } from './repair/coverage.ts';
import { Hints } from './repair/hints.ts';
import { Reaper } from './repair/reaper.ts';
import { Scrub } from './repair/scrub.ts';
import { Sync } from './repair/sync.ts';
import { Replica } from './replica/replica.ts';
import { Serve } from './replica/serve.ts';
import { States } from './replica/states.ts';
import type { Ring } from './ring/fold.ts';
import type { Preference } from './ring/preference.ts';
import { type Timer, Timers } from './timers.ts';
import type { Clock } from './version/siblings.ts';

export class Node implements Env {
  readonly options: NodeOptions;
  readonly self: NodeId;
  readonly out: Outbox;
  readonly timers = new Timers();
  readonly random: Random;
  #times: Times;
  now = Number.NEGATIVE_INFINITY;
  readonly #membership: Membership;
  readonly #detector: Detector;
  readonly #replica: Replica;
  readonly #states: States;
  readonly #serve: Serve;
  readonly #puts: Puts;
  readonly #forwards: Forwards;
  readonly #gets: Gets;
  readonly #inspections: Inspections;
  readonly #watches: Watches;
  readonly #hints: Hints;
  readonly #coverage: Coverage;
  readonly #sync: Sync;
  readonly #reaper: Reaper;
  readonly #scrub: Scrub;
  /** Peers whose disk refuses what is sent to them in the background. */
  readonly #backoff = new Backoff();
  readonly #age = new Age();
  readonly #absence: Absence;
  readonly #alarms = new Alarms();
  readonly #look: Look;
  #hidden = false;
  /** Starts anywhere, so that no answer to an earlier process of this node is taken for one of ours. */
  #nextId: number;
  /** The requests to leave that are under way. */
  #leaving: number[] = [];

  constructor(options: NodeOptions) {
    this.options = options;
    this.#times = options.times;
    this.self = options.self;
    this.out = new Outbox(options.self);
    this.random = new Random(options.seed);
    this.#nextId = this.random.below(2 ** 31) * 2 ** 21;
    this.#membership = new Membership(this);
    this.#detector = new Detector(this, (node) => this.#membership.isHidden(node));
    this.#absence = new Absence(this, this.#detector);
    this.#replica = new Replica(this.out, options);
    this.#states = new States(this.#replica, this.out);
    this.#serve = new Serve(this, this.#replica, this.#states);
    this.#puts = new Puts(this, this.#replica, this.#serve, this.#states);
    this.#forwards = new Forwards(this, this.#replica, this.#puts);
    this.#gets = new Gets(this, this.#replica);
    this.#inspections = new Inspections(this, this.#replica);
    this.#watches = new Watches(this, this.#replica);
    this.#hints = new Hints(this, this.#replica, this.#states, this.#backoff);
    this.#coverage = new Coverage(this, this.#replica);
    this.#sync = new Sync(this, this.#replica, this.#states, this.#coverage, this.#backoff);
    this.#reaper = new Reaper(this, this.#replica, this.#coverage);
    this.#scrub = new Scrub(this, this.#replica, this.#states);
    this.#look = new Look(this, {
      membership: this.#membership,
      detector: this.#detector,
      replica: this.#replica,
      coverage: this.#coverage,
      sync: this.#sync,
      alarms: this.#alarms,
    });
  }

  // What the parts share

  get ring(): Ring {
    return this.#membership.ring;
  }

  get uptime(): number {
    return this.#age.uptime(this.now);
  }

  get times(): Times {
    return this.#times;
  }

  nextId(): number {
    return this.#nextId++;
  }

  preference(partition: Partition): Preference {
    return this.#membership.preference(partition);
  }

  reachable(node: NodeId): boolean {
    return node === this.self ? this.#replica.isOpen : this.#detector.usable(node);
  }

  roundTrip(node: NodeId): number {
    return node === this.self ? 0 : (this.#detector.roundTrip(node) ?? Number.POSITIVE_INFINITY);
  }

  holders(partition: Partition): readonly NodeId[] {
    const { primaries } = this.preference(partition);
    return [this.self, ...this.#detector.linked()].filter(
      (node) => !primaries.includes(node) && this.reachable(node) && this.#mayHold(node, partition),
    );
  }

  #mayHold(node: NodeId, partition: Partition): boolean {
    if (node === this.self) return this.#replica.forest.root(partition) !== '';
    return this.#membership.mayHold(node, partition);
  }

  // The step

  /** Takes one input at absolute time `now` (ms, never going back) and says what to do. */
  step(now: number, input: Input): Ready {
    const stalledMs = now - this.now;
    this.now = now;
    if (stalledMs > this.times.stalledAfter) {
      this.#detector.excuse();
      this.timers.postponeRequests(stalledMs);
      this.#absence.excuse();
    }
    this.#input(input);
    for (let timer = this.timers.due(now); timer; timer = this.timers.due(now)) this.#timer(timer);
    for (let message = this.out.nextToSelf(); message; message = this.out.nextToSelf()) {
      this.#message(this.self, message);
    }
    const ready = this.out.take(this.timers.next);
    for (const { to, message } of ready.sends) this.#detector.sent(to, message.type);
    return ready;
  }

  #input(input: Input): void {
    switch (input.type) {
      case 'opened':
        return this.#opened(input.opened);
      case 'message':
        if (this.#detector.heard(input.from, input.message.type)) this.#usable(input.from);
        return this.#message(input.from, input.message);
      case 'request':
        return this.#request(input.id, input.request);
      case 'written':
        this.#membership.written(input.id);
        this.#serve.ended(input.id, true);
        if (this.#replica.written(input.id)) this.#forwards.epoch(true);
        return;
      case 'write-failed':
        this.#membership.failed(input.id);
        this.#serve.ended(input.id, false);
        if (this.#replica.failed(input.id)) this.#forwards.epoch(false);
        return this.#puts.writeFailed(input.id);
      case 'read':
        if (!this.#scrub.read(input.id, input.found)) this.#states.read(input.id, input.found.values);
        return;
      case 'peer-up':
        this.#detector.up(input.peer);
        this.#membership.greet(input.peer);
        return this.#usable(input.peer);
      case 'peer-down':
        this.#detector.down(input.peer);
        this.#membership.lost(input.peer);
        return this.#unusable(input.peer);
      case 'hidden':
        this.#hidden = input.hidden;
        return this.#announce();
      case 'wake':
        return;
      default:
        input satisfies never;
    }
  }

  #opened(opened: Opened): void {
    const first = !this.#replica.isOpen && this.timers.next === Number.POSITIVE_INFINITY;
    const ringChanged = this.#membership.open(opened.history);
    this.#replica.open(opened, this.random.name(), this.ring.partitions);
    this.#states.clear();
    this.#sync.clear();
    this.#scrub.clear();
    this.#coverage.clear();
    this.#reaper.clear();
    this.#age.opened(this.now, opened.alive);
    if (first) for (const kind of PERIODIC) this.timers.at(this.now, { kind });
    if (ringChanged) this.#ringChanged();
    this.#hints.reassign();
    this.#reaper.ringChanged();
    // Opening is a new epoch, too: whatever waits for one need not wait for the write of an earlier disk.
    this.#forwards.epoch(true);
  }

  #request(id: number, request: Request): void {
    switch (request.kind) {
      case 'get':
        return this.#gets.request(id, request);
      case 'put':
        return this.#forwards.request(id, request);
      case 'inspect':
        return this.#inspections.request(id, request.key);
      case 'watch':
        return this.#watches.watch(id, request.key);
      case 'unwatch':
        return this.#watches.unwatch(request.watch);
      case 'join':
        this.#age.joining(this.now, request.time);
        return this.#changed(this.#membership.join(id, request.time, this.#detector.linked()));
      case 'leave':
        this.#leaving.push(id);
        this.#changed(this.#membership.leave());
        return this.#tryLeave();
      case 'remove':
        return this.#changed(this.#membership.remove(id, request.node));
      case 'configure':
        return this.#changed(this.#membership.configure(id, request.config));
      default:
        request satisfies never;
    }
  }

  #message(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'store':
        this.#serve.store(from, message);
        return this.#sync.received(from, message.key);
      case 'stored':
        this.#backoff.clear(from);
        this.#puts.stored(from, message);
        this.#hints.stored(from, message.id);
        return this.#sync.stored(from, message.id);
      case 'refused':
        this.#puts.refused(from, message.id);
        this.#hints.refused(from, message.id);
        this.#sync.refused(from, message.id);
        return this.#gets.refused(from, message.id);
      case 'fetch':
        return this.#serve.fetch(from, message, this.#isSettled(message.key));
      case 'fetched':
        return this.#gets.fetched(from, message);
      case 'forward':
        return this.#forwards.forwarded(from, message);
      case 'forwarded':
        return this.#forwards.outcome(from, message);
      case 'inspect':
        return this.#serve.inspect(from, message);
      case 'inspected':
        return this.#inspections.inspected(from, message);
      case 'watch':
        return this.#serve.watch(from, message);
      case 'changed':
        return this.#watches.changed(from, message);
      default:
        return this.#membershipMessage(from, message);
    }
  }

  #membershipMessage(from: NodeId, message: Exclude<Message, { type: RequestType }>): void {
    switch (message.type) {
      case 'status':
        this.#membership.status(from, message);
        this.#tryJoin();
        return this.#tryLeave();
      case 'history':
        this.#changed(this.#membership.reconcile(from, message));
        return this.#tryJoin();
      case 'ping':
        return this.out.send(from, { type: 'pong', seq: message.seq });
      case 'pong':
        return this.#detector.pong(from, message.seq);
      case 'probe':
        return this.out.send(from, {
          type: 'probed',
          target: message.target,
          alive: message.target === this.self || this.#detector.usable(message.target),
        });
      case 'probed':
        return this.#detector.probed(message.target, message.alive);
      case 'compare':
        return this.#sync.compare(from, message);
      case 'compared':
        return this.#sync.compared(from, message);
      case 'descend':
        return this.#sync.descend(from, message);
      case 'leaves':
        return this.#sync.leaves(from, message);
      case 'list':
        return this.#sync.list(from, message);
      case 'listed':
        return this.#sync.listed(from, message);
      case 'want':
        return this.#sync.want(from, message);
      case 'synced':
        return this.#sync.synced(from, message);
      case 'reap':
        return this.#reaper.reap(from, message);
      case 'reapable':
        return this.#reaper.reapable(from, message);
      case 'bury':
        return this.#reaper.bury(message);
      default:
        message satisfies never;
    }
  }

  #timer(timer: Timer): void {
    const { times } = this;
    switch (timer.kind) {
      case 'ping':
        this.timers.at(this.now + times.ping, timer);
        return this.#tick();
      case 'gossip':
        this.timers.at(this.now + times.gossip, timer);
        return this.#membership.gossip(this.#detector.linked());
      case 'probe':
        return this.#detector.probeEnded(timer.peer);
      case 'join':
        return this.#tryJoin();
      case 'hedge':
        this.#puts.hedge(timer.id);
        return this.#gets.hedge(timer.id);
      case 'end':
        this.#puts.end(timer.id);
        return this.#gets.end(timer.id);
      case 'straggler':
        return this.#gets.end(timer.id);
      case 'forward':
        return this.#forwards.late(timer.id);
      case 'inspect':
        return this.#inspections.end(timer.id);
      case 'lease':
        return this.#watches.tick();
      case 'hints':
        this.timers.at(this.now + times.hintScan, timer);
        return this.#hints.scan();
      case 'sync':
        this.timers.at(this.now + times.syncInterval, timer);
        this.#serve.sweep();
        return this.#compareAll();
      case 'reap':
        this.timers.at(this.now + times.reapScan, timer);
        return this.#reaper.scan(this.#detector.linked());
      case 'alive':
        this.timers.at(this.now + times.alive, timer);
        return this.#noteAlive();
      case 'scrub':
        return this.timers.at(this.#scrub.tick(), timer);
      case 'session':
        return this.#sync.late(timer.peer, timer.session);
      default:
        timer satisfies never;
    }
  }

  #noteAlive(): void {
    const alive = this.#age.note(this.now);
    if (alive && this.#replica.isOpen) this.out.write({ kind: 'alive', alive }, false);
  }

  /** Twice a second: pings, verdicts, and whatever waits for a better moment. */
  #tick(): void {
    for (const peer of this.#detector.tick()) this.#unusable(peer);
    this.#membership.tick(this.#detector.linked());
    this.#coverage.dropHandedOver();
    this.#sync.tick();
    this.#announce();
    this.#tryLeave();
    const gone = this.#absence.tick();
    if (gone.length > 0) this.#changed(this.#membership.removeAll(gone));
    this.#raiseAlarms();
  }

  #raiseAlarms(): void {
    const others = [...this.ring.members.keys()].filter((node) => node !== this.self);
    const reachable = others.filter((node) => this.reachable(node)).length;
    const { crowded } = this.#replica;
    const { stranded } = this.#hints;
    const members = others.length + 1;
    this.#alarms.update(this.now, { crowded, members, reachable, stranded, isLate: this.#age.away > this.times.grave });
  }

  // What one part learns and the others must know

  #usable(peer: NodeId): void {
    this.out.notice({ kind: 'membership' });
    this.#hints.deliver(peer);
    this.#sync.due(peer);
    this.#watches.renew();
  }

  #unusable(peer: NodeId): void {
    this.out.notice({ kind: 'membership' });
    this.#puts.unreachable(peer);
    this.#forwards.unreachable(peer);
    this.#gets.unreachable(peer);
    this.#inspections.unreachable(peer);
    this.#backoff.clear(peer);
    this.#hints.unreachable(peer);
    this.#sync.unreachable(peer);
    this.#coverage.forget(peer);
    this.#watches.renew();
  }

  #changed(ringChanged: boolean): void {
    if (ringChanged) this.#ringChanged();
  }

  #tryJoin(): void {
    if (this.#membership.isJoining) this.#changed(this.#membership.tryJoin(this.#detector.linked()));
  }

  #ringChanged(): void {
    this.#times = { ...this.options.times, ...this.ring.config?.times };
    this.#replica.repartition(this.ring.partitions);
    this.#coverage.ringChanged();
    this.#hints.reassign();
    this.#reaper.ringChanged();
    const linked = this.#detector.linked();
    const toTell = new Set(this.#membership.toTell(linked));
    const partners = this.#coverage.partners();
    for (const peer of linked) {
      if (toTell.has(peer)) this.#membership.greet(peer);
      if (partners.has(peer)) this.#sync.due(peer);
    }
    this.#announce();
    this.#watches.renew();
  }

  #compareAll(): void {
    const partners = this.#coverage.partners();
    for (const peer of this.#detector.linked()) if (partners.has(peer)) this.#sync.due(peer);
  }

  #announce(): void {
    this.#membership.announce(this.#coverage.extras(), this.#hidden, this.#detector.linked());
  }

  #isSettled(key: string): boolean {
    return this.#coverage.settled(this.#replica.place(key).partition);
  }

  /** Done when nothing is left here and somebody else has it on disk that this node has left. */
  #tryLeave(): void {
    if (this.#leaving.length === 0 || this.#membership.isMember) return;
    const linked = this.#detector.linked();
    const isLast = this.ring.members.size === 0 && this.#membership.agreesWithAll(linked);
    if (!isLast && (this.#replica.size > 0 || !this.#membership.isToldTo(linked))) return;
    for (const request of this.#leaving.splice(0)) this.out.reply(request, { kind: 'done' });
  }

  // For those who look on

  view(): CoreView {
    return this.#look.view(this.#hidden);
  }

  explain(key: string): Explanation {
    return this.#look.explain(key);
  }

  held(): Iterable<Held> {
    return this.#look.held();
  }

  /** The siblings held of a key, in whatever role. For checkers. */
  clocks(key: string): readonly Clock[] {
    return this.#replica.clocks(key);
  }

  /** Merkle root of a partition, '' if it is empty. For checkers. */
  root(partition: Partition): string {
    return this.#replica.forest.root(partition);
  }
}

const PERIODIC = ['ping', 'gossip', 'hints', 'sync', 'scrub', 'reap', 'alive'] as const;

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
