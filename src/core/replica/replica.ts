/**
 * What this node holds of its keys: what may be merged, minted, forgotten. The invariant: a node has one set of
 * siblings of a key, in which everything it ever minted for that key under its present actor is present or
 * covered ([VER-3]).
 *
 * What is obsolete everywhere may be reaped ([DEL-2], [VER-5]): tombstones go, and contexts are cut. What was there
 * before stays beside the key as its reap record ([DEL-3]). Who comes with something that the record covers, and
 * that is not here, has missed the reap: then all of it is as it was before.
 */
import { type Actor, type Dot, dotName, type NodeId, type OpId, type Partition } from '../ids.ts';
import { type Limits, limits } from '../limits.ts';
import type { Outbox } from '../outbox.ts';
import type { SlicedWork } from '../slices.ts';
import type { Entry, Opened, ReapRecord } from '../storage.ts';
import { type CausalContext, emptyContext } from '../version/context.ts';
import type { Siblings } from '../version/siblings.ts';
import {
  contextOf,
  merge,
  metadataOf,
  type Version,
  type VersionMetadata,
  withoutContext,
} from '../version/siblings.ts';
import { type NewVersion, type Stamped, stamp } from '../version/stamp.ts';
import { beforeReap, hintForAfter, missedReap, mustReadFirst, withoutLost } from './entry.ts';
import { Epochs } from './epochs.ts';
import type { HintIndex } from './hint-index.ts';
import { type Crowded, type IndexBounds, type IndexedKey, KeyIndex } from './key-index.ts';
import { Losses } from './losses.ts';
import type { MerkleForest } from './merkle.ts';
import { type Earlier, Replaced } from './replaced.ts';

export interface Minted extends Stamped {
  /** The write that must be complete before this node's own ack. */
  readonly write: number;
}

export class Replica {
  readonly losses = new Losses();
  readonly #out: Outbox;
  readonly #limits: Limits;
  readonly #index: KeyIndex;
  readonly #epochs: Epochs;
  readonly #replaced = new Replaced();
  /** What was there before the last reap, where its record remembers an earlier one as well. */
  readonly #beforeReaps = new WeakMap<ReapRecord, readonly VersionMetadata[]>();
  #open = false;

  constructor(out: Outbox, bounds: IndexBounds, of: Limits = limits) {
    this.#out = out;
    this.#limits = of;
    this.#index = new KeyIndex(out, bounds, of);
    this.#epochs = new Epochs(out, of);
  }

  /**
   * Takes what storage holds for the truth; whatever was on its way to the old storage is void. The keys are taken one
   * by one as the caller goes through what is returned; the replica is open when it has come to the end.
   */
  open(opened: Opened, run: string, partitions: number): SlicedWork {
    this.#open = false;
    this.#epochs.open(opened, run);
    this.#index.open(partitions);
    this.losses.clear();
    return this.#load(opened.entries);
  }

