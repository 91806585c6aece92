/**
 * Anti-entropy between two nodes ([AE-1]), which is also how a partition moves ([XFER-1]). The one
 * that begins asks, the other keeps no state:
 *
 *   compare roots ─► differing branches ─► differing leaves ─► clocks of their keys
 *     ─► push what the peer lacks (acked when committed), ask for what this node lacks ─► synced
 *
 * Two primaries of a partition bring each other to equal roots. An old owner only pushes, and asks for
 * nothing. The invariant: `covered` says that a peer has committed all that this node had of a
 * partition at that revision.
 */
import type { Env } from '../env.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import type { Replica } from '../replica/replica.ts';
import type { States } from '../replica/states.ts';
import { type Clock, lacks } from '../version/siblings.ts';
import type { Coverage } from './coverage.ts';

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
  /** When the peer last answered. */
  heardAt: number;
}

/** What one session has under way at once in each direction; a bulk lane takes no more than 32 MiB ([NET-1]). */
const WINDOW = 32;
const WINDOW_BYTES = 4_194_304;

export class Sync {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #states: States;
  readonly #coverage: Coverage;
  readonly #sessions = new Map<NodeId, Session>();
  readonly #due = new Set<NodeId>();
  rounds = 0;
  sent = 0;

  constructor(env: Env, replica: Replica, states: States, coverage: Coverage) {
    this.#env = env;
    this.#replica = replica;
    this.#states = states;
    this.#coverage = coverage;
  }

  /** Compares with a peer as soon as that is possible. */
  due(peer: NodeId): void {
    this.#due.add(peer);
    this.#begin(peer);
  }

