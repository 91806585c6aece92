/**
 * The states of the keys that this node holds: what may be merged, minted, forgotten. The invariant: a
 * node holds one state of a key, in which everything it ever minted for that key under its present actor
 * is present or covered ([VER-3]).
 *
 * What is obsolete everywhere may be buried ([DEL-2], [VER-5]): tombstones go, and contexts are cut. The
 * state before that stays beside the key as its grave ([DEL-3]). Whoever comes with something that the
 * grave has seen, and that is not here, has missed the burial: then all of it is as it was before.
 */
import { type Actor, actorOf, type Dot, dotName, type NodeId, type OpId, type Partition } from '../ids.ts';
import { limits } from '../limits.ts';
import type { State } from '../message.ts';
import type { Outbox } from '../outbox.ts';
import type { Entry, Opened } from '../storage.ts';
import { nothingSeen, type Seen, sees } from '../version/seen.ts';
import { type Clock, contextOf, knows, merge, seenBy, type Version } from '../version/siblings.ts';
import { type NewVersion, type Stamped, stamp } from '../version/stamp.ts';
import { covers } from '../version/vector.ts';
import { type Bounds, type Held, Ledger } from './ledger.ts';
import type { MerkleForest } from './merkle.ts';
import { Replaced } from './replaced.ts';

export interface Minted extends Stamped {
  /** The write that must be complete before this node's own ack. */
  readonly write: number;
}

export class Replica {
  readonly #out: Outbox;
  readonly #ledger: Ledger;
  /** Keys whose state was dropped while the present actor had minted for them. */
  readonly #forgotten = new Set<string>();
  readonly #replaced = new Replaced();
  #storeId = '';
  #run = '';
  #epoch = 0;
  #seq = 0;
  #open = false;
  #epochWrite: number | undefined;

  constructor(out: Outbox, bounds: Bounds) {
    this.#out = out;
    this.#ledger = new Ledger(out, bounds);
  }

