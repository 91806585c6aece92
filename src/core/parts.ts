/**
 * The parts of one node, wired together: what they share, and what one of them learns and the others must know.
 * The invariant: parts know each other only through their constructors, and this file.
 */

import { Alarms } from './alarms.ts';
import type { NodeOptions, Times } from './config.ts';
import { ClientPuts } from './coordinator/client-puts.ts';
import { Gets } from './coordinator/get.ts';
import { Inspections } from './coordinator/inspect.ts';
import { Puts } from './coordinator/put.ts';
import { Watches } from './coordinator/watch.ts';
import type { Env } from './env.ts';
import type { NodeId, Partition } from './ids.ts';
import { AutoRemoval } from './membership/auto-removal.ts';
import { Detector } from './membership/detector.ts';
import { Membership } from './membership/membership.ts';
import { Outbox } from './outbox.ts';
import { Random } from './random.ts';
import { Backoff } from './repair/backoff.ts';
import { HandOff } from './repair/hand-off.ts';
import { Hints } from './repair/hints.ts';
import { Reaper } from './repair/reaper.ts';
import { Scrub } from './repair/scrub.ts';
import { Sync } from './repair/sync.ts';
import { Replica } from './replica/replica.ts';
import { ReplicaAnswers } from './replica/replica-answers.ts';
import { SiblingSender } from './replica/sibling-sender.ts';
import type { Ring } from './ring/fold.ts';
import type { Preference } from './ring/preference.ts';
import type { Opened } from './storage.ts';
import { Timers } from './timers.ts';
import { Uptime } from './uptime.ts';
import { Look } from './view.ts';

