/**
 * One node's database, as IndexedDB gives it. Invariants: batches complete in the order of their
 * writes, each wholly or not at all; what a strict batch wrote, and all before it, is durable when it
 * completes; a relaxed batch becomes durable some time after. A crash loses what is incomplete (though
 * the last thing it does may be to commit); a power cut also loses an unsynced suffix.
 *
 *     issued ──(random delay)──▶ completed ──(at once if strict, else later)──▶ synced
 *              lost by a crash               lost by a power cut
 */
import { dotName } from '../../src/core/ids.ts';
import type { MembershipHistory } from '../../src/core/ring/history.ts';
import type { Alive, Entry, Found, Opened, Read, WriteBatch } from '../../src/core/storage.ts';
import type { VersionMetadata } from '../../src/core/version/siblings.ts';
import type { SeededRandom } from './random.ts';

interface StoredKey {
  readonly entry: Entry;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** What a platter holds at one moment. */
export interface DiskImage {
  storeId: string;
  epoch: number;
  history: MembershipHistory;
  alive?: Alive;
  readonly keys: Map<string, StoredKey>;
}

const emptyImage = (storeId: string): DiskImage => ({ storeId, epoch: 0, history: [], keys: new Map() });

function apply(image: DiskImage, batch: WriteBatch): void {
  for (const write of batch.writes) {
    if (write.kind === 'epoch') image.epoch = write.epoch;
    else if (write.kind === 'history') image.history = write.history;
    else if (write.kind === 'alive') image.alive = write.alive;
    else if (write.entry === undefined) image.keys.delete(write.key);
    else {
      const values = new Map(image.keys.get(write.key)?.values);
      for (const dot of write.drop) values.delete(dotName(dot));
      for (const [dot, value] of write.values) values.set(dotName(dot), value);
      image.keys.set(write.key, { entry: write.entry, values });
    }
  }
}

export interface DiskEvents {
  /** Simulated time in ms, and what schedules by it. */
  now(): number;
  after(delay: number, run: () => void): void;
  /** A batch is complete: it is in `entry()` from now on. */
  committed(batch: WriteBatch): void;
}

type Answer = (found: Found) => void;

export class Disk {
  /** Mean ms that one batch takes. */
  latency: number;
  /** While true every batch fails: the disk is full. */
  full = false;
  /** Probability that a batch fails, for reasons that no one can name. */
  failing = 0;
  /** Called once, as the next batch is on its way. */
  onNextWrite: (() => void) | undefined;
  readonly #random: SeededRandom;
  readonly #events: DiskEvents;
  #completed: DiskImage;
  #synced: DiskImage;
  #unsynced: WriteBatch[] = [];
  #pending: WriteBatch[] = [];
  #lastCompletion = 0;
  /** Grows whenever the process that used the disk is gone: what it scheduled is void. */
  #opening = 0;
  #isOpen = false;
  /** Values that rot has taken at some time. */
  readonly #decayed = new Set<string>();

  constructor(random: SeededRandom, latency: number, events: DiskEvents) {
    this.#random = random;
    this.latency = latency;
    this.#events = events;
    const storeId = random.name();
    this.#completed = emptyImage(storeId);
    this.#synced = emptyImage(storeId);
  }

