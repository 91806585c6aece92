/**
 * What this node holds of each key, in memory and on its way to the disk. Clocks are in memory for all
 * keys, values in a bounded cache ([STO-3]). The invariant: each write of a key carries all that is not
 * on disk yet, so that none depends on an earlier one; if the last one is refused, the key is again what
 * the disk has ([STO-2]).
 *
 *   apply ──► index (versions) ──► one write per change ──► failed: what the disk has
 *                                       └──► written: Merkle forest (keys that are no hints)
 *
 * Reads see the index; the forest, by which nodes judge what others may drop, sees only what is on disk.
 * Scenarios: sim/scenarios/storage.test.ts.
 */
import { assert } from '../assert.ts';
import { type Dot, dotName, type Partition } from '../ids.ts';
import type { Limits } from '../limits.ts';
import type { Outbox } from '../outbox.ts';
import { leafOf, partitionOf, positionOf } from '../ring/position.ts';
import type { Entry } from '../storage.ts';
import { contextSize } from '../version/context.ts';
import { canonical, type Version } from '../version/siblings.ts';
import { holdsSame } from './entry.ts';
import { HintIndex } from './hint-index.ts';
import { MerkleForest } from './merkle.ts';
import { ValueCache } from './values.ts';

export interface IndexedKey {
  readonly entry: Entry;
  readonly partition: Partition;
  readonly leaf: number;
}

/** See NodeOptions. */
export interface IndexBounds {
  readonly cacheBytes: number;
  readonly clockLength: number;
}

/** By key, how many siblings it has, or how many entries its longest clock. */
export interface Crowded {
  readonly siblings: Map<string, number>;
  readonly clocks: Map<string, number>;
}

/** A key with writes under way. */
interface Pending {
  /** What is surely on disk. */
  onDisk: Entry | undefined;
  /** The last write, and the dots whose values are in any that is under way. */
  write: number;
  readonly dots: Map<string, Dot>;
  /** The dots whose values go with any that is under way. */
  readonly dropped: Set<string>;
}

export class KeyIndex {
  readonly forest = new MerkleForest();
  /** Keys held only for absent owners ([HINT-1]). */
  readonly hints = new HintIndex();
  /** Keys of which something was reaped ([DEL-3]), the oldest first, and those of each partition. */
  readonly reapRecords = new Set<string>();
  readonly #recordsIn = new Map<Partition, Set<string>>();
  /** Keys with a tombstone, or with a clock so long that it is to be cut ([DEL-2], [VER-5]). */
  readonly reapable = new Set<string>();
  /** Keys with so many siblings, or so long a clock, that somebody should know ([VER-5], [VER-6]). */
  readonly crowded: Crowded = { siblings: new Map(), clocks: new Map() };
  readonly #out: Outbox;
  readonly #bounds: IndexBounds;
  readonly #limits: Limits;
  readonly #values: ValueCache;
  readonly #index = new Map<string, IndexedKey>();
  /** Keys of which there is nothing but a reap record. */
  readonly #reapedWhole = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  /** What each write under way makes of its keys. */
  readonly #writes = new Map<number, Map<string, Entry | undefined>>();
  /** Counts the changes of each partition, for those who must know that it is still as it was. */
  readonly #revisions = new Map<Partition, number>();
  /** The last write of each partition that the disk need not have made durable. */
  readonly #relaxed = new Map<Partition, number>();
  /** Strict writes under way, and the last one that is complete: it and all before it are durable ([STO-1]). */
  readonly #strict = new Set<number>();
  #durableUpTo = 0;
  #partitions = 1;

  constructor(out: Outbox, bounds: IndexBounds, limits: Limits) {
    this.#out = out;
    this.#bounds = bounds;
    this.#limits = limits;
    this.#values = new ValueCache(bounds.cacheBytes);
  }

