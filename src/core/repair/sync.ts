/**
 * Anti-entropy between two nodes ([AE-1]), which is also how a partition moves ([XFER-1]). The one
 * that begins asks, the other remembers nothing (see comparisons.ts):
 *
 *   comparing roots ─► descending into differing branches ─► listing keys of differing leaves
 *     ─► exchanging: push what the peer lacks (acked when committed), ask for what this node lacks ─► synced
 *
 * Two primaries of a partition bring each other to equal roots. An old owner only pushes, and asks for
 * nothing. The invariant: `cover` says that a peer has committed all that this node had of a
 * partition at that revision.
 *
 * What differs may be no more than a write that one disk completes before the other. So after a round
 * that moved something the next one waits, twice as long each time, until a round finds all equal.
 * Scenarios: sim/scenarios/anti-entropy.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { Listed, MessageOf } from '../message.ts';
import { isLackedBy, lacksOf } from '../replica/pieces.ts';
import { versionsToCompare } from '../replica/recently-reaped.ts';
import type { Replica } from '../replica/replica.ts';
import { mustBeStrict, type SiblingSender } from '../replica/sibling-sender.ts';
import { sizeOf } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';
import type { HandOff } from './hand-off.ts';
import { SendWindow, WindowedSender } from './windowed-sender.ts';

/** What a session is doing now. All but the first are about one partition. */
type Stage =
  | { readonly kind: 'comparing' }
  | { readonly kind: 'descending'; readonly partition: Partition; readonly branches: readonly number[] }
  | Listing
  | Exchange;

interface Listing {
  readonly kind: 'listing';
  readonly partition: Partition;
  readonly leaves: readonly number[];
  /** What the peer has listed so far. */
  readonly theirs: Map<string, Listed>;
}

interface Exchange {
  readonly kind: 'exchanging';
  readonly partition: Partition;
  /** What is still to be sent, and to be asked for. */
  push: string[];
  readonly want: { readonly key: string; readonly bytes: number }[];
  /** What was asked for and has not come. */
  readonly wanted: SendWindow<string>;
  /** What the peer has of the partition in the end: all, all but perhaps on its disk, or not what its disk refused. */
  result: 'committed' | 'fresh' | 'refused';
}

interface Session {
  readonly id: number;
  readonly peer: NodeId;
  /** The revision of each partition when its root was sent. */
  readonly revisions: Map<Partition, number>;
  readonly differ: { readonly partition: Partition; readonly branches: readonly string[] }[];
  /** Partitions of which the peer is found to lack nothing. */
  readonly done: Partition[];
  stage: Stage;
  /** Whether anything was to be sent or asked for. */
  moved: boolean;
  /** When the peer last answered. */
  heardAt: number;
}

/** What one session has under way at once in each direction. */
const WINDOW = 32;

