/**
 * Reaping of what is obsolete everywhere: tombstones ([DEL-2]), and long contexts ([VER-5]), by two phases.
 *
 *   ripe here ─► reap-prepare: do all within reach agree? ─► reap-vote, of all ─► still so? ─► reap-commit
 *
 * The primary with the smallest id asks. A primary agrees if it holds the same versions on disk, unchanged
 * for the tombstone time, and lacks nothing of the partition; all others, if they hold nothing of it. The
 * invariant: at the moment of agreement nobody within reach holds anything that the reaped versions
 * have made obsolete. Who was out of reach meets the reap records ([DEL-3]). There is a bound to those, so a primary that
 * agrees keeps a place for each: what all have agreed to is reaped by all. When the places are few, the oldest
 * records of which nobody can miss the reap any more give way. docs/decisions/reaping.md
 * Scenarios: sim/scenarios/reaping.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { holdsSame } from '../replica/entry.ts';
import { digest } from '../replica/merkle.ts';
import type { Replica } from '../replica/replica.ts';
import type { SlicedWork } from '../slices.ts';
import type { Entry, ReapRecord } from '../storage.ts';
import { canonical } from '../version/siblings.ts';
import type { HandOff } from './hand-off.ts';

interface Round {
  readonly id: number;
  readonly startedAt: number;
  /** Who has not answered yet. */
  readonly asked: Set<NodeId>;
  /** The versions of the keys that nobody has objected to, as a digest. */
  readonly keys: Map<string, string>;
}

/** Keys of one round. */
const MANY = 100;

export class Reaper {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #handOff: HandOff;
  /** Since when each key that may be reaped has been as it is, by this node's uptime. */
  readonly #ripening = new Map<string, { readonly entry: Entry; readonly since: number }>();
  #round: Round | undefined;
  /** The places kept for what this node has agreed to, by who has asked. */
  readonly #reserved = new Map<NodeId, { readonly keys: number; readonly until: number }>();
  /** Who must be heard before further records can give way. */
  #waitsFor: readonly NodeId[] = [];
  /** How far the gathering of ripe keys has come; undefined when all were looked at. */
  #cursor: Iterator<string> | undefined;

  constructor(env: Environment, replica: Replica, handOff: HandOff) {
    this.#env = env;
    this.#replica = replica;
    this.#handOff = handOff;
  }

  /** Storage was opened. */
  clear(): void {
    this.#ripening.clear();
    this.#giveUp();
  }

  /** The members that keep this node from reaping, since it must remember so much for them. */
  get waitsFor(): readonly NodeId[] {
    return this.#waitsFor;
  }