  /** Storage was opened: whatever was on its way to the old one is void. What the new one holds is added key by key. */
  open(partitions: number): void {
    for (const all of [this.#index, this.#reapedWhole, this.#pending, this.#writes, this.#values]) all.clear();
    for (const all of [this.#relaxed, this.#strict, this.#recordsIn]) all.clear();
    for (const all of [this.hints, this.reapRecords, this.reapable, this.forest]) all.clear();
    for (const all of Object.values(this.crowded)) all.clear();
    this.#partitions = partitions;
  }

  /** The storage that was opened holds this. */
  load(key: string, entry: Entry): void {
    this.#set(key, entry);
    this.#plant(key, entry);
  }

  /**
   * The ring has another number of partitions: everything is placed again, in one go. That happens at most once in the
   * life of a ring: when two that were founded apart, with other numbers, become one.
   */
  repartition(partitions: number): void {
    if (partitions === this.#partitions) return;
    this.#partitions = partitions;
    this.forest.clear();
    const relaxed = Math.max(0, ...this.#relaxed.values());
    for (let partition = 0; partition < partitions; partition++) this.#relaxed.set(partition, relaxed);
    const all = [...this.#index];
    this.#index.clear();
    this.hints.clear();
    this.#recordsIn.clear();
    for (const [key, { entry }] of all) {
      this.#set(key, entry);
      if (!this.#pending.has(key)) this.#plant(key, entry);
    }
    for (const [key, { onDisk }] of this.#pending) this.#plant(key, onDisk);
  }

  /** Keys with a state: what was reaped whole does not count. */
  get size(): number {
    return this.#index.size - this.#reapedWhole.size;
  }

  place(key: string): { partition: Partition; leaf: number } {
    const held = this.#index.get(key);
    if (held) return { partition: held.partition, leaf: held.leaf };
    const position = positionOf(key);
    return { partition: partitionOf(position, this.#partitions), leaf: leafOf(position) };
  }

  get(key: string): IndexedKey | undefined {
    return this.#index.get(key);
  }

  keys(): IterableIterator<[string, IndexedKey]> {
    return this.#index.entries();
  }

  revision(partition: Partition): number {
    return this.#revisions.get(partition) ?? 0;
  }

  /** The write that must be complete before the key's present state is on disk. */
  uncommitted(key: string): number | undefined {
    return this.#pending.get(key)?.write;
  }

  /** Whether the disk has what is held of the key, also while that is being written once more. */
  isStored(key: string): boolean {
    const pending = this.#pending.get(key);
    return (
      pending === undefined || (pending.dropped.size === 0 && holdsSame(pending.onDisk, this.#index.get(key)?.entry))
    );
  }

  /** Whether all that is held of the partition survives a power cut. */
  isDurable(partition: Partition): boolean {
    return (this.#relaxed.get(partition) ?? 0) <= this.#durableUpTo;
  }

  /** This write is strict: once it is complete, all before it is durable. */
  strictly(write: number): void {
    this.#strict.add(write);
  }

  /** The keys with writes under way. */
  underWay(): IterableIterator<string> {
    return this.#pending.keys();
  }

  value(key: string, dot: Dot): Uint8Array | undefined {
    return this.#values.get(key, dot);
  }

  /** A value was read. One that is in memory stays as it is: a write that is to store it may be under way. */
  cache(key: string, dot: Dot, value: Uint8Array): void {
    if (this.#values.get(key, dot) === undefined) this.#values.set(key, dot, value, 0);
  }

  /** Makes `after` of the key; `incoming` has the values that are new. Returns the write that says so. */
  apply(key: string, after: Entry | undefined, incoming: readonly Version[], strict: boolean): number {
    const before = this.#index.get(key)?.entry;
    const pending = this.#pending.get(key) ?? noWrites(before);
    const stored = new Map((pending.onDisk?.versions ?? []).map(({ dot }) => [dotName(dot), dot]));
    const kept = new Set((after?.versions ?? []).map(({ dot }) => dotName(dot)));
    const given = new Map(incoming.map(({ dot, value }) => [dotName(dot), value]));
    const values: [Dot, Uint8Array][] = [];
    for (const { dot, size } of after?.versions ?? []) {
      const name = dotName(dot);
      if (size === 0 || (stored.has(name) && !pending.dropped.has(name))) continue;
      const value = given.get(name) ?? this.#values.get(key, dot);
      assert(value !== undefined, 'a value that is not on disk is in memory');
      values.push([dot, value]);
    }
    const drop = [...new Map([...stored, ...pending.dots])].filter(([name]) => !kept.has(name)).map(([, dot]) => dot);
    pending.write = this.#out.write({ kind: 'key', key, entry: after, values, drop }, strict);
    if (strict) this.strictly(pending.write);
    // A removal that a power cut takes back does no harm.
    else if (after !== undefined) this.#relaxed.set(this.place(key).partition, pending.write);
    for (const [dot, value] of values) {
      pending.dots.set(dotName(dot), dot);
      this.#values.set(key, dot, value, pending.write);
    }
    for (const dot of drop) {
      pending.dropped.add(dotName(dot));
      this.#values.delete(key, dot);
    }
    this.#pending.set(key, pending);
    this.#set(key, after);
    const writes = this.#writes.get(pending.write) ?? new Map<string, Entry | undefined>();
    this.#writes.set(pending.write, writes.set(key, after));
    if (after !== before) this.#out.notice({ kind: 'changed', key });
    return pending.write;
  }

  /** Writes what is to be left of the key again, with the values that are at hand; the disk is believed to have the rest. */
  restore(key: string, after: Entry | undefined, siblings: readonly Version[]): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined || this.#pending.has(key)) return;
    // Those are not taken to be on disk, but should the disk refuse, the key is as it was.
    const dropped = new Set(siblings.map(({ dot }) => dotName(dot)));
    this.#pending.set(key, { ...noWrites(before), dropped });
    this.apply(key, after, siblings, true);
  }

  /** A write is on disk. */
  written(write: number): void {
    if (this.#strict.delete(write)) this.#durableUpTo = write;
    for (const [key, entry] of this.#writes.get(write) ?? []) {
      this.#plant(key, entry);
      for (const { dot } of entry?.versions ?? []) this.#values.stored(key, dot, write);
      const pending = this.#pending.get(key);
      if (pending?.write === write) this.#pending.delete(key);
      else if (pending) pending.onDisk = entry;
    }
    this.#writes.delete(write);
  }

  /** The disk has refused a write. Returns the keys that are again what they were, with what was believed of them. */
  failed(write: number): (readonly [key: string, believed: Entry])[] {
    this.#strict.delete(write);
    const undone: (readonly [string, Entry])[] = [];
    for (const key of this.#writes.get(write)?.keys() ?? []) {
      const pending = this.#pending.get(key);
      if (pending?.write !== write) continue;
      this.#pending.delete(key);
      const entry = this.#index.get(key)?.entry;
      if (entry) undone.push([key, entry]);
      for (const dot of pending.dots.values()) this.#values.delete(key, dot);
      this.#set(key, pending.onDisk);
    }
    this.#writes.delete(write);
    return undone;
  }

  #set(key: string, entry: Entry | undefined): void {
    const before = this.#index.get(key)?.entry;
    const place = this.place(key);
    if (entry) this.#index.set(key, { entry, ...place });
    else this.#index.delete(key);
    this.hints.change(key, place.partition, before, entry);
    if (before?.reapRecord !== entry?.reapRecord) this.#record(key, place.partition, entry?.reapRecord !== undefined);
    const versions = entry?.versions ?? [];
    const length = Math.max(0, ...versions.map(({ context }) => contextSize(context)));
    member(this.#reapedWhole, key, entry !== undefined && versions.length === 0);
    member(this.reapable, key, length > this.#bounds.clockLength || versions.some(({ deleted }) => deleted));
    count(this.crowded.siblings, key, versions.length, versions.length >= this.#limits.siblingsAlarm);
    count(this.crowded.clocks, key, length, length > this.#limits.clockAlarm);
  }

  #record(key: string, partition: Partition, is: boolean): void {
    this.reapRecords.delete(key);
    const keys = this.#recordsIn.get(partition) ?? new Set<string>();
    keys.delete(key);
    if (is) for (const all of [this.reapRecords, keys]) all.add(key);
    if (keys.size > 0) this.#recordsIn.set(partition, keys);
    else this.#recordsIn.delete(partition);
  }

  /** The keys of this partition of which something was reaped. */
  reapRecordsIn(partition: Partition): ReadonlySet<string> {
    return this.#recordsIn.get(partition) ?? new Set();
  }

  /** The forest follows what is on disk. */
  #plant(key: string, entry: Entry | undefined): void {
    const { partition, leaf } = this.place(key);
    const isPlain = entry !== undefined && entry.hintFor.length === 0 && entry.versions.length > 0;
    this.forest.set(partition, leaf, key, isPlain ? canonical(entry.versions) : undefined);
    this.#revisions.set(partition, this.revision(partition) + 1);
  }
}

function member(set: Set<string>, key: string, is: boolean): void {
  if (is) set.add(key);
  else set.delete(key);
}

function count(counts: Map<string, number>, key: string, value: number, is: boolean): void {
  if (is) counts.set(key, value);
  else counts.delete(key);
}

function noWrites(onDisk: Entry | undefined): Pending {
  return { onDisk, write: 0, dots: new Map(), dropped: new Set() };
}