export class Sync implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: WindowedSender;
  readonly #handOff: HandOff;
  readonly #backoff: Backoff;
  readonly #sessions = new Map<NodeId, Session>();
  /** Peers to compare with, and from when on. */
  readonly #due = new Map<NodeId, number>();
  /** How long the last pause was, with peers where rounds have moved something. */
  readonly #pauses = new Map<NodeId, number>();
  rounds = 0;
  /** Copies sent. */
  sent = 0;

  constructor(env: Environment, replica: Replica, sender: SiblingSender, handOff: HandOff, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = new WindowedSender(env, replica, sender, { purpose: 'sync', reason: 'sync', window: WINDOW });
    this.#handOff = handOff;
    this.#backoff = backoff;
  }

  /** Compares with a peer as soon as that is possible. */
  due(peer: NodeId): void {
    this.#due.set(peer, this.#env.now);
    this.#begin(peer);
  }

  /** Begins what is due; called when time has passed. What is to be handed over does not wait for a pause. */
  tick(): void {
    const { now } = this.#env;
    for (const peer of this.#handOff.uncovered()) if (!this.#backoff.holds(peer, now)) this.#due.set(peer, now);
    for (const peer of [...this.#due.keys()]) {
      // Who comes within reach again is compared with then.
      if (this.#env.isUsable(peer)) this.#begin(peer);
      else this.#due.delete(peer);
    }
  }

  /** The peer is suspected: what was under way with it is given up. When it is back it is `due`. */
  forget(peer: NodeId): void {
    this.#pauses.delete(peer);
    this.#due.delete(peer);
    this.#close(peer);
  }

  /** Storage was opened again: what was under way is void. */
  clear(): void {
    for (const peer of [...this.#sessions.keys()]) this.#close(peer);
  }

  #close(peer: NodeId): void {
    this.#sender.giveUp(({ to }) => to === peer);
    this.#sessions.delete(peer);
  }

  #begin(peer: NodeId): void {
    const { now, out, timers, calls, times } = this.#env;
    if (this.#sessions.has(peer) || !this.#env.isUsable(peer) || !this.#replica.isOpen) return;
    if (now < (this.#due.get(peer) ?? Number.POSITIVE_INFINITY)) return;
    this.#due.delete(peer);
    const partitions = this.#handOff.toCompare(peer);
    if (partitions.length === 0) return;
    const session: Session = {
      id: calls.nextId(),
      peer,
      revisions: new Map(partitions.map((partition) => [partition, this.#replica.revision(partition)])),
      differ: [],
      done: [],
      stage: { kind: 'comparing' },
      moved: false,
      heardAt: now,
    };
    this.rounds += 1;
    this.#sessions.set(peer, session);
    const roots = partitions.map((partition) => [partition, this.#replica.forest.root(partition)] as const);
    const strict = partitions.some((partition) => this.#handsOver(partition));
    out.send(peer, { type: 'compare', id: session.id, roots, strict });
    timers.at(now + times.requestTimeout, { kind: 'session', peer, session: session.id });
  }

  /** Whether this node is no owner, and will give up what the peer has. */
  #handsOver(partition: Partition): boolean {
    return !this.#env.owns(partition);
  }

  /** A session whose peer is silent is given up, and begun again later. */
  late(peer: NodeId, id: number): void {
    const { now, timers, times, out } = this.#env;
    const session = this.#sessions.get(peer);
    if (session?.id !== id) return;
    if (now - session.heardAt < times.requestTimeout) {
      timers.at(session.heardAt + times.requestTimeout, { kind: 'session', peer, session: id });
      return;
    }
    this.#close(peer);
    this.#due.set(peer, now);
    out.mark('sync-interrupted');
  }

  /** What a peer answers to a comparison. */
  receive(from: NodeId, message: MessageOf<'compared' | 'leaves' | 'listed'>): void {
    const session = this.#sessions.get(from);
    if (session?.id !== message.id) return;
    session.heardAt = this.#env.now;
    if (message.type === 'compared') this.#compared(session, message);
    else if (message.type === 'leaves') this.#leaves(session, message);
    else this.#listed(session, message);
  }

  #compared(session: Session, { differ, foreign }: MessageOf<'compared'>): void {
    const open = new Set([...foreign, ...differ.map(({ partition }) => partition)]);
    for (const partition of session.revisions.keys()) {
      if (open.has(partition)) continue;
      this.#handOff.learnt(partition, session.peer);
      this.#done(session, partition);
    }
    session.differ.push(...differ.filter(({ partition }) => session.revisions.has(partition)));
    this.#next(session);
  }

  #next(session: Session): void {
    const { out } = this.#env;
    for (let next = session.differ.pop(); next !== undefined; next = session.differ.pop()) {
      const { partition, branches } = next;
      const mine = this.#replica.forest.branches(partition);
      const differing = mine.flatMap((hash, at) => (hash === branches[at] ? [] : [at]));
      if (differing.length === 0) continue;
      session.stage = { kind: 'descending', partition, branches: differing };
      out.send(session.peer, { type: 'descend', id: session.id, partition, branches: differing });
      return;
    }
    this.#end(session);
  }

  #leaves(session: Session, { partition, leaves }: MessageOf<'leaves'>): void {
    const { stage } = session;
    if (stage.kind !== 'descending' || stage.partition !== partition) return;
    const theirs = new Map(leaves);
    const mine = new Map(this.#replica.forest.leaves(partition, stage.branches));
    const differing = [...new Set([...theirs.keys(), ...mine.keys()])].filter(
      (leaf) => theirs.get(leaf) !== mine.get(leaf),
    );
    if (differing.length === 0) {
      this.#next(session);
      return;
    }
    session.stage = { kind: 'listing', partition, leaves: differing, theirs: new Map() };
    this.#list(session, session.stage, '');
  }

  /** Asks for the keys that come after this one. */
  #list({ peer, id }: Session, { partition, leaves }: Listing, after: string): void {
    this.#env.out.send(peer, { type: 'list', id, partition, leaves, after, strict: this.#handsOver(partition) });
  }

  #listed(session: Session, { partition, entries, more }: MessageOf<'listed'>): void {
    const { stage } = session;
    if (stage.kind !== 'listing' || stage.partition !== partition) return;
    for (const entry of entries) stage.theirs.set(entry.key, entry);
    const last = entries.at(-1);
    if (more && last) this.#list(session, stage, last.key);
    else this.#exchange(session, stage);
  }

  /** All is listed: each sends what the other lacks. */
  #exchange(session: Session, { partition, leaves, theirs }: Listing): void {
    const mine = leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf));
    // Who only hands over will drop what it finds there, so that it must be on disk. It wants nothing back.
    const shares = !this.#handsOver(partition);
    const heldOf = (key: string) => ({
      versions: this.#replica.versions(key),
      listed: versionsToCompare(this.#env, this.#replica, key),
    });
    const push = mine.filter((key) => {
      const listed = theirs.get(key);
      return isLackedBy(listed && (listed.stored || shares) ? listed : undefined, heldOf(key));
    });
    // What is on its way to the peer's disk is mostly on its way here, too.
    const want = (shares ? [...theirs.values()] : [])
      .filter((listed) => listed.stored && lacksOf(listed, heldOf(listed.key)))
      .map(({ key, versions }) => ({ key, bytes: sizeOf(versions) }));
    const result = shares && [...theirs.values()].some(({ stored }) => !stored) ? 'fresh' : 'committed';
    const exchange: Exchange = { kind: 'exchanging', partition, push, want, wanted: new SendWindow(WINDOW), result };
    session.stage = exchange;
    session.moved ||= push.length > 0 || want.length > 0;
    if (push.length > 0 && this.#backoff.holds(session.peer, this.#env.now)) stop(exchange);
    this.#pump(session, exchange);
  }

  #pump(session: Session, exchange: Exchange): void {
    const { peer, id } = session;
    while (this.#sender.hasRoom(peer)) {
      const key = exchange.push.shift();
      if (key === undefined) break;
      if (this.#replica.held(key)) this.#push(key, peer, exchange.partition);
    }
    const keys: string[] = [];
    while (exchange.wanted.hasRoom) {
      const next = exchange.want.shift();
      if (next === undefined) break;
      exchange.wanted.add(next.key, next.bytes);
      keys.push(next.key);
    }
    if (keys.length > 0) this.#env.out.send(peer, { type: 'want', id, keys });
    if (this.#sender.underWay(peer) > 0 || exchange.wanted.size > 0) return;
    const { partition, result } = exchange;
    if (result !== 'refused') this.#done(session, partition, result === 'fresh');
    this.#handOff.learnt(partition, peer);
    this.#next(session);
  }

  #push(key: string, peer: NodeId, partition: Partition): void {
    this.#sender.send(key, peer, this.#handsOver(partition) || mustBeStrict(this.#env.options));
    this.#env.out.mark('sync-push');
    this.sent += 1;
  }

  answered(from: NodeId, answer: Answer): void {
    const session = this.#sessions.get(from);
    if (this.#sender.end(answer.id, from) === undefined || session === undefined) return;
    const { stage } = session;
    session.heardAt = this.#env.now;
    if (stage.kind !== 'exchanging') return;
    // The peer's disk does not take it: what it has is still asked for.
    if (answer.type !== 'stored') {
      this.#backoff.refused(from, this.#env.now);
      stop(stage);
    }
    this.#pump(session, stage);
  }

  suspected(peer: NodeId): void {
    this.forget(peer);
  }

  /** A sign that the peer is at work, as while a state goes between the two in pieces. */
  heard(peer: NodeId): void {
    const session = this.#sessions.get(peer);
    if (session) session.heardAt = this.#env.now;
  }

  /** Siblings have come from a peer: perhaps those that were asked for. */
  received(from: NodeId, key: string): void {
    const session = this.#sessions.get(from);
    if (session?.stage.kind !== 'exchanging' || !session.stage.wanted.delete(key)) return;
    session.heardAt = this.#env.now;
    this.#pump(session, session.stage);
  }

  /** What the peer knows need not be on its disk, if it is `fresh`. */
  #done(session: Session, partition: Partition, isFresh = false): void {
    session.done.push(partition);
    if (!isFresh) this.#handOff.cover(session.peer, partition, session.revisions.get(partition) ?? -1);
  }

  #end(session: Session): void {
    const { now, out, times } = this.#env;
    const { peer, done, moved } = session;
    this.#close(peer);
    if (done.length > 0) out.send(peer, { type: 'synced', partitions: done });
    this.#handOff.dropHandedOver();
    // After an exchange the roots are compared once more, until they are equal.
    const pause = Math.min((this.#pauses.get(peer) ?? times.syncAgain / 2) * 2, times.syncInterval);
    if (!moved) this.#pauses.delete(peer);
    else this.#pauses.set(peer, pause);
    // What became due during the round is not put off.
    if (moved && !this.#due.has(peer)) this.#due.set(peer, now + pause);
    this.#begin(peer);
  }
}

function stop(exchange: Exchange): void {
  exchange.push = [];
  exchange.result = 'refused';
}
