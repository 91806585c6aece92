/**
 * The states of the keys that this node holds. Clocks are in memory for all of them, values in a
 * bounded cache ([STO-3]). The invariant: a node holds one state of a key, in which everything it ever
 * minted for that key under its present actor is present or covered ([VER-3]).
 *
 *   store/mint ──► index (clocks) ──► one write per change ──► failed: what the disk has
 *                                             └──► written: Merkle forest (keys that are no hints)
 *
 * Reads see the index; the forest, by which nodes judge what others may drop, sees only what is on disk.
 */
import { assert } from '../assert.ts';
import { type Actor, actorOf, type Dot, dotName, type NodeId, type OpId, type Partition } from '../ids.ts';
import { limits } from '../limits.ts';
import type { State } from '../message.ts';
import type { Outbox } from '../outbox.ts';
import type { Entry, Opened } from '../ready.ts';
import { leafOf, partitionOf, positionOf } from '../ring/position.ts';
import { type Clock, canonical, contextOf, knows, merge, sizeOf, type Version } from '../version/siblings.ts';
import { type NewVersion, type Stamped, stamp } from '../version/stamp.ts';
import { covers } from '../version/vector.ts';
import { MerkleForest } from './merkle.ts';
import { Replaced } from './replaced.ts';
import { Values } from './values.ts';

export interface Held {
  readonly entry: Entry;
  readonly partition: Partition;
  readonly leaf: number;
}

/**
 * A key with writes under way. Each write carries all that is not on disk yet, so that none depends on
 * an earlier one: if the last one is refused, the key is again what the disk has.
 */
interface Pending {
  /** What is surely on disk. */
  onDisk: Entry | undefined;
  /** The last write, and the dots whose values are in any that is under way. */
  write: number;
  readonly dots: Map<string, Dot>;
  /** The dots whose values go with any that is under way. */
  readonly dropped: Set<string>;
}

export interface Minted extends Stamped {
  /** The write that must be complete before this node's own ack. */
  readonly write: number;
}

export class Replica {
  readonly forest = new MerkleForest();
  readonly #out: Outbox;
  readonly #values: Values;
  readonly #index = new Map<string, Held>();
  readonly #hints = new Set<string>();
  #hintBytes = 0;
  readonly #pending = new Map<string, Pending>();
  /** What each write under way makes of its keys. */
  readonly #writes = new Map<number, Map<string, Entry | undefined>>();
  /** Counts the changes of each partition, for whoever must know that it is still as it was. */
  readonly #revisions = new Map<Partition, number>();
  /** Keys whose state was dropped while the present actor had minted for them. */
  readonly #forgotten = new Set<string>();
  /** Keys with so many siblings or so long a clock that somebody should know ([VER-5], [VER-6]). */
  readonly crowded = new Map<string, { siblings: number; clock: number }>();
  readonly #replaced = new Replaced();
  #partitions = 1;
  #storeId = '';
  #epoch = 0;
  #seq = 0;
  #open = false;
  #epochWrite: number | undefined;

  constructor(out: Outbox, cacheBytes: number) {
    this.#out = out;
    this.#values = new Values(cacheBytes);
  }

