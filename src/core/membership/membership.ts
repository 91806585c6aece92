/**
 * Who is in the ring ([MEM-1], [MEM-2]): the history of explicit events, its reconciliation with the
 * peers, and the ring folded from it. The invariant: the history only grows, and nothing but an event
 * in it changes the ring; an outage never does.
 * Scenarios: sim/scenarios/membership.test.ts.
 */
import type { RingSettings } from '../config.ts';
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { checkpoint, foldHistory, type Ring } from '../ring/fold.ts';
import { digestOf, hasRoomFor, lengthOf, type MembershipHistory, nextStamp, unite } from '../ring/history.ts';
import { type Moves, movesBetween, type Preference, preferenceOf } from '../ring/preference.ts';
import type { Fact } from './facts.ts';
import { Holdings, setOf } from './holdings.ts';

interface Peer {
  digest: string;
  /** Whether the history of that digest is on its disk. */
  stored: boolean;
  hidden: boolean;
  /** Partitions of which the peer says it holds data without being a primary. */
  extras: ReadonlySet<Partition>;
}

/** Whether the history is on disk: `refused` is written again by the next tick. */
type Disk =
  | { readonly kind: 'stored' }
  | { readonly kind: 'writing'; readonly write: number }
  | { readonly kind: 'refused' };

/** In a ring with more peers than this a change is told to some. */
const TOLD_AT_ONCE = 32;
const FAN_OUT = 8;

