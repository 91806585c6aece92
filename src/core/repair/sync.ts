/**
 * Anti-entropy between two nodes ([AE-1]), which is also how a partition moves ([XFER-1]). The one
 * that begins asks, the other keeps no state:
 *
 *   compare roots ─► differing branches ─► differing leaves ─► versions of their keys
 *     ─► push what the peer lacks (acked when committed), ask for what this node lacks ─► synced
 *
 * Two primaries of a partition bring each other to equal roots. An old owner only pushes, and asks for
 * nothing. The invariant: `covered` says that a peer has committed all that this node had of a
 * partition at that revision.
 *
 * What differs may be no more than a write that one disk completes before the other. So after a round
 * that moved something the next one waits, twice as long each time, until a round finds all equal.
 */
import type { Env } from '../env.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { keysRecentlyReaped, versionsToCompare } from '../replica/recently-reaped.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import { lacks, sizeOf } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';
import type { HandOff } from './hand-off.ts';

interface Session {
  readonly id: number;
  readonly peer: NodeId;
  /** The revision of each partition when its root was sent. */
  readonly revisions: Map<Partition, number>;
  readonly differ: { readonly partition: Partition; readonly branches: readonly string[] }[];
  /** Partitions of which the peer is found to lack nothing. */
  readonly done: Partition[];
  partition: Partition | undefined;
  branches: readonly number[];
  leaves: readonly number[];
  /** What is still to be sent, and to be asked for. */
  push: string[];
  want: { readonly key: string; readonly bytes: number }[];
  /** The bytes of stores that are not acked yet, and of what was asked for and has not come. */
  readonly underWay: Map<number, number>;
  readonly wanted: Map<string, number>;
  /** Whether the peer's disk takes no more of the partition that is compared. */
  refused: boolean;
  /** Whether some of what the peer knows of that partition was not on its disk. */
  isFresh: boolean;
  /** Whether anything was to be sent or asked for. */
  moved: boolean;
  /** When the peer last answered. */
  heardAt: number;
}

/** What one session has under way at once in each direction; a bulk lane takes no more than 32 MiB ([NET-1]). */
const WINDOW = 32;
const WINDOW_BYTES = 4_194_304;

export class Sync {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #handOff: HandOff;
  readonly #backoff: Backoff;
  readonly #sessions = new Map<NodeId, Session>();
  /** Peers to compare with, and from when on. */
  readonly #due = new Map<NodeId, number>();
  /** How long the last pause was, with peers where rounds have moved something. */
  readonly #pauses = new Map<NodeId, number>();
  rounds = 0;
  sent = 0;

