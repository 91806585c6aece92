/**
 * Reaping of what is obsolete everywhere: tombstones ([DEL-2]), and long contexts ([VER-5]), by two phases.
 *
 *   ripe here ─► reap-prepare: do all within reach agree? ─► reap-vote, of all ─► still so? ─► reap-commit
 *
 * The primary with the smallest id asks. A primary agrees if it holds the same versions on disk, unchanged
 * for the tombstone time, and lacks nothing of the partition; all others, if they hold nothing of it. The
 * invariant: at the moment of agreement nobody within reach holds anything that the reaped versions
 * have made obsolete. Who was out of reach meets the reap records ([DEL-3]).
 * Scenarios: sim/scenarios/reaping.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { digest } from '../replica/merkle.ts';
import type { Replica } from '../replica/replica.ts';
import type { Entry } from '../storage.ts';
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

  constructor(env: Environment, replica: Replica, handOff: HandOff) {
    this.#env = env;
    this.#replica = replica;
    this.#handOff = handOff;
  }

  /** Storage was opened. */
  clear(): void {
    this.#ripening.clear();
    this.#round = undefined;
  }

  /** A reap record counts only among those who agreed on it: for others all is as it was before. */
  ringChanged(): void {
    this.#round = undefined;
    for (const key of [...this.#replica.reapRecords()]) {
      const { primaries } = this.#env.preferenceOf(key);
      const agreed = this.#replica.held(key)?.entry.reapRecord?.primaries ?? [];
      if (agreed.length === primaries.length && agreed.every((node) => primaries.includes(node))) continue;
      this.#replica.undoReap(key);
    }
  }

  /** The periodic look: what has ripened, and which reap records have had their time. */
  scan(linked: readonly NodeId[]): void {
    const { now, uptime } = this.#env;
    for (const key of [...this.#replica.reapRecords()]) {
      const reapRecord = this.#replica.held(key)?.entry.reapRecord;
      if (reapRecord && uptime - reapRecord.at > this.#env.times.reapMemory) this.#replica.forgetReapRecord(key);
    }
    const reapable = this.#replica.reapable();
    for (const key of [...this.#ripening.keys()]) if (!reapable.has(key)) this.#ripening.delete(key);
    for (const key of reapable) this.#watch(key);
    if (this.#round === undefined || now - this.#round.startedAt > this.#env.times.requestTimeout) this.#begin(linked);
  }

  #watch(key: string): void {
    const entry = this.#replica.held(key)?.entry;
    if (entry && this.#ripening.get(key)?.entry !== entry) this.#ripening.set(key, { entry, since: this.#env.uptime });
  }

  #begin(linked: readonly NodeId[]): void {
    const { self, ring, out, now } = this.#env;
    const keys = new Map<string, string>();
    for (const key of this.#ripening.keys()) {
      if (keys.size >= MANY) break;
      const { primaries } = this.#env.preferenceOf(key);
      const leads = primaries.every((node) => self <= node && (node === self || this.#env.isUsable(node)));
      const digest = this.#digest(key);
      if (leads && digest !== undefined && this.#agrees(key, digest)) keys.set(key, digest);
    }
    this.#round = undefined;
    if (keys.size === 0) return;
    const asked = new Set(linked.filter((node) => ring.members.has(node)));
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
        return this.#commit(message);
      default:
        message satisfies never;
    }
  }

  #prepare(from: NodeId, { id, ring, keys }: MessageOf<'reap-prepare'>): void {
    const same = ring === this.#env.ring.hash && this.#replica.isOpen;
    const agreed = same ? keys.filter(([key, digest]) => this.#agrees(key, digest)).map(([key]) => key) : [];
    this.#env.out.send(from, { type: 'reap-vote', id, keys: agreed });
  }

  #vote(from: NodeId, { id, keys }: MessageOf<'reap-vote'>): void {
    const round = this.#round;
    if (round?.id !== id || !round.asked.delete(from)) return;
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
  }

  #commit({ ring, keys }: MessageOf<'reap-commit'>): void {
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

  /** The versions of the key, if they are on disk, and not for somebody else. */
  #digest(key: string): string | undefined {
    const entry = this.#replica.held(key)?.entry;
    if (!entry || entry.hintFor.length > 0 || this.#replica.uncommitted(key) !== undefined) return undefined;
    return digest(canonical(entry.versions));
  }

  #agrees(key: string, digest: string): boolean {
    const { uptime } = this.#env;
    const { partition } = this.#replica.place(key);
    if (!this.#env.owns(partition)) return !this.#holdsAny(partition);
    const ripening = this.#ripening.get(key);
    const ripe = ripening !== undefined && ripening.entry === this.#replica.held(key)?.entry;
    if (!ripe || uptime - ripening.since < this.#env.times.tombstone || this.#digest(key) !== digest) return false;
    if (this.#replica.reapRecords().size >= this.#env.limits.reapRecords) return false;
    return this.#handOff.settled(partition) && this.#env.holders(partition).length === 0;
  }

  #holdsAny(partition: Partition): boolean {
    if (this.#replica.forest.root(partition) !== '') return true;
    return [...this.#replica.hints()].some((key) => this.#replica.place(key).partition === partition);
  }
}