export class Membership {
  readonly holdings = new Holdings();
  readonly #env: Environment;
  #history: MembershipHistory = [];
  #digest = digestOf([]);
  #disk: Disk = { kind: 'stored' };
  /** Requests that are answered once the history is on disk. */
  #waiting: number[] = [];
  #ring: Ring = foldHistory([]);
  readonly #peers = new Map<NodeId, Peer>();
  /** What former primaries likely hold until they say what they do hold ([XFER-1]). */
  readonly #presumed = new Map<NodeId, Set<Partition>>();
  /** Whether the last change of the ring took a partition from this node. */
  #lostLately = false;
  #extras: readonly Partition[] = [];
  #hidden = false;
  /** Wall time of the request to join: a ring that this node founds begins with it. */
  joinTime = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Events of the history, with those that are folded. */
  get length(): number {
    return lengthOf(this.#history);
  }

  get history(): MembershipHistory {
    return this.#history;
  }

  get isMember(): boolean {
    return this.#ring.members.has(this.#env.self);
  }

  preference(partition: Partition): Preference {
    return preferenceOf(this.#ring, partition);
  }

  mayHold(node: NodeId, partition: Partition): boolean {
    return this.#peers.get(node)?.extras.has(partition) || this.#presumed.get(node)?.has(partition) || false;
  }

  isHidden(node: NodeId): boolean {
    return this.#peers.get(node)?.hidden ?? false;
  }

  /** Storage was opened: what it knows is added to what is known; a new database is told all. */
  open(stored: MembershipHistory): boolean {
    const changed = this.#adopt(unite(this.#history, stored));
    if (unite(stored, this.#history) === stored) this.#stored();
    else this.#persist();
    return changed;
  }

  /** What is told and answered waits for this: an event that nobody has on disk may never have been. */
  #persist(): void {
    this.#disk = { kind: 'writing', write: this.#env.out.write({ kind: 'history', history: this.#history }, true) };
  }

  /** A write has ended. What the disk refuses is not lost: others' news is merged meanwhile, and `tick` writes all. */
  ended(write: number, complete: boolean): void {
    if (this.#disk.kind !== 'writing' || this.#disk.write !== write) return;
    if (complete) this.#stored();
    else this.#disk = { kind: 'refused' };
  }

  #stored(): void {
    this.#disk = { kind: 'stored' };
    for (const request of this.#waiting.splice(0)) this.#env.out.reply(request, { kind: 'done' });
  }

  /** Time has passed: what the disk refused is written again, and what all members have is folded ([RING-2]). */
  tick(linked: readonly NodeId[]): void {
    if (this.#disk.kind === 'refused') this.#persist();
    const isLong = this.#history.length > this.#env.options.historyLength;
    if (!isLong || this.#disk.kind !== 'stored' || !this.#isEverywhere(linked)) return;
    this.#learn(checkpoint(this.#history));
    this.#env.out.mark('checkpoint');
  }

  #isEverywhere(linked: readonly NodeId[]): boolean {
    const others = [...this.#ring.members.keys()].filter((node) => node !== this.#env.self);
    // Most often somebody is missing, and found out with little work.
    if (!others.every((node) => this.#hasStored(node))) return false;
    const present = new Set(linked);
    return others.every((node) => present.has(node));
  }

  #hasStored(node: NodeId): boolean {
    const peer = this.#peers.get(node);
    return peer?.stored === true && peer.digest === this.#digest;
  }

  #answerWhenStored(request: number): void {
    if (this.#disk.kind === 'stored') this.#env.out.reply(request, { kind: 'done' });
    else {
      this.#waiting.push(request);
      this.#env.timers.at(this.#env.now + this.#env.times.requestTimeout, { kind: 'stored', request });
    }
  }

  /** The disk takes too long: what was asked may be told yet, but nobody waits for it any more ([REQ-1]). */
  storedTooLate(request: number): void {
    const at = this.#waiting.indexOf(request);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#env.out.reply(request, { kind: 'failed', error: 'storage' });
  }

  /** Whether a peer knows no ring either, and leaves it to this node, whose id is smaller, to found it. */
  yields(peer: NodeId): boolean {
    return this.#peers.get(peer)?.digest === digestOf([]) && this.#env.self < peer;
  }

  remove(request: number, node: NodeId): boolean {
    return this.asked(request, [{ kind: 'remove', node }]);
  }

  /** Changes what holds for all ([CFG-1]). */
  configure(request: number, config: RingSettings): boolean {
    this.#env.out.mark('configured');
    return this.asked(request, [{ kind: 'config', ...config }]);
  }

  /** Says what a client of this node asks for, and answers once it is stored. */
  asked(request: number, facts: readonly Fact[]): boolean {
    if (!hasRoomFor(this.#history, facts)) {
      this.#env.out.reply(request, { kind: 'failed', error: 'history' });
      return false;
    }
    const changed = this.say(facts);
    this.#answerWhenStored(request);
    return changed;
  }

  /** Adds events of this node's own making, unless peers would not take so many ([RING-2]). */
  say(facts: readonly Fact[]): boolean {
    if (!hasRoomFor(this.#history, facts)) return false;
    let history = this.#history;
    for (const fact of facts) {
      history = unite(history, [{ ...fact, stamp: nextStamp(history, this.#env.self, this.joinTime) }]);
    }
    return this.#learn(history);
  }

  /** A peer is told the digest, and asks for the history if it differs. Who still reads its storage says later what it holds. */
  greet(peer: NodeId): void {
    if (!this.#env.isUsable(this.#env.self)) return;
    const own = { digest: this.#digest, extras: this.#extras, hidden: this.#hidden };
    const stored = this.#disk.kind !== 'refused';
    this.#tell(peer, { type: 'status', ...own, stored, hints: this.#env.hintPartitions() });
  }

  #tell(peer: NodeId, message: MessageOf<'status' | 'history'>): void {
    this.#env.out.send(peer, message, this.#disk.kind === 'writing' ? this.#disk.write : undefined);
  }

  lost(peer: NodeId): void {
    this.#peers.delete(peer);
  }

  /** Whether two of these peers, or the only other member, are known to have this node's history on disk. */
  isToldTo(peers: readonly NodeId[]): boolean {
    return peers.filter((peer) => this.#hasStored(peer)).length >= Math.min(2, this.ring.members.size);
  }

  /** Whether none of these peers knows of anything that this node does not. */
  agreesWithAll(peers: readonly NodeId[]): boolean {
    return peers.every((peer) => this.#peers.get(peer)?.digest === this.#digest);
  }

  /**
   * Who is told of a change of the ring at once. In a large ring some, who tell others: the news goes round in a
   * number of hops that grows with the logarithm of its size. But who has lost a partition tells all, for they
   * believe that it has the data until it says what it has.
   */
  toTell(peersUp: readonly NodeId[]): readonly NodeId[] {
    if (peersUp.length <= TOLD_AT_ONCE || this.#lostLately) return peersUp;
    return this.#env.random.pick(peersUp, FAN_OUT);
  }

  gossip(peersUp: readonly NodeId[]): void {
    const [peer] = this.#env.random.pick(peersUp, 1);
    if (peer !== undefined) this.greet(peer);
  }

  /** Returns whether the ring has changed. */
  receive(from: NodeId, message: MessageOf<'status' | 'history'>): boolean {
    if (message.type === 'history') return this.#reconcile(from, message);
    this.#status(from, message);
    return false;
  }

  #status(from: NodeId, message: MessageOf<'status'>): void {
    const { digest, stored, hidden, extras, hints } = message;
    this.holdings.says(from, this.#env.uptime, [...extras, ...hints]);
    this.#peers.set(from, { digest, stored, hidden, extras: setOf(extras) });
    if (digest === this.#digest) this.#presumed.delete(from);
    else if (this.#history.length > 0) this.#tell(from, { type: 'history', events: this.#history });
    else this.greet(from);
  }

  /** A peer's history. Returns whether the ring has changed; if the peer lacks something it is told. */
  #reconcile(from: NodeId, message: MessageOf<'history'>): boolean {
    const united = unite(this.#history, message.events);
    if (united.length > this.#env.limits.historyEvents) return false;
    const changed = this.#learn(united);
    if (unite(message.events, this.#history) !== message.events) {
      this.#tell(from, { type: 'history', events: this.#history });
    }
    return changed;
  }

  /** What this node tells about itself; the peers hear of a change at once. */
  announce(extras: readonly Partition[], hidden: boolean, peersUp: readonly NodeId[]): void {
    const same = extras.length === this.#extras.length && extras.every((p, at) => p === this.#extras[at]);
    if (same && hidden === this.#hidden) return;
    this.#extras = extras;
    this.#hidden = hidden;
    for (const peer of peersUp) this.greet(peer);
  }

  #learn(history: MembershipHistory): boolean {
    if (history === this.#history) return false;
    const changed = this.#adopt(history);
    this.#persist();
    return changed;
  }

  /** Returns whether there is news in it; that more or less of it is folded is none. */
  #adopt(history: MembershipHistory): boolean {
    const before = { ring: this.#ring, digest: this.#digest };
    this.#history = history;
    this.#digest = digestOf(history);
    this.#ring = foldHistory(history);
    this.holdings.keep(new Set([...this.#ring.members.keys(), ...this.#ring.out]));
    for (const node of this.#presumed.keys()) if (!this.#ring.known.has(node)) this.#presumed.delete(node);
    if (this.#digest === before.digest) return false;
    this.#presume(movesBetween(before.ring, this.#ring));
    const { self, out } = this.#env;
    out.notice({ kind: 'membership' });
    out.dial([...this.#ring.known].filter((node) => node !== self && !this.#ring.left.has(node)));
    return true;
  }

  /** Who was a primary of a partition a moment ago and is none now likely still holds it. */
  #presume(moves: Moves): void {
    this.#lostLately = moves.has(this.#env.self);
    for (const [node, partitions] of moves) {
      const presumed = this.#presumed.get(node) ?? new Set<Partition>();
      for (const partition of partitions) presumed.add(partition);
      this.#presumed.set(node, presumed);
    }
  }
}