  /** Begins what is due; called when time has passed. */
  tick(): void {
    for (const peer of this.#coverage.uncovered()) this.#due.add(peer);
    for (const peer of [...this.#due]) this.#begin(peer);
  }

  unreachable(peer: NodeId): void {
    if (this.#sessions.delete(peer)) this.#due.add(peer);
  }

  /** Storage was opened anew: what was under way is void. */
  clear(): void {
    this.#sessions.clear();
  }

  #begin(peer: NodeId): void {
    const { now, out, timers, options } = this.#env;
    if (this.#sessions.has(peer) || !this.#env.reachable(peer) || !this.#replica.isOpen) return;
    this.#due.delete(peer);
    const partitions = this.#coverage.toCompare(peer);
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
      heardAt: now,
    };
    this.rounds += 1;
    this.#sessions.set(peer, session);
    const roots = partitions.map((partition) => [partition, this.#replica.forest.root(partition)] as const);
    out.send(peer, { type: 'compare', id: session.id, roots });
    timers.at(now + options.times.requestTimeout, { kind: 'session', peer, session: session.id });
  }

  /** A session whose peer is silent is given up, and begun again later. */
  late(peer: NodeId, id: number): void {
    const { now, timers, options } = this.#env;
    const session = this.#sessions.get(peer);
    if (session?.id !== id) return;
    if (now - session.heardAt < options.times.requestTimeout) {
      timers.at(session.heardAt + options.times.requestTimeout, { kind: 'session', peer, session: id });
      return;
    }
    this.#sessions.delete(peer);
    this.#due.add(peer);
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
      else if (root === this.#replica.forest.root(partition)) this.#coverage.learnt(partition, from);
      else differ.push({ partition, branches: this.#replica.forest.branches(partition) });
    }
    out.send(from, { type: 'compared', id, differ, foreign });
  }

  descend(from: NodeId, { id, partition, branches }: MessageOf<'descend'>): void {
    const leaves = this.#replica.forest.leaves(partition, branches);
    this.#env.out.send(from, { type: 'leaves', id, partition, leaves });
  }

  list(from: NodeId, { id, partition, leaves }: MessageOf<'list'>): void {
    const keys = leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf));
    // What is not on disk yet is not listed: the peer may drop what it sees here.
    const stored = keys.filter((key) => this.#replica.uncommitted(key) === undefined);
    const entries = stored.map((key) => ({ key, clocks: this.#replica.clocks(key) }));
    this.#env.out.send(from, { type: 'listed', id, partition, entries });
  }

  want(from: NodeId, { keys }: MessageOf<'want'>): void {
    for (const key of keys) this.#push(from, key);
  }

  /** The peer has found that this node lacks nothing that the peer has. */
  synced(from: NodeId, { partitions }: MessageOf<'synced'>): void {
    for (const partition of partitions) this.#coverage.learnt(partition, from);
  }

  // The side that asks

  compared(from: NodeId, { id, differ, foreign }: MessageOf<'compared'>): void {
    const session = this.#session(from, id);
    if (session === undefined) return;
    const open = new Set([...foreign, ...differ.map(({ partition }) => partition)]);
    for (const partition of session.revisions.keys()) {
      if (open.has(partition)) continue;
      this.#coverage.learnt(partition, from);
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
    const theirs = new Map(entries.map(({ key, clocks }) => [key, clocks]));
    const mine = session.leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf));
    session.push = mine.filter((key) => lacks(theirs.get(key) ?? [], this.#replica.clocks(key)).length > 0);
    // An old owner that only hands over wants nothing back.
    if (this.#env.preference(partition).primaries.includes(this.#env.self)) {
      for (const [key, clocks] of theirs) {
        if (lacks(this.#replica.clocks(key), clocks).length > 0) session.want.push({ key, bytes: bytesOf(clocks) });
      }
    }
    // After an exchange the roots are compared once more, until they are equal.
    if (session.want.length + session.push.length > 0) this.#due.add(from);
    this.#pump(session);
  }

  #push(peer: NodeId, key: string): number {
    const id = this.#env.nextId();
    const strict = this.#env.options.durability === 'strict';
    const message = { type: 'store', id, key, hintFor: [], reason: 'sync', strict } as const;
    this.#states.send(key, [{ to: peer, message, after: undefined }]);
    this.#env.out.mark('sync-push');
    this.sent += 1;
    return id;
  }

  #pump(session: Session): void {
    while (hasRoom(session.underWay)) {
      const key = session.push.shift();
      if (key === undefined) break;
      if (!this.#replica.held(key)) continue;
      session.underWay.set(this.#push(session.peer, key), bytesOf(this.#replica.clocks(key)));
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
    this.#done(session, session.partition);
    this.#coverage.learnt(session.partition, session.peer);
    session.partition = undefined;
    this.#next(session);
  }

  stored(from: NodeId, id: number): void {
    const session = this.#sessions.get(from);
    if (!session?.underWay.delete(id)) return;
    session.heardAt = this.#env.now;
    this.#pump(session);
  }

  /** A state has come from a peer: perhaps the one that was asked for. */
  received(from: NodeId, key: string): void {
    const session = this.#sessions.get(from);
    if (!session?.wanted.delete(key)) return;
    session.heardAt = this.#env.now;
    this.#pump(session);
  }

  #done(session: Session, partition: Partition): void {
    session.done.push(partition);
    this.#coverage.cover(session.peer, partition, session.revisions.get(partition) ?? -1);
  }

  #end(session: Session): void {
    this.#sessions.delete(session.peer);
    if (session.done.length > 0) {
      this.#env.out.send(session.peer, { type: 'synced', partitions: session.done });
    }
    this.#coverage.dropHandedOver();
    if (this.#due.has(session.peer)) this.#begin(session.peer);
  }
}

function hasRoom(underWay: ReadonlyMap<unknown, number>): boolean {
  const bytes = [...underWay.values()].reduce((sum, size) => sum + size, 0);
  return underWay.size < WINDOW && bytes < WINDOW_BYTES;
}

const bytesOf = (clocks: readonly Clock[]): number => clocks.reduce((sum, { size }) => sum + size, 0);