  /** Takes what storage holds for the truth; whatever was on its way to the old storage is void. */
  open(opened: Opened, partitions: number): void {
    this.#storeId = opened.storeId;
    this.#startEpoch(opened.epoch);
    this.#index.clear();
    this.#hints.clear();
    this.#hintBytes = 0;
    this.#pending.clear();
    this.#writes.clear();
    this.#values.clear();
    this.forest.clear();
    this.crowded.clear();
    this.#partitions = partitions;
    for (const [key, entry] of opened.entries) {
      this.#set(key, entry);
      this.#plant(key, entry);
    }
    this.#epochWrite = undefined;
    this.#open = true;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get actor(): Actor {
    return actorOf(this.#storeId, this.#epoch);
  }

  get size(): number {
    return this.#index.size;
  }

  /** The ring has another number of partitions: everything is placed anew. */
  repartition(partitions: number): void {
    if (partitions === this.#partitions) return;
    this.#partitions = partitions;
    this.forest.clear();
    const all = [...this.#index];
    this.#index.clear();
    this.#hintBytes = 0;
    for (const [key, { entry }] of all) {
      this.#set(key, entry);
      if (!this.#pending.has(key)) this.#plant(key, entry);
    }
    for (const [key, { onDisk }] of this.#pending) this.#plant(key, onDisk);
  }

  place(key: string): { partition: Partition; leaf: number } {
    const held = this.#index.get(key);
    if (held) return { partition: held.partition, leaf: held.leaf };
    const position = positionOf(key);
    return { partition: partitionOf(position, this.#partitions), leaf: leafOf(position) };
  }

  held(key: string): Held | undefined {
    return this.#index.get(key);
  }

  clocks(key: string): readonly Clock[] {
    return this.#index.get(key)?.entry.clocks ?? [];
  }

  keys(): IterableIterator<[string, Held]> {
    return this.#index.entries();
  }

  hints(): ReadonlySet<string> {
    return this.#hints;
  }

  /** Bytes of the values of all hints. */
  get hintBytes(): number {
    return this.#hintBytes;
  }

  revision(partition: Partition): number {
    return this.#revisions.get(partition) ?? 0;
  }

  /**
   * Merges a state into what is held. Returns the write after which it is safe to say "stored";
   * undefined if that is so already. `hintFor` empty: a plain copy, which ends a hint. `confirm`: the
   * sender will drop its copy, so that not memory but the disk must say that this node has it.
   */
  store(key: string, state: State, hintFor: readonly NodeId[], strict: boolean, confirm = false): number | undefined {
    const before = this.#index.get(key)?.entry;
    const clocks = before?.clocks ?? [];
    const merged = merge<Clock>(clocks, state);
    // The sender no longer had what it was asked for: a key without versions would be no key.
    if (merged.length === 0) return this.uncommitted(key);
    const owners = ownersAfter(before, hintFor);
    if (before && merged === clocks && owners === before.owners) {
      return this.uncommitted(key) ?? (confirm ? this.#apply(key, before, [], strict) : undefined);
    }
    return this.#apply(key, { clocks: merged.map(withoutValue), owners }, state, strict);
  }

  /** Whether a new epoch must be committed before this node may mint for the key. */
  mustRenew(key: string): boolean {
    return this.#forgotten.has(key);
  }

  /** Starts a new epoch; the write to wait for ([VER-3]). */
  renewEpoch(): number {
    this.#epochWrite ??= this.#out.write({ kind: 'epoch', epoch: this.#epoch + 1 }, true);
    this.#out.mark('new-epoch');
    return this.#epochWrite;
  }

  /**
   * Mints a version on top of what is held, and stores it ([PUT-2]). `undefined`: the writer must read
   * the key first, for there is too much that it has not seen ([VER-6]).
   */
  mint(key: string, put: NewVersion, hintFor: readonly NodeId[], strict: boolean): Minted | undefined {
    const clocks = this.clocks(key);
    const stamped = stamp(clocks, [this.actor, this.#seq + 1], put);
    const { siblings, version } = stamped;
    if (siblings.length >= limits.siblingsMax || version.beyond.length >= limits.beyondMax) return undefined;
    // No peer takes a longer clock, and a link that brings many of them is closed ([VER-5]).
    if (version.context.length >= limits.clockMax) return undefined;
    this.#seq += 1;
    const owners = ownersAfter(this.#index.get(key)?.entry, hintFor);
    const merged = merge<Clock>(clocks, [version]);
    const write = this.#apply(key, { clocks: merged.map(withoutValue), owners }, [version], strict);
    return { ...stamped, write };
  }

  /** An earlier mint of the same client write, if its version is here, or replaced by what is here ([PUT-1]). */
  minted(key: string, op: OpId): Clock | undefined {
    const clocks = this.clocks(key);
    const replaced = this.#replaced.get(op);
    if (replaced && clocks.length > 0 && knows(clocks, replaced)) return replaced;
    return clocks.find((clock) => clock.op === op);
  }

  /** Forgets the key. Who minted for it under the present actor must not do so again ([VER-3]). */
  drop(key: string): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    this.#forget(key, before);
    this.#apply(key, undefined, [], false);
  }

  /** A hint becomes a plain copy, or loses some of its owners. */
  setOwners(key: string, owners: readonly NodeId[]): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    this.#apply(key, { clocks: before.clocks, owners }, [], true);
  }

  /** The write that must be complete before the key's present state is on disk. */
  uncommitted(key: string): number | undefined {
    return this.#pending.get(key)?.write;
  }

  /** The values of the key in memory; those that must be read from storage are named. */
  values(key: string, loaded: ReadonlyMap<string, Uint8Array>): { state: State; missing: Dot[] } {
    const state: Version[] = [];
    const missing: Dot[] = [];
    for (const clock of this.clocks(key)) {
      const value = clock.size === 0 ? NOTHING : (loaded.get(dotName(clock.dot)) ?? this.#values.get(key, clock.dot));
      if (value) state.push({ ...clock, value });
      else missing.push(clock.dot);
    }
    return { state, missing };
  }

  cache(key: string, dot: Dot, value: Uint8Array): void {
    this.#values.set(key, dot, value, 0);
  }

  /**
   * Storage has lost these values. Other writes of the same actors go with them: without its elders an
   * actor's write would claim them unseen ([VER-3]). The other replicas bring them back.
   */
  lost(key: string, dots: readonly Dot[]): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    this.#forget(key, before);
    const actors = new Set(dots.map(([actor]) => actor));
    const clocks = before.clocks.filter(({ dot: [actor] }) => !actors.has(actor));
    this.#apply(key, clocks.length > 0 ? { clocks, owners: before.owners } : undefined, [], true);
    this.#out.mark('value-lost');
  }

  /** Storage has lost some of this key, and all of it is at hand here: it is written again, whole. */
  restore(key: string, state: State): void {
    const entry = this.#index.get(key)?.entry;
    if (entry === undefined || this.#pending.has(key)) return;
    // Nothing of it is taken to be on disk, but should the disk refuse, the key is as it was.
    const dropped = new Set(entry.clocks.map(({ dot }) => dotName(dot)));
    this.#pending.set(key, { ...noWrites(entry), dropped });
    this.#apply(key, entry, state, true);
  }

  /** A write is on disk. Returns true if it began a new epoch. */
  written(write: number): boolean {
    for (const [key, entry] of this.#writes.get(write) ?? []) {
      this.#plant(key, entry);
      for (const { dot } of entry?.clocks ?? []) this.#values.stored(key, dot, write);
      const pending = this.#pending.get(key);
      if (pending?.write === write) this.#pending.delete(key);
      else if (pending) pending.onDisk = entry;
    }
    this.#writes.delete(write);
    if (write !== this.#epochWrite) return false;
    this.#epochWrite = undefined;
    this.#startEpoch(this.#epoch + 1);
    return true;
  }

  /** The disk has refused a write. Returns true if it was to begin an epoch. */
  failed(write: number): boolean {
    for (const key of this.#writes.get(write)?.keys() ?? []) {
      const pending = this.#pending.get(key);
      if (pending?.write !== write) continue;
      this.#pending.delete(key);
      const entry = this.#index.get(key)?.entry;
      if (entry) this.#forget(key, entry);
      for (const dot of pending.dots.values()) this.#values.delete(key, dot);
      this.#set(key, pending.onDisk);
    }
    this.#writes.delete(write);
    if (write !== this.#epochWrite) return false;
    this.#epochWrite = undefined;
    return true;
  }

  #apply(key: string, after: Entry | undefined, incoming: readonly Version[], strict: boolean): number {
    const before = this.#index.get(key)?.entry;
    const pending = this.#pending.get(key) ?? noWrites(before);
    const stored = new Map((pending.onDisk?.clocks ?? []).map(({ dot }) => [dotName(dot), dot]));
    const kept = new Set((after?.clocks ?? []).map(({ dot }) => dotName(dot)));
    const given = new Map(incoming.map(({ dot, value }) => [dotName(dot), value]));
    const values: [Dot, Uint8Array][] = [];
    for (const { dot, size } of after?.clocks ?? []) {
      const name = dotName(dot);
      if (size === 0 || (stored.has(name) && !pending.dropped.has(name))) continue;
      const value = given.get(name) ?? this.#values.get(key, dot);
      assert(value !== undefined, 'a value that is not on disk is in memory');
      values.push([dot, value]);
    }
    const drop = [...new Map([...stored, ...pending.dots])].filter(([name]) => !kept.has(name)).map(([, dot]) => dot);
    pending.write = this.#out.write({ kind: 'key', key, entry: after, values, drop }, strict);
    for (const [dot, value] of values) {
      pending.dots.set(dotName(dot), dot);
      this.#values.set(key, dot, value, pending.write);
    }
    for (const dot of drop) {
      pending.dropped.add(dotName(dot));
      this.#values.delete(key, dot);
    }
    for (const clock of before?.clocks ?? []) if (after && !kept.has(dotName(clock.dot))) this.#replaced.add(clock);
    this.#pending.set(key, pending);
    this.#set(key, after);
    const writes = this.#writes.get(pending.write) ?? new Map<string, Entry | undefined>();
    this.#writes.set(pending.write, writes.set(key, after));
    if (after !== before) this.#out.notice({ kind: 'changed', key });
    return pending.write;
  }

  #set(key: string, entry: Entry | undefined): void {
    this.#hintBytes += hintBytesOf(entry) - hintBytesOf(this.#index.get(key)?.entry);
    if (entry) this.#index.set(key, { entry, ...this.place(key) });
    else this.#index.delete(key);
    if (entry !== undefined && entry.owners.length > 0) this.#hints.add(key);
    else this.#hints.delete(key);
    this.#watchCrowd(key, entry);
  }

  /** The forest follows what is on disk. */
  #plant(key: string, entry: Entry | undefined): void {
    const { partition, leaf } = this.place(key);
    const isPlain = entry !== undefined && entry.owners.length === 0;
    this.forest.set(partition, leaf, key, isPlain ? canonical(entry.clocks) : undefined);
    this.#revisions.set(partition, this.revision(partition) + 1);
  }

  #watchCrowd(key: string, entry: Entry | undefined): void {
    const siblings = entry?.clocks.length ?? 0;
    const clock = Math.max(0, ...(entry?.clocks ?? []).map(({ context, beyond }) => context.length + beyond.length));
    if (siblings >= limits.siblingsAlarm || clock > limits.clockAlarm) this.crowded.set(key, { siblings, clock });
    else this.crowded.delete(key);
  }

  #forget(key: string, entry: Entry): void {
    if (covers(contextOf(entry.clocks), [this.actor, 1])) this.#forgotten.add(key);
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#seq = 0;
    this.#forgotten.clear();
  }
}

const NOTHING = new Uint8Array(0);

/** A plain copy stays plain and makes a hint plain; hints add up. The same array if nothing changes. */
function ownersAfter(before: Entry | undefined, hintFor: readonly NodeId[]): readonly NodeId[] {
  if (before === undefined) return hintFor;
  const { owners } = before;
  if (owners.length === 0) return owners;
  if (hintFor.length === 0) return [];
  return hintFor.every((owner) => owners.includes(owner)) ? owners : [...new Set([...owners, ...hintFor])];
}

function hintBytesOf(entry: Entry | undefined): number {
  return entry === undefined || entry.owners.length === 0 ? 0 : sizeOf(entry.clocks);
}

function noWrites(onDisk: Entry | undefined): Pending {
  return { onDisk, write: 0, dots: new Map(), dropped: new Set() };
}

function withoutValue(clock: Clock | Version): Clock {
  const { dot, context, beyond, deleted, size, time, op } = clock;
  return { dot, context, beyond, deleted, size, time, op };
}