  #giveUp(): void {
    this.#round = undefined;
    this.#reserved.clear();
    this.#cursor = undefined;
  }

  /** A reap record counts only among those who agreed on it: for others all is as it was before. */
  ringChanged(): void {
    this.#giveUp();
    this.#env.slices.begin('undo reaps', this.#undo());
  }

  *#undo(): SlicedWork {
    for (const key of this.#replica.reapRecords()) {
      const reapRecord = this.#replica.held(key)?.entry.reapRecord;
      if (reapRecord && !this.#isOfPrimaries(key, reapRecord)) this.#replica.undoReap(key);
      yield;
    }
  }

  #isOfPrimaries(key: string, { primaries: agreed }: ReapRecord): boolean {
    const { primaries } = this.#env.preferenceOf(key);
    return agreed.length === primaries.length && agreed.every((node) => primaries.includes(node));
  }

  /** The periodic look: what has ripened, and which reap records have had their time. */
  scan(): void {
    const { slices } = this.#env;
    if (!slices.isUnderWay('reap')) slices.begin('reap', this.#look());
  }

  *#look(): SlicedWork {
    yield* this.#forget();
    const reapable = this.#replica.reapable();
    for (const key of this.#ripening.keys()) {
      if (!reapable.has(key)) this.#ripening.delete(key);
      yield;
    }
    for (const key of reapable) {
      this.#watch(key);
      yield;
    }
    const isLate = this.#round && this.#env.now - this.#round.startedAt > this.#env.times.requestTimeout;
    if (this.#round !== undefined && !isLate) return;
    this.#round = undefined;
    this.#cursor = this.#ripening.keys();
    yield* this.#gather();
  }

  #watch(key: string): void {
    const entry = this.#replica.held(key)?.entry;
    if (entry && !holdsSame(this.#ripening.get(key)?.entry, entry))
      this.#ripening.set(key, { entry, since: this.#env.uptime });
  }

  /** What has had its time; and while there is little room, what nobody can come with any more. The oldest come first. */
  *#forget(): SlicedWork {
    const room = Math.ceil(this.#env.limits.reapRecords / 10);
    let waitsFor: readonly NodeId[] = [];
    for (const key of this.#replica.reapRecords()) {
      const held = this.#replica.held(key);
      const at = held?.entry.reapRecord?.at ?? Number.POSITIVE_INFINITY;
      const isOver = this.#env.uptime - at > this.#env.times.reapMemory;
      const missing =
        isOver || held === undefined || this.#places() >= room ? [] : this.#mayComeWith(held.partition, at);
      if (isOver || (this.#places() < room && missing.length === 0)) this.#replica.forgetReapRecord(key);
      if (waitsFor.length === 0) waitsFor = missing;
      yield;
    }
    this.#waitsFor = this.#places() > 0 ? [] : waitsFor;
  }

  /** Who may still hold something from before that time, or get it by a message that is under way since then. */
  #mayComeWith(partition: Partition, at: number): readonly NodeId[] {
    const { requestTimeout } = this.#env.times;
    const after = at + requestTimeout;
    return this.#env.uptime <= after ? [this.#env.self] : this.#env.notClear(partition, after);
  }

  /** How many more keys may be reaped. */
  #places(): number {
    const { now, limits } = this.#env;
    let left = limits.reapRecords - this.#replica.reapRecords().size - (this.#round?.keys.size ?? 0);
    for (const [asker, { keys, until }] of this.#reserved) {
      if (until < now) this.#reserved.delete(asker);
      else left -= keys;
    }
    return left;
  }

  /** The next keys that are ripe here, and about which it is for this node to ask. */
  *#gather(): SlicedWork {
    const keys = new Map<string, string>();
    while (keys.size < Math.min(MANY, this.#places())) {
      const next = this.#cursor?.next();
      if (next === undefined || next.done) {
        this.#cursor = undefined;
        break;
      }
      const digest = this.#leads(next.value) ? this.#agreed(next.value) : undefined;
      if (digest !== undefined) keys.set(next.value, digest);
      yield;
    }
    if (keys.size > 0 && this.#round === undefined) this.#begin(keys);
  }

  #leads(key: string): boolean {
    const { self } = this.#env;
    const { primaries } = this.#env.preferenceOf(key);
    return primaries.every((node) => self <= node && (node === self || this.#env.isUsable(node)));
  }

  #begin(keys: Map<string, string>): void {
    const { ring, out, now } = this.#env;
    const asked = new Set(this.#env.linked().filter((node) => ring.members.has(node)));
    this.#round = { id: this.#env.calls.nextId(), startedAt: now, asked, keys };
    for (const node of asked)
      out.send(node, { type: 'reap-prepare', id: this.#round.id, ring: ring.hash, keys: [...keys] });
    this.#conclude(this.#round);
  }

  receive(from: NodeId, message: MessageOf<'reap-prepare' | 'reap-vote' | 'reap-commit'>): void {
    switch (message.type) {
      case 'reap-prepare':
        return this.#prepare(from, message);
      case 'reap-vote':
        return this.#vote(from, message);
      case 'reap-commit':
        return this.#commit(from, message);
      default:
        message satisfies never;
    }
  }

  #prepare(from: NodeId, { id, ring, keys }: MessageOf<'reap-prepare'>): void {
    const same = ring === this.#env.ring.hash && this.#replica.isOpen;
    // Who asks has one round at a time.
    this.#reserved.delete(from);
    const places = this.#places();
    let reserved = 0;
    const agreed = (same ? keys : []).filter(([key, digest]) => {
      if (!this.#agrees(key, digest)) return false;
      if (!this.#env.owns(this.#replica.place(key).partition)) return true;
      if (reserved >= places) return false;
      reserved += 1;
      return true;
    });
    const until = this.#env.now + this.#env.times.requestTimeout * 3;
    if (reserved > 0) this.#reserved.set(from, { keys: reserved, until });
    this.#env.out.send(from, { type: 'reap-vote', id, keys: agreed.map(([key]) => key) });
  }

  #vote(from: NodeId, { id, keys }: MessageOf<'reap-vote'>): void {
    const round = this.#round;
    if (round?.id !== id || !round.asked.delete(from)) return;
    // Nobody keeps places for it for ever.
    if (this.#env.now - round.startedAt > this.#env.times.requestTimeout) return;
    const agreed = new Set(keys);
    for (const key of [...round.keys.keys()]) if (!agreed.has(key)) round.keys.delete(key);
    this.#conclude(round);
  }

  #conclude(round: Round): void {
    if (round.asked.size > 0) return;
    const { self, ring, out } = this.#env;
    this.#round = undefined;
    const told = new Map<NodeId, [string, string][]>();
    for (const [key, digest] of round.keys) {
      const { primaries } = this.#env.preferenceOf(key);
      if (!this.#agrees(key, digest) || !primaries.every((node) => this.#env.isUsable(node))) continue;
      this.#reap(key, digest);
      for (const node of primaries) if (node !== self) told.set(node, [...(told.get(node) ?? []), [key, digest]]);
    }
    for (const [node, keys] of told) out.send(node, { type: 'reap-commit', ring: ring.hash, keys });
    // A shop that deletes all day has more of them.
    if (this.#cursor) this.#env.slices.begin('next reaps', this.#gather());
  }

  #commit(from: NodeId, { ring, keys }: MessageOf<'reap-commit'>): void {
    this.#reserved.delete(from);
    if (ring !== this.#env.ring.hash) return;
    for (const [key, digest] of keys) this.#reap(key, digest);
  }

  /**
   * Looks once more whether the key is still what all have agreed on, and whether this node would agree again: if
   * its storage was opened again meanwhile, it no longer knows for how long it has held this, nor what it lacks.
   */
  #reap(key: string, digest: string): void {
    const { primaries } = this.#env.preferenceOf(key);
    if (!primaries.includes(this.#env.self) || !this.#agrees(key, digest)) return;
    this.#ripening.delete(key);
    this.#replica.reap(key, primaries, this.#env.uptime);
  }

  #agrees(key: string, digest: string): boolean {
    const { partition } = this.#replica.place(key);
    return this.#env.owns(partition) ? this.#agreed(key) === digest : !this.#holdsAny(partition);
  }

  /** The digest of what this primary would agree to reap; undefined: it would not. */
  #agreed(key: string): string | undefined {
    const { uptime, times } = this.#env;
    const held = this.#replica.held(key);
    const ripening = this.#ripening.get(key);
    if (held === undefined || ripening === undefined || !holdsSame(ripening.entry, held.entry)) return undefined;
    const ripe = uptime - ripening.since >= times.tombstone;
    if (!ripe) return undefined;
    const { partition, entry } = held;
    // It must be on disk, and not for somebody else.
    if (entry.hintFor.length > 0 || !this.#replica.isStored(key)) return undefined;
    // Of which the owners have changed is as it was before, in a moment.
    if (entry.reapRecord && !this.#isOfPrimaries(key, entry.reapRecord)) return undefined;
    if (!this.#handOff.settled(partition) || this.#env.holders(partition).length > 0) return undefined;
    return digest(canonical(entry.versions));
  }

  #holdsAny(partition: Partition): boolean {
    return this.#replica.forest.root(partition) !== '' || this.#replica.hints.isIn(partition);
  }
}