  /** Takes the next epoch with a strict commit. A node that finds nothing gets a new store. */
  open(): Opened {
    // Two losses, one soon after the other, open it twice: what was under way before ends before.
    if (this.#isOpen) this.crash();
    this.#opening += 1;
    this.#isOpen = true;
    this.#completed.epoch += 1;
    this.#sync();
    const { keys, ...identity } = this.#completed;
    return { ...identity, entries: [...keys].map(([key, stored]) => [key, stored.entry] as const) };
  }

  /** Fails if the disk is full, or not open. */
  write(batch: WriteBatch, ended: (ok: boolean) => void): void {
    if (!this.#isOpen) {
      this.#events.after(1, () => ended(false));
      return;
    }
    const opening = this.#opening;
    this.#pending.push(batch);
    const fails = this.full || (this.failing > 0 && this.#random.chance(this.failing));
    const now = this.#events.now();
    this.#lastCompletion = Math.max(this.#lastCompletion, now + this.#random.around(this.latency));
    this.#events.after(this.#lastCompletion - now, () => {
      if (opening !== this.#opening) return;
      this.#pending.shift();
      if (!fails) this.#complete(batch);
      ended(!fails);
    });
    const { onNextWrite } = this;
    this.onNextWrite = undefined;
    onNextWrite?.();
  }

  /** Answers after all that was written before has ended; reads do not wait for each other. Never if the disk is lost first. */
  read(read: Read, answer: Answer): void {
    const opening = this.#opening;
    const now = this.#events.now();
    if (!this.#isOpen) return;
    const wait = Math.max(this.#lastCompletion - now, this.#random.around(this.latency));
    this.#events.after(wait, () => {
      if (opening !== this.#opening) return;
      const stored = this.#completed.keys.get(read.key);
      const entry = read.withEntry ? stored?.entry : undefined;
      answer({ entry, values: read.dots.map((dot) => stored?.values.get(dotName(dot))) });
    });
  }

  /** The process is gone. What it had not seen complete is lost, but for a random first part. */
  crash(): void {
    const survive = this.#pending.length === 0 ? 0 : this.#random.int(0, this.#pending.length);
    const pending = this.#pending;
    this.#close();
    if (!this.full) for (const batch of pending.slice(0, survive)) this.#complete(batch);
  }

  /** The machine is gone: as a crash, and an unsynced suffix is lost. True if that lost something. */
  powerCut(): boolean {
    this.crash();
    const kept = this.#unsynced.length === 0 ? 0 : this.#random.int(0, this.#unsynced.length);
    const lost = this.#unsynced.length - kept;
    for (const batch of this.#unsynced.slice(0, kept)) apply(this.#synced, batch);
    this.#unsynced = [];
    this.#completed = { ...this.#synced, keys: new Map(this.#synced.keys) };
    return lost > 0;
  }

  /** All is gone; the next opening makes a new store. */
  wipe(): void {
    this.#close();
    const storeId = this.#random.name();
    this.#completed = emptyImage(storeId);
    this.#synced = emptyImage(storeId);
    this.#unsynced = [];
  }

  backup(): DiskImage {
    return { ...this.#completed, keys: new Map(this.#completed.keys) };
  }

  restore(image: DiskImage): void {
    this.wipe();
    this.#completed = { ...image, keys: new Map(image.keys) };
    this.#synced = { ...image, keys: new Map(image.keys) };
  }

  /** Some keys are gone, with all that was known of them; the store is the same. */
  vanish(): void {
    this.#sync();
    for (const key of this.#random.shuffle([...this.#completed.keys.keys()])) {
      if (!this.#random.chance(0.4)) continue;
      this.#completed.keys.delete(key);
      this.#synced.keys.delete(key);
    }
  }

  /** Some values cannot be read any more; the records that name them can. Returns how many. */
  rot(): number {
    let count = 0;
    for (const [key, { entry, values }] of [...this.#completed.keys]) {
      const left = new Map([...values].filter(() => !this.#random.chance(0.3)));
      if (left.size === values.size) continue;
      count += values.size - left.size;
      for (const name of values.keys()) if (!left.has(name)) this.#decayed.add(`${name}/${key}`);
      this.#completed.keys.set(key, { entry, values: left });
      const synced = this.#synced.keys.get(key);
      if (synced === undefined) continue;
      const stays = new Map([...synced.values].filter(([name]) => left.has(name) || !values.has(name)));
      this.#synced.keys.set(key, { entry: synced.entry, values: stays });
    }
    return count;
  }

  /** The versions of a key, if all of them can be read ([VER-3]). */
  sound(key: string): readonly VersionMetadata[] {
    const stored = this.#completed.keys.get(key);
    const { versions = [] } = stored?.entry ?? {};
    return versions.some(({ dot, size }) => size > 0 && stored?.values.has(dotName(dot)) !== true) ? [] : versions;
  }

  /** What is known there of a key: its versions, and those that were reaped. */
  known(key: string): readonly VersionMetadata[] {
    const reaped = this.entry(key)?.reapRecord?.versions ?? [];
    return [...this.sound(key), ...reaped];
  }

  /** Keys of which something was lost, and neither written again nor given up. */
  get rotten(): readonly string[] {
    return [...this.#completed.keys.keys()].filter((key) => this.hasLost(key));
  }

  /** Whether something of a key cannot be read any more; what goes with it is as good as lost. */
  hasLost(key: string): boolean {
    return this.sound(key).length < (this.entry(key)?.versions.length ?? 0);
  }

  /** Versions of a key whose values are not there, though no rot has taken them. */
  unwritten(key: string): readonly VersionMetadata[] {
    const stored = this.#completed.keys.get(key);
    const isThere = (name: string): boolean => stored?.values.has(name) === true || this.#decayed.has(`${name}/${key}`);
    return (stored?.entry.versions ?? []).filter(({ dot, size }) => size > 0 && !isThere(dotName(dot)));
  }

  /** What is complete of a key; undefined if nothing. */
  entry(key: string): Entry | undefined {
    return this.#completed.keys.get(key)?.entry;
  }

  keys(): IterableIterator<string> {
    return this.#completed.keys.keys();
  }

  get history(): MembershipHistory {
    return this.#completed.history;
  }

  #close(): void {
    this.#opening += 1;
    this.#isOpen = false;
    this.#pending = [];
    this.#lastCompletion = this.#events.now();
  }

  #complete(batch: WriteBatch): void {
    apply(this.#completed, batch);
    this.#unsynced.push(batch);
    if (batch.strict) this.#sync();
    else {
      this.#events.after(this.#random.around(500), () => {
        if (this.#unsynced.includes(batch)) this.#sync(batch);
      });
    }
    this.#events.committed(batch);
  }

  /** Up to and including `last`, or all. */
  #sync(last?: WriteBatch): void {
    const count = last === undefined ? this.#unsynced.length : this.#unsynced.indexOf(last) + 1;
    for (const batch of this.#unsynced.splice(0, count)) apply(this.#synced, batch);
    if (last === undefined) this.#synced.epoch = this.#completed.epoch;
  }
}