  constructor(env: Env, replica: Replica, sender: SiblingSender, handOff: HandOff, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
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
    for (const peer of [...this.#due.keys()]) this.#begin(peer);
  }

  suspected(peer: NodeId): void {
    this.#pauses.delete(peer);
    if (this.#sessions.delete(peer)) this.#due.set(peer, this.#env.now);
  }

  /** Storage was opened anew: what was under way is void. */
  clear(): void {
    this.#sessions.clear();
  }

  #begin(peer: NodeId): void {
    const { now, out, timers } = this.#env;
    if (this.#sessions.has(peer) || !this.#env.isUsable(peer) || !this.#replica.isOpen) return;
    if (now < (this.#due.get(peer) ?? Number.POSITIVE_INFINITY)) return;
    this.#due.delete(peer);
    const partitions = this.#handOff.toCompare(peer);
    if (partitions.length === 0) return;
    const session: Session = {
      id: this.#env.nextId(),
      peer,
      revisions: new Map(partitions.map((partition) => [partition, this.#replica.revision(partition)])),
      differ: [],
      done: [],
      partition: undefined,
      branches: [],
      leaves: [],
      push: [],
      want: [],
      underWay: new Map(),
      wanted: new Map(),
      refused: false,
      isFresh: false,
      moved: false,
      heardAt: now,
    };
    this.rounds += 1;
    this.#sessions.set(peer, session);
    const roots = partitions.map((partition) => [partition, this.#replica.forest.root(partition)] as const);
    out.send(peer, { type: 'compare', id: session.id, roots });
    timers.at(now + this.#env.times.requestTimeout, { kind: 'session', peer, session: session.id });
  }

  /** A session whose peer is silent is given up, and begun again later. */
  late(peer: NodeId, id: number): void {
    const { now, timers } = this.#env;
    const session = this.#sessions.get(peer);
    if (session?.id !== id) return;
    if (now - session.heardAt < this.#env.times.requestTimeout) {
      timers.at(session.heardAt + this.#env.times.requestTimeout, { kind: 'session', peer, session: id });
      return;
    }
    this.#sessions.delete(peer);
    this.#due.set(peer, now);
    this.#env.out.mark('sync-interrupted');
  }

  #session(peer: NodeId, id: number): Session | undefined {
    const session = this.#sessions.get(peer);
    if (session?.id !== id) return undefined;
    session.heardAt = this.#env.now;
    return session;
  }

  // The side that is asked

  compare(from: NodeId, { id, roots }: MessageOf<'compare'>): void {
    const { self, out } = this.#env;
    const differ: { partition: Partition; branches: readonly string[] }[] = [];
    const foreign: Partition[] = [];
    for (const [partition, root] of roots) {
      const mine = this.#env.preference(partition).primaries.includes(self);
      if (!mine || !this.#replica.isOpen) foreign.push(partition);
      else if (root === this.#replica.forest.root(partition)) this.#handOff.learnt(partition, from);
      else differ.push({ partition, branches: this.#replica.forest.branches(partition) });
    }
    out.send(from, { type: 'compared', id, differ, foreign });
  }

  descend(from: NodeId, { id, partition, branches }: MessageOf<'descend'>): void {
    const leaves = this.#replica.forest.leaves(partition, branches);
    this.#env.out.send(from, { type: 'leaves', id, partition, leaves });
  }

  list(from: NodeId, { id, partition, leaves }: MessageOf<'list'>): void {
    const fresh = [...this.#replica.underWay(), ...keysRecentlyReaped(this.#env, this.#replica)].filter((key) => {
      const held = this.#replica.held(key);
      return held?.partition === partition && leaves.includes(held.leaf) && held.entry.hintFor.length === 0;
    });
    const keys = new Set([...fresh, ...leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf))]);
    const entries = [...keys].map((key) => {
      const versions = versionsToCompare(this.#env, this.#replica, key);
      return { key, versions, stored: this.#replica.uncommitted(key) === undefined };
    });
    this.#env.out.send(from, { type: 'listed', id, partition, entries });
  }

  want(from: NodeId, { keys }: MessageOf<'want'>): void {
    for (const key of keys) this.#push(from, key);
  }

  /** The peer has found that this node lacks nothing that the peer has. */
  synced(from: NodeId, { partitions }: MessageOf<'synced'>): void {
    for (const partition of partitions) this.#handOff.learnt(partition, from);
  }

  // The side that asks

  compared(from: NodeId, { id, differ, foreign }: MessageOf<'compared'>): void {
    const session = this.#session(from, id);
    if (session === undefined) return;
    const open = new Set([...foreign, ...differ.map(({ partition }) => partition)]);
    for (const partition of session.revisions.keys()) {
      if (open.has(partition)) continue;
      this.#handOff.learnt(partition, from);
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
      session.partition = partition;
      session.branches = differing;
      out.send(session.peer, { type: 'descend', id: session.id, partition, branches: differing });
      return;
    }
    this.#end(session);
  }

  leaves(from: NodeId, { id, partition, leaves }: MessageOf<'leaves'>): void {
    const session = this.#session(from, id);
    if (session === undefined || session.partition !== partition) return;
    const theirs = new Map(leaves);
    const mine = new Map(this.#replica.forest.leaves(partition, session.branches));
    const differing = [...new Set([...theirs.keys(), ...mine.keys()])].filter(
      (leaf) => theirs.get(leaf) !== mine.get(leaf),
    );
    session.leaves = differing;
    if (differing.length === 0) this.#next(session);
    else this.#env.out.send(from, { type: 'list', id, partition, leaves: differing });
  }

  listed(from: NodeId, { id, partition, entries }: MessageOf<'listed'>): void {
    const session = this.#session(from, id);
    if (session === undefined || session.partition !== partition) return;
    const theirs = new Map(entries.map((entry) => [entry.key, entry]));
    const mine = session.leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf));
    // Who only hands over will drop what it finds there, so that it must be on disk. It wants nothing back.
    const shares = this.#env.preference(partition).primaries.includes(this.#env.self);
    session.push = mine.filter((key) => {
      const { versions, stored } = theirs.get(key) ?? { versions: [], stored: true };
      return lacks(stored || shares ? versions : [], this.#replica.versions(key)).length > 0;
    });
    session.isFresh = shares && entries.some(({ stored }) => !stored);
    session.moved ||= session.push.length > 0;
    if (session.push.length > 0 && this.#backoff.holds(from, this.#env.now)) this.#stop(session);
    // What is on its way to the peer's disk is mostly on its way here, too.
    for (const { key, versions, stored } of shares ? entries : []) {
      if (stored && lacks(versionsToCompare(this.#env, this.#replica, key), versions).length > 0)
        session.want.push({ key, bytes: sizeOf(versions) });
    }
    session.moved ||= session.want.length > 0;
    this.#pump(session);
  }

  #push(peer: NodeId, key: string): number {
    const id = this.#env.nextId();
    const strict = this.#env.options.durability === 'strict';
    const message = { type: 'store', id, key, hintFor: [], reason: 'sync', strict } as const;
    this.#sender.send(key, [{ to: peer, message }]);
    this.#env.out.mark('sync-push');
    this.sent += 1;
    return id;
  }

  #pump(session: Session): void {
    while (hasRoom(session.underWay)) {
      const key = session.push.shift();
      if (key === undefined) break;
      if (!this.#replica.held(key)) continue;
      session.underWay.set(this.#push(session.peer, key), sizeOf(this.#replica.versions(key)));
    }
    const keys: string[] = [];
    while (hasRoom(session.wanted)) {
      const next = session.want.shift();
      if (next === undefined) break;
      session.wanted.set(next.key, next.bytes);
      keys.push(next.key);
    }
    if (keys.length > 0) this.#env.out.send(session.peer, { type: 'want', id: session.id, keys });
    if (session.underWay.size > 0 || session.wanted.size > 0 || session.partition === undefined) return;
    if (!session.refused) this.#done(session, session.partition, session.isFresh);
    this.#handOff.learnt(session.partition, session.peer);
    session.partition = undefined;
    session.refused = false;
    this.#next(session);
  }

  stored(from: NodeId, id: number): void {
    const session = this.#sessions.get(from);
    if (!session?.underWay.delete(id)) return;
    session.heardAt = this.#env.now;
    this.#pump(session);
  }

  /** The peer's disk does not take it: what it has is still asked for. */
  refused(from: NodeId, id: number): void {
    const session = this.#sessions.get(from);
    if (!session?.underWay.delete(id)) return;
    session.heardAt = this.#env.now;
    this.#backoff.refused(from, this.#env.now);
    this.#stop(session);
    this.#pump(session);
  }

  #stop(session: Session): void {
    session.push = [];
    session.refused = true;
  }

  /** A state has come from a peer: perhaps the one that was asked for. */
  received(from: NodeId, key: string): void {
    const session = this.#sessions.get(from);
    if (!session?.wanted.delete(key)) return;
    session.heardAt = this.#env.now;
    this.#pump(session);
  }

  #done(session: Session, partition: Partition, isFresh = false): void {
    session.done.push(partition);
    // What the peer knows need not be on its disk.
    if (!isFresh) this.#handOff.cover(session.peer, partition, session.revisions.get(partition) ?? -1);
  }

  #end(session: Session): void {
    const { now, out } = this.#env;
    const { peer, done, moved } = session;
    this.#sessions.delete(peer);
    if (done.length > 0) out.send(peer, { type: 'synced', partitions: done });
    this.#handOff.dropHandedOver();
    // After an exchange the roots are compared once more, until they are equal.
    const { syncAgain, syncInterval } = this.#env.times;
    const pause = Math.min((this.#pauses.get(peer) ?? syncAgain / 2) * 2, syncInterval);
    if (!moved) this.#pauses.delete(peer);
    else this.#pauses.set(peer, pause);
    // What became due during the round is not put off.
    if (moved && !this.#due.has(peer)) this.#due.set(peer, now + pause);
    this.#begin(peer);
  }
}

function hasRoom(underWay: ReadonlyMap<unknown, number>): boolean {
  const bytes = [...underWay.values()].reduce((sum, size) => sum + size, 0);
  return underWay.size < WINDOW && bytes < WINDOW_BYTES;
}
