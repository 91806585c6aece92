/**
 * Burial of what is obsolete everywhere: tombstones ([DEL-2]), and long contexts ([VER-5]).
 *
 *   ripe here ─► reap: does everybody within reach agree? ─► reapable, from all ─► still so? ─► bury
 *
 * The primary with the smallest id asks. A primary agrees if it holds the same clocks on disk, unchanged
 * for the grace time, and lacks nothing of the partition; anybody else, if it holds nothing of it. The
 * invariant: at the moment of agreement nobody within reach holds anything that the buried state
 * has made obsolete. Who was out of reach meets the graves ([DEL-3]).
 */
import type { Env } from '../env.ts';
import type { NodeId, Partition } from '../ids.ts';
import { limits } from '../limits.ts';
import type { MessageOf } from '../message.ts';
import { digest } from '../replica/merkle.ts';
import type { Replica } from '../replica/replica.ts';
import type { Entry } from '../storage.ts';
import { canonical } from '../version/siblings.ts';
import type { Coverage } from './coverage.ts';

interface Round {
  readonly id: number;
  readonly startedAt: number;
  /** Who has not answered yet. */
  readonly asked: Set<NodeId>;
  /** The clocks of the keys that nobody has objected to, as a digest. */
  readonly keys: Map<string, string>;
}

/** Keys of one round. */
const MANY = 100;

export class Reaper {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #coverage: Coverage;
  /** Since when each key that may be reaped has been as it is. */
  readonly #ripening = new Map<string, { readonly entry: Entry; readonly since: number }>();
  #round: Round | undefined;

  constructor(env: Env, replica: Replica, coverage: Coverage) {
    this.#env = env;
    this.#replica = replica;
    this.#coverage = coverage;
  }

  /** Storage was opened. */
  clear(): void {
    this.#ripening.clear();
    this.#round = undefined;
  }

  /** A grave counts only among those who agreed on it: for others all is as it was before. */
  ringChanged(): void {
    this.#round = undefined;
    for (const key of [...this.#replica.graves()]) {
      const { primaries } = this.#env.preference(this.#replica.place(key).partition);
      const agreed = this.#replica.held(key)?.entry.grave?.primaries ?? [];
      if (agreed.length === primaries.length && agreed.every((node) => primaries.includes(node))) continue;
      this.#replica.unbury(key);
    }
  }

  /** The periodic look: what has ripened, and which graves have had their time. */
  scan(linked: readonly NodeId[]): void {
    const { now, uptime } = this.#env;
    for (const key of [...this.#replica.graves()]) {
      const grave = this.#replica.held(key)?.entry.grave;
      if (grave && uptime - grave.at > this.#env.times.grave) this.#replica.forgetGrave(key);
    }
    const reapable = this.#replica.reapable();
    for (const key of [...this.#ripening.keys()]) if (!reapable.has(key)) this.#ripening.delete(key);
    for (const key of reapable) this.#watch(key);
    if (this.#round === undefined || now - this.#round.startedAt > this.#env.times.requestTimeout) this.#begin(linked);
  }

  #watch(key: string): void {
    const entry = this.#replica.held(key)?.entry;
    if (entry && this.#ripening.get(key)?.entry !== entry) this.#ripening.set(key, { entry, since: this.#env.now });
  }

  #begin(linked: readonly NodeId[]): void {
    const { self, ring, out, now } = this.#env;
    const keys = new Map<string, string>();
    for (const key of this.#ripening.keys()) {
      if (keys.size >= MANY) break;
      const { primaries } = this.#env.preference(this.#replica.place(key).partition);
      const leads = primaries.every((node) => self <= node && (node === self || this.#env.reachable(node)));
      const clock = this.#digest(key);
      if (leads && clock !== undefined && this.#agrees(key, clock)) keys.set(key, clock);
    }
    this.#round = undefined;
    if (keys.size === 0) return;
    const asked = new Set(linked.filter((node) => ring.members.has(node)));
    this.#round = { id: this.#env.nextId(), startedAt: now, asked, keys };
    for (const node of asked) out.send(node, { type: 'reap', id: this.#round.id, ring: ring.hash, keys: [...keys] });
    this.#conclude(this.#round);
  }

  reap(from: NodeId, { id, ring, keys }: MessageOf<'reap'>): void {
    const same = ring === this.#env.ring.hash && this.#replica.isOpen;
    const agreed = same ? keys.filter(([key, clock]) => this.#agrees(key, clock)).map(([key]) => key) : [];
    this.#env.out.send(from, { type: 'reapable', id, keys: agreed });
  }

  reapable(from: NodeId, { id, keys }: MessageOf<'reapable'>): void {
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
    for (const [key, clock] of round.keys) {
      const { primaries } = this.#env.preference(this.#replica.place(key).partition);
      if (!this.#agrees(key, clock) || !primaries.every((node) => this.#env.reachable(node))) continue;
      this.#bury(key, clock);
      for (const node of primaries) if (node !== self) told.set(node, [...(told.get(node) ?? []), [key, clock]]);
    }
    for (const [node, keys] of told) out.send(node, { type: 'bury', ring: ring.hash, keys });
  }

  bury({ ring, keys }: MessageOf<'bury'>): void {
    if (ring !== this.#env.ring.hash) return;
    for (const [key, clock] of keys) this.#bury(key, clock);
  }

  /**
   * Looks once more whether the key is still what all have agreed on, and whether this node would agree again: if
   * its storage was opened anew meanwhile, it no longer knows for how long it has held this, nor what it lacks.
   */
  #bury(key: string, clock: string): void {
    const { primaries } = this.#env.preference(this.#replica.place(key).partition);
    if (!primaries.includes(this.#env.self) || !this.#agrees(key, clock)) return;
    this.#ripening.delete(key);
    this.#replica.bury(key, primaries, this.#env.uptime);
  }

  /** The clocks of the key, if they are on disk, and not for somebody else. */
  #digest(key: string): string | undefined {
    const entry = this.#replica.held(key)?.entry;
    if (!entry || entry.owners.length > 0 || this.#replica.uncommitted(key) !== undefined) return undefined;
    return digest(canonical(entry.clocks));
  }

  #agrees(key: string, clock: string): boolean {
    const { self, now } = this.#env;
    const { partition } = this.#replica.place(key);
    if (!this.#env.preference(partition).primaries.includes(self)) return !this.#holdsAny(partition);
    const ripening = this.#ripening.get(key);
    const ripe = ripening !== undefined && ripening.entry === this.#replica.held(key)?.entry;
    if (!ripe || now - ripening.since < this.#env.times.grace || this.#digest(key) !== clock) return false;
    if (this.#replica.graves().size >= limits.graves) return false;
    return this.#coverage.settled(partition) && this.#env.holders(partition).length === 0;
  }

  #holdsAny(partition: Partition): boolean {
    if (this.#replica.forest.root(partition) !== '') return true;
    return [...this.#replica.hints()].some((key) => this.#replica.place(key).partition === partition);
  }
}