export class Parts implements Env {
  readonly options: NodeOptions;
  readonly self: NodeId;
  readonly out: Outbox;
  readonly timers = new Timers();
  readonly random: Random;
  #times: Times;
  now = Number.NEGATIVE_INFINITY;
  readonly membership: Membership;
  readonly detector: Detector;
  readonly replica: Replica;
  readonly sender: SiblingSender;
  readonly answers: ReplicaAnswers;
  readonly puts: Puts;
  readonly clientPuts: ClientPuts;
  readonly gets: Gets;
  readonly inspections: Inspections;
  readonly watches: Watches;
  readonly hints: Hints;
  readonly handOff: HandOff;
  readonly sync: Sync;
  readonly reaper: Reaper;
  readonly scrub: Scrub;
  /** Peers whose disk refuses what is sent to them in the background. */
  readonly backoff = new Backoff();
  readonly age = new Uptime();
  readonly autoRemoval: AutoRemoval;
  readonly alarms = new Alarms();
  readonly look: Look;
  isHidden = false;
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
    this.membership = new Membership(this);
    this.detector = new Detector(this, (node) => this.membership.isHidden(node));
    this.autoRemoval = new AutoRemoval(this, this.detector);
    this.replica = new Replica(this.out, options);
    this.sender = new SiblingSender(this.replica, this.out);
    this.answers = new ReplicaAnswers(this, this.replica, this.sender);
    this.puts = new Puts(this, this.replica, this.answers, this.sender);
    this.clientPuts = new ClientPuts(this, this.replica, this.puts);
    this.gets = new Gets(this, this.replica);
    this.inspections = new Inspections(this, this.replica);
    this.watches = new Watches(this, this.replica);
    this.hints = new Hints(this, this.replica, this.sender, this.backoff);
    this.handOff = new HandOff(this, this.replica);
    this.sync = new Sync(this, this.replica, this.sender, this.handOff, this.backoff);
    this.reaper = new Reaper(this, this.replica, this.handOff);
    this.scrub = new Scrub(this, this.replica, this.sender);
    this.look = new Look(this, {
      membership: this.membership,
      detector: this.detector,
      replica: this.replica,
      handOff: this.handOff,
      sync: this.sync,
      alarms: this.alarms,
    });
  }

  // What the parts share

  get ring(): Ring {
    return this.membership.ring;
  }

  get uptime(): number {
    return this.age.uptime(this.now);
  }

  get times(): Times {
    return this.#times;
  }

  nextId(): number {
    return this.#nextId++;
  }

  preference(partition: Partition): Preference {
    return this.membership.preference(partition);
  }

  isUsable(node: NodeId): boolean {
    return node === this.self ? this.replica.isOpen : this.detector.usable(node);
  }

  roundTrip(node: NodeId): number {
    return node === this.self ? 0 : (this.detector.roundTrip(node) ?? Number.POSITIVE_INFINITY);
  }

  holders(partition: Partition): readonly NodeId[] {
    const { primaries } = this.preference(partition);
    return [this.self, ...this.detector.linked()].filter(
      (node) => !primaries.includes(node) && this.isUsable(node) && this.#mayHold(node, partition),
    );
  }

  #mayHold(node: NodeId, partition: Partition): boolean {
    if (node === this.self) return this.replica.forest.root(partition) !== '';
    return this.membership.mayHold(node, partition);
  }

  opened(opened: Opened): void {
    const first = !this.replica.isOpen && this.timers.next === Number.POSITIVE_INFINITY;
    const ringChanged = this.membership.open(opened.history);
    this.replica.open(opened, this.random.name(), this.ring.partitions);
    this.sender.clear();
    this.sync.clear();
    this.scrub.clear();
    this.handOff.clear();
    this.reaper.clear();
    this.age.opened(this.now, opened.alive);
    if (first) for (const kind of PERIODIC) this.timers.at(this.now, { kind });
    if (ringChanged) this.#ringChanged();
    this.hints.reassign();
    this.reaper.ringChanged();
    // Opening is a new epoch, too: whatever waits for one need not wait for the write of an earlier disk.
    this.clientPuts.epoch(true);
  }

  noteAlive(): void {
    const alive = this.age.note(this.now);
    if (alive && this.replica.isOpen) this.out.write({ kind: 'alive', alive }, false);
  }

  /** Twice a second: pings, verdicts, and whatever waits for a better moment. */
  tick(): void {
    for (const peer of this.detector.tick()) this.missed(peer);
    this.membership.tick(this.detector.linked());
    this.handOff.dropHandedOver();
    this.sync.tick();
    this.#announce();
    this.tryLeave();
    const gone = this.autoRemoval.tick();
    if (gone.length > 0) this.changed(this.membership.removeAll(gone));
    this.#raiseAlarms();
  }

  #raiseAlarms(): void {
    const others = [...this.ring.members.keys()].filter((node) => node !== this.self);
    const reachable = others.filter((node) => this.isUsable(node)).length;
    const { crowded } = this.replica;
    const { stranded } = this.hints;
    const members = others.length + 1;
    this.alarms.update(this.now, {
      crowded,
      members,
      reachable,
      stranded,
      isLate: this.age.away > this.times.reapMemory,
    });
  }

  // What one part learns and the others must know

  met(peer: NodeId): void {
    this.out.notice({ kind: 'membership' });
    this.hints.deliver(peer);
    this.sync.due(peer);
    this.watches.renew();
  }

  missed(peer: NodeId): void {
    this.out.notice({ kind: 'membership' });
    this.puts.suspected(peer);
    this.clientPuts.suspected(peer);
    this.gets.suspected(peer);
    this.inspections.suspected(peer);
    this.backoff.clear(peer);
    this.hints.suspected(peer);
    this.sync.suspected(peer);
    this.handOff.forget(peer);
    this.watches.renew();
  }

  changed(ringChanged: boolean): void {
    if (ringChanged) this.#ringChanged();
  }

  tryJoin(): void {
    if (this.membership.isJoining) this.changed(this.membership.tryJoin(this.detector.linked()));
  }

  #ringChanged(): void {
    this.#times = { ...this.options.times, ...this.ring.config?.times };
    this.replica.repartition(this.ring.partitions);
    this.handOff.ringChanged();
    this.hints.reassign();
    this.reaper.ringChanged();
    const linked = this.detector.linked();
    const toTell = new Set(this.membership.toTell(linked));
    const partners = this.handOff.partners();
    for (const peer of linked) {
      if (toTell.has(peer)) this.membership.greet(peer);
      if (partners.has(peer)) this.sync.due(peer);
    }
    this.#announce();
    this.watches.renew();
  }

  compareAll(): void {
    const partners = this.handOff.partners();
    for (const peer of this.detector.linked()) if (partners.has(peer)) this.sync.due(peer);
  }

  hide(hidden: boolean): void {
    this.isHidden = hidden;
    this.#announce();
  }

  leave(request: number): void {
    this.#leaving.push(request);
    this.changed(this.membership.leave());
    this.tryLeave();
  }

  #announce(): void {
    this.membership.announce(this.handOff.extras(), this.isHidden, this.detector.linked());
  }

  isSettled(key: string): boolean {
    return this.handOff.settled(this.replica.place(key).partition);
  }

  /** Done when nothing is left here and two others have it on disk that this node has left. */
  tryLeave(): void {
    if (this.#leaving.length === 0 || this.membership.isMember) return;
    const linked = this.detector.linked();
    const isLast = this.ring.members.size === 0 && this.membership.agreesWithAll(linked);
    if (!isLast && (this.replica.size > 0 || !this.membership.isToldTo(linked))) return;
    for (const request of this.#leaving.splice(0)) this.out.reply(request, { kind: 'done' });
  }
}

const PERIODIC = ['ping', 'gossip', 'hints', 'sync', 'scrub', 'reap', 'alive'] as const;