  *#load(entries: Opened['entries']): SlicedWork {
    for (const [key, entry] of entries) {
      this.#index.load(key, entry);
      yield;
    }
    this.#open = true;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get actor(): Actor {
    return this.#epochs.actor;
  }

  get forest(): MerkleForest {
    return this.#index.forest;
  }

  get size(): number {
    return this.#index.size;
  }

  get hints(): HintIndex {
    return this.#index.hints;
  }

  reapRecords(): ReadonlySet<string> {
    return this.#index.reapRecords;
  }

  reapRecordsIn(partition: Partition): ReadonlySet<string> {
    return this.#index.reapRecordsIn(partition);
  }

  reapable(): ReadonlySet<string> {
    return this.#index.reapable;
  }

  get crowded(): Crowded {
    return this.#index.crowded;
  }

  repartition(partitions: number): void {
    this.#index.repartition(partitions);
    this.losses.repartition((key) => this.place(key).partition);
  }

  place(key: string): { partition: Partition; leaf: number } {
    return this.#index.place(key);
  }

  held(key: string): IndexedKey | undefined {
    return this.#index.get(key);
  }

  versions(key: string): readonly VersionMetadata[] {
    return this.#index.get(key)?.entry.versions ?? [];
  }

  keys(): IterableIterator<[string, IndexedKey]> {
    return this.#index.keys();
  }

  revision(partition: Partition): number {
    return this.#index.revision(partition);
  }

  uncommitted(key: string): number | undefined {
    return this.#index.uncommitted(key);
  }

  isDurable(partition: Partition): boolean {
    return this.#index.isDurable(partition);
  }

  /** Whether the disk has what is held of the key, also while that is being written once more. */
  isStored(key: string): boolean {
    return this.#index.isStored(key);
  }

  /** The keys with writes under way. */
  underWay(): IterableIterator<string> {
    return this.#index.underWay();
  }

  /** What was reaped of the key and is not forgotten yet: all of it that is not held is obsolete. */
  reaped(key: string): CausalContext {
    const reapRecord = this.#index.get(key)?.entry.reapRecord;
    return reapRecord ? contextOf(reapRecord.versions) : emptyContext;
  }

  /** What there was of a key before its last reap; after a restart all that its record remembers counts for that. */
  beforeReap(record: ReapRecord): readonly VersionMetadata[] {
    return this.#beforeReaps.get(record) ?? record.versions;
  }

  // Changes

  /**
   * Merges siblings into what is held. Returns the write after which it is safe to say "stored";
   * undefined if that is so already. `hintFor` empty: a plain copy, which ends a hint. `strict`: what is said must
   * survive a power cut, also where all of it came before by a relaxed write ([STO-1]). `confirm`: the sender may
   * drop its copy, so that not memory but the disk must say that this node has it.
   */
  store(
    key: string,
    siblings: Siblings,
    hintFor: readonly NodeId[],
    strict: boolean,
    confirm = false,
  ): number | undefined {
    const before = this.#index.get(key)?.entry;
    const known = this.#replaced.learnt(before, siblings);
    const missed = missedReap(known, siblings);
    const base = missed ? beforeReap(known) : known;
    if (missed) this.#out.mark('reap-undone');
    const versions = base?.versions ?? [];
    const merged = merge<VersionMetadata>(versions, siblings);
    this.#replaced.addLate(siblings, merged);
    // The sender no longer had what it was asked for: a key without versions would be no key.
    if (merged.length === 0) return this.uncommitted(key);
    const kept = hintForAfter(before, hintFor);
    if (before && base === before && merged === versions && kept === before.hintFor) {
      const write = this.committing(key, strict);
      return confirm && write === undefined ? this.#index.apply(key, before, [], strict) : write;
    }
    return this.#apply(key, { ...base, versions: merged.map(metadataOf), hintFor: kept }, siblings, strict);
  }

  /** The write after which the disk has what is held of the key, durably if `strict` ([STO-1]); undefined if it has. */
  committing(key: string, strict: boolean): number | undefined {
    const held = this.#index.get(key);
    if (held === undefined || !strict || this.isDurable(held.partition)) return this.uncommitted(key);
    return this.#index.apply(key, held.entry, [], true);
  }

  /** Makes all that was written before survive a power cut ([STO-1]). Returns the write. */
  flush(): number {
    const write = this.#epochs.flush();
    this.#index.strictly(write);
    return write;
  }

  /** Whether a new epoch must be committed before this node may mint for the key. */
  mustRenew(key: string): boolean {
    return this.#epochs.mustRenew(key);
  }

  /** Starts a new epoch; the write to wait for ([VER-3]). */
  renewEpoch(): number {
    return this.#epochs.renew();
  }

  /**
   * Mints a version on top of what is held, and stores it ([PUT-2]). `undefined`: the writer must read
   * the key first, for there is too much that it has not seen ([VER-6]).
   */
  mint(key: string, put: NewVersion, hintFor: readonly NodeId[], strict: boolean, now: number): Minted | undefined {
    const before = this.#index.get(key)?.entry;
    const versions = before?.versions ?? [];
    const stamped = stamp(versions, this.#epochs.next, put, (op) => this.#replaced.isUnderWay(op, now));
    if (mustReadFirst(versions, stamped, this.#limits)) return undefined;
    this.#epochs.take();
    const merged = merge<VersionMetadata>(versions, [stamped.version]).map(metadataOf);
    const after = { ...before, versions: merged, hintFor: hintForAfter(before, hintFor) };
    return { ...stamped, write: this.#apply(key, after, [stamped.version], strict) };
  }

  /** An earlier mint of the same client write, if there was one that this node knows of ([PUT-1]). */
  minted(key: string, op: OpId): Earlier | undefined {
    return this.#replaced.minted(op, this.versions(key), this.reaped(key));
  }

  /** Forgets the key. Who minted for it under the present actor must not do so again ([VER-3]). */
  drop(key: string): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    this.#epochs.forget(key, before);
    this.#index.apply(key, undefined, [], false);
  }

  /** A hint becomes a plain copy, or loses some of its owners. */
  setHintFor(key: string, hintFor: readonly NodeId[]): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    this.#index.apply(key, { ...before, hintFor }, [], true);
  }

  /**
   * All primaries agree on these versions: its tombstones go ([DEL-2]), and what its writers had seen is cut,
   * since that is gone everywhere ([VER-5]). The reap record remembers it all.
   */
  reap(key: string, primaries: readonly NodeId[], uptime: number): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined) return;
    const versions = before.versions.filter(({ deleted }) => !deleted).map(withoutContext);
    if (versions.length === 0) this.#epochs.forget(key, before);
    const all = merge(before.versions, before.reapRecord?.versions ?? []);
    const fits = all.every(
      ({ context }) => Math.max(context.vector.length, context.ops?.length ?? 0) < this.#limits.clockMax,
    );
    const reapRecord = { versions: fits ? all : before.versions, primaries, at: uptime };
    if (before.reapRecord) this.#beforeReaps.set(reapRecord, before.versions);
    this.#apply(key, { versions, hintFor: before.hintFor, reapRecord }, [], true);
    this.#out.mark('reaped');
  }

  /** The ring has changed, or somebody has missed the reap: all is as before it. */
  undoReap(key: string): void {
    const before = this.#index.get(key)?.entry;
    const after = beforeReap(before);
    if (after === undefined || after === before) return;
    this.#apply(key, after, [], true);
    this.#out.mark('reap-undone');
  }

  /** The time of a reap record is over ([DEL-3]). */
  forgetReapRecord(key: string): void {
    const before = this.#index.get(key)?.entry;
    if (before?.reapRecord === undefined) return;
    const { versions, hintFor } = before;
    this.#index.apply(key, versions.length > 0 ? { versions, hintFor } : undefined, [], false);
  }

  /** The values of these versions of the key that are in memory; those that must be read from storage are named. */
  values(
    key: string,
    loaded: ReadonlyMap<string, Uint8Array>,
    versions = this.versions(key),
  ): { siblings: Siblings; missing: Dot[] } {
    const siblings: Version[] = [];
    const missing: Dot[] = [];
    for (const version of versions) {
      const { dot, size } = version;
      const value = size === 0 ? NOTHING : (loaded.get(dotName(dot)) ?? this.#index.value(key, dot));
      if (value) siblings.push({ ...version, value });
      else missing.push(dot);
    }
    return { siblings, missing };
  }

  cache(key: string, dot: Dot, value: Uint8Array): void {
    this.#index.cache(key, dot, value);
  }

  /**
   * Storage has lost the values of these dots. What would claim one of them without showing it goes, too ([VER-3]):
   * later versions of its actor, and a reap record. The other replicas bring it back. `siblings`: the others, of
   * which some may be in memory only; what stays is written again.
   */
  lost(key: string, dots: readonly Dot[], siblings: Siblings): void {
    const before = this.#index.get(key)?.entry;
    if (before === undefined || this.uncommitted(key) !== undefined) return;
    this.#epochs.forget(key, before);
    this.#index.restore(key, withoutLost(before, dots), siblings);
    this.losses.add(key, this.place(key).partition);
    this.#out.mark('value-lost');
  }

  /** Storage has lost some of this key, and all of it is at hand here: it is written again, whole. */
  restore(key: string, siblings: Siblings): void {
    this.#index.restore(key, this.#index.get(key)?.entry, siblings);
  }

  /** A write is on disk, or the disk has refused it. Returns whether it was to begin an epoch. */
  ended(write: number, complete: boolean): boolean {
    if (complete) this.#index.written(write);
    else for (const [key, believed] of this.#index.failed(write)) this.#epochs.forget(key, believed);
    return this.#epochs.ended(write, complete);
  }

  #apply(key: string, after: Entry, incoming: readonly Version[], strict: boolean): number {
    const kept = new Set(after.versions.map(({ dot }) => dotName(dot)));
    for (const version of this.versions(key)) if (!kept.has(dotName(version.dot))) this.#replaced.add(version);
    return this.#index.apply(key, after, incoming, strict);
  }
}

const NOTHING = new Uint8Array(0);