  /** Takes what storage holds for the truth; whatever was on its way to the old storage is void. */
  open(opened: Opened, run: string, partitions: number): void {
    this.#storeId = opened.storeId;
    this.#run = run;
    this.#startEpoch(opened.epoch);
    this.#ledger.open(opened.entries, partitions);
    this.#epochWrite = undefined;
    this.#open = true;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get actor(): Actor {
    return actorOf(this.#storeId, this.#run, this.#epoch);
  }

  // What is held, and where: see Ledger

  get forest(): MerkleForest {
    return this.#ledger.forest;
  }

  get size(): number {
    return this.#ledger.size;
  }

  hints(): ReadonlySet<string> {
    return this.#ledger.hints;
  }

  graves(): ReadonlySet<string> {
    return this.#ledger.graves;
  }

  reapable(): ReadonlySet<string> {
    return this.#ledger.reapable;
  }

  get crowded(): Ledger['crowded'] {
    return this.#ledger.crowded;
  }

  repartition(partitions: number): void {
    this.#ledger.repartition(partitions);
  }

  place(key: string): { partition: Partition; leaf: number } {
    return this.#ledger.place(key);
  }

  held(key: string): Held | undefined {
    return this.#ledger.get(key);
  }

  clocks(key: string): readonly Clock[] {
    return this.#ledger.get(key)?.entry.clocks ?? [];
  }

  keys(): IterableIterator<[string, Held]> {
    return this.#ledger.keys();
  }

  /** Bytes of the values of all hints. */
  get hintBytes(): number {
    return this.#ledger.hintBytes;
  }

  revision(partition: Partition): number {
    return this.#ledger.revision(partition);
  }

  uncommitted(key: string): number | undefined {
    return this.#ledger.uncommitted(key);
  }

  /** The keys with writes under way. */
  underWay(): IterableIterator<string> {
    return this.#ledger.underWay();
  }

  /** What was reaped of the key and is not forgotten yet: all of it that is not held is obsolete. */
  reaped(key: string): Seen {
    const grave = this.#ledger.get(key)?.entry.grave;
    return grave ? seenBy(grave.clocks) : nothingSeen;
  }

  // Changes

  /**
   * Merges a state into what is held. Returns the write after which it is safe to say "stored";
   * undefined if that is so already. `hintFor` empty: a plain copy, which ends a hint. `confirm`: the
   * sender will drop its copy, so that not memory but the disk must say that this node has it.
   */
  store(key: string, state: State, hintFor: readonly NodeId[], strict: boolean, confirm = false): number | undefined {
    const before = this.#ledger.get(key)?.entry;
    const missed = this.#missedBurial(before, state);
    const base = missed ? unburied(before) : before;
    if (missed) this.#out.mark('unburied');
    const clocks = base?.clocks ?? [];
    const merged = merge<Clock>(clocks, state);
    // The sender no longer had what it was asked for: a key without versions would be no key.
    if (merged.length === 0) return this.uncommitted(key);
    const owners = ownersAfter(before, hintFor);
    if (before && base === before && merged === clocks && owners === before.owners) {
      return this.uncommitted(key) ?? (confirm ? this.#ledger.apply(key, before, [], strict) : undefined);
    }
    return this.#apply(key, { ...base, clocks: merged.map(withoutValue), owners }, state, strict);
  }

  /** Writes what is held again, for it may have been committed relaxed ([STO-1]). Returns the write. */
  storeStrictly(key: string): number | undefined {
    const entry = this.#ledger.get(key)?.entry;
    return entry && this.#ledger.apply(key, entry, [], true);
  }

  #missedBurial(before: Entry | undefined, state: State): boolean {
    if (before?.grave === undefined) return false;
    const reaped = seenBy(before.grave.clocks);
    return state.some((version) => sees(reaped, version.dot) && !knows(before.clocks, withoutContext(version)));
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
    const before = this.#ledger.get(key)?.entry;
    const clocks = before?.clocks ?? [];
    const stamped = stamp(clocks, [this.actor, this.#seq + 1], put);
    const { siblings, version } = stamped;
    if (siblings.length >= limits.siblingsMax || version.beyond.length >= limits.beyondMax) return undefined;
    // No peer takes a longer clock, and a link that brings many of them is closed ([VER-5]).
    if (version.context.length >= limits.clockMax) return undefined;
    this.#seq += 1;
    const merged = merge<Clock>(clocks, [version]).map(withoutValue);
    const write = this.#apply(
      key,
      { ...before, clocks: merged, owners: ownersAfter(before, hintFor) },
      [version],
      strict,
    );
    return { ...stamped, write };
  }

  /** An earlier mint of the same client write, if its version is here, or replaced by what is or was here ([PUT-1]). */
  minted(key: string, op: OpId): Clock | undefined {
    const clocks = this.clocks(key);
    const replaced = this.#replaced.get(op);
    if (replaced && (knows(clocks, replaced) || sees(this.reaped(key), replaced.dot))) return replaced;
    return clocks.find((clock) => clock.op === op);
  }

  /** Forgets the key. Who minted for it under the present actor must not do so again ([VER-3]). */
  drop(key: string): void {
    const before = this.#ledger.get(key)?.entry;
    if (before === undefined) return;
    this.#forget(key, before);
    this.#ledger.apply(key, undefined, [], false);
  }

  /** A hint becomes a plain copy, or loses some of its owners. */
  setOwners(key: string, owners: readonly NodeId[]): void {
    const before = this.#ledger.get(key)?.entry;
    if (before === undefined) return;
    this.#ledger.apply(key, { ...before, owners }, [], true);
  }

  /**
   * All primaries agree on this state: its tombstones go ([DEL-2]), and what its writers had seen is cut,
   * since that is gone everywhere ([VER-5]). The grave remembers it all.
   */
  bury(key: string, primaries: readonly NodeId[], uptime: number): void {
    const before = this.#ledger.get(key)?.entry;
    if (before === undefined) return;
    const clocks = before.clocks
      .filter(({ deleted }) => !deleted)
      .map((clock): Clock => ({ ...clock, ...nothingSeen }));
    if (clocks.length === 0) this.#forget(key, before);
    const all = merge(before.clocks, before.grave?.clocks ?? []);
    const fits = all.every(({ context }) => context.length < limits.clockMax);
    const grave = { clocks: fits ? all : before.clocks, primaries, at: uptime };
    this.#apply(key, { clocks, owners: before.owners, grave }, [], true);
    this.#out.mark('reaped');
  }

  /** The ring has changed, or somebody has missed the burial: all is as before it. */
  unbury(key: string): void {
    const before = this.#ledger.get(key)?.entry;
    const after = unburied(before);
    if (after === undefined || after === before) return;
    this.#apply(key, after, [], true);
    this.#out.mark('unburied');
  }

  /** The time of a grave is over ([DEL-3]). */
  forgetGrave(key: string): void {
    const before = this.#ledger.get(key)?.entry;
    if (before?.grave === undefined) return;
    const { clocks, owners } = before;
    this.#ledger.apply(key, clocks.length > 0 ? { clocks, owners } : undefined, [], false);
  }

  /** The values of the key in memory; those that must be read from storage are named. */
  values(key: string, loaded: ReadonlyMap<string, Uint8Array>): { state: State; missing: Dot[] } {
    const state: Version[] = [];
    const missing: Dot[] = [];
    for (const clock of this.clocks(key)) {
      const value = clock.size === 0 ? NOTHING : (loaded.get(dotName(clock.dot)) ?? this.#ledger.value(key, clock.dot));
      if (value) state.push({ ...clock, value });
      else missing.push(clock.dot);
    }
    return { state, missing };
  }

  cache(key: string, dot: Dot, value: Uint8Array): void {
    this.#ledger.cache(key, dot, value);
  }

  /**
   * Storage has lost some of this key's values. The rest of the key goes with them: what is left would claim
   * them, and what they had replaced, without showing it ([VER-3]). The other replicas bring it back whole.
   */
  lost(key: string): void {
    const before = this.#ledger.get(key)?.entry;
    if (before === undefined) return;
    this.#forget(key, before);
    this.#ledger.apply(key, undefined, [], true);
    this.#out.mark('value-lost');
  }

  /** Storage has lost some of this key, and all of it is at hand here: it is written again, whole. */
  restore(key: string, state: State): void {
    this.#ledger.restore(key, state);
  }

  /** A write is on disk. Returns true if it began a new epoch. */
  written(write: number): boolean {
    this.#ledger.written(write);
    if (write !== this.#epochWrite) return false;
    this.#epochWrite = undefined;
    this.#startEpoch(this.#epoch + 1);
    return true;
  }

  /** The disk has refused a write. Returns true if it was to begin an epoch. */
  failed(write: number): boolean {
    for (const [key, believed] of this.#ledger.failed(write)) this.#forget(key, believed);
    if (write !== this.#epochWrite) return false;
    this.#epochWrite = undefined;
    return true;
  }

  #apply(key: string, after: Entry, incoming: readonly Version[], strict: boolean): number {
    const kept = new Set(after.clocks.map(({ dot }) => dotName(dot)));
    for (const clock of this.clocks(key)) if (!kept.has(dotName(clock.dot))) this.#replaced.add(clock);
    return this.#ledger.apply(key, after, incoming, strict);
  }

  #forget(key: string, { clocks, grave }: Entry): void {
    if (covers(contextOf([...clocks, ...(grave?.clocks ?? [])]), [this.actor, 1])) this.#forgotten.add(key);
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

function unburied(entry: Entry | undefined): Entry | undefined {
  if (entry?.grave === undefined) return entry;
  return { clocks: merge(entry.clocks, entry.grave.clocks), owners: entry.owners };
}

/** For whether a version is held at all, however much is known of what its writer had seen. */
const withoutContext = (clock: Clock): Clock => ({ ...clock, ...nothingSeen });

function withoutValue(clock: Clock | Version): Clock {
  const { dot, context, beyond, deleted, size, time, op } = clock;
  return { dot, context, beyond, deleted, size, time, op };
}
