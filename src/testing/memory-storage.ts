/**
 * StoragePort in memory, for tests and for hosts without a disk. A MemoryDisk is what remains when a MemoryStorage
 * is closed; it can be made to fail as disks do. Invariant: a batch is on the disk as a whole, in the order
 * of the calls, before its promise resolves; and what is on the disk shares nothing with who wrote it.
 */

import { StorageFailure, type StoragePort } from '../api/ports.ts';
import { dotName } from '../core/ids.ts';
import type { MembershipHistory } from '../core/ring/history.ts';
import type { Alive, Entry, Found, Opened, Read, Write, WriteBatch } from '../core/storage.ts';
import { randomId } from '../runtime/random-id.ts';

interface StoredKey {
  entry: Entry;
  readonly values: Map<string, Uint8Array>;
}

export class MemoryDisk {
  #storeId: string | undefined;
  #epoch = 0;
  #history: MembershipHistory = [];
  #alive: Alive | undefined;
  readonly keys = new Map<string, StoredKey>();
  isFull = false;
  readonly #newStoreId: () => string;
  #onLost: (() => void) | undefined;

  constructor(newStoreId: () => string = randomId) {
    this.#newStoreId = newStoreId;
  }

  /** From now on every write fails with 'full', until `free`. */
  fill(): void {
    this.isFull = true;
  }

  free(): void {
    this.isFull = false;
  }

  /** The connection breaks; the data stays. */
  lose(): void {
    const onLost = this.#onLost;
    this.#onLost = undefined;
    onLost?.();
  }

  /** Everything is deleted, under the feet of those who have the disk open. */
  wipe(): void {
    this.#storeId = undefined;
    this.#epoch = 0;
    this.#history = [];
    this.#alive = undefined;
    this.keys.clear();
    this.lose();
  }

  /** Takes the next epoch. Who had the disk open before loses it. */
  attach(onLost: () => void): Opened {
    this.lose();
    this.#onLost = onLost;
    this.#storeId ??= this.#newStoreId();
    this.#epoch++;
    const entries = [...this.keys].map(([key, { entry }]) => [key, entry] as const);
    const alive = this.#alive ? { alive: this.#alive } : {};
    return structuredClone({ storeId: this.#storeId, epoch: this.#epoch, history: this.#history, ...alive, entries });
  }

  detach(): void {
    this.#onLost = undefined;
  }

  apply(write: Write): void {
    switch (write.kind) {
      case 'epoch':
        this.#epoch = write.epoch;
        return;
      case 'history':
        this.#history = structuredClone(write.history);
        return;
      case 'alive':
        this.#alive = write.alive;
        return;
      case 'key': {
        if (write.entry === undefined) {
          this.keys.delete(write.key);
          return;
        }
        const values = this.keys.get(write.key)?.values ?? new Map<string, Uint8Array>();
        for (const dot of write.drop) values.delete(dotName(dot));
        for (const [dot, value] of write.values) values.set(dotName(dot), value.slice());
        this.keys.set(write.key, { entry: structuredClone(write.entry), values });
        return;
      }
      default:
        write satisfies never;
    }
  }
}

export class MemoryStorage implements StoragePort {
  readonly #disk: MemoryDisk;
  /** What was asked of one connection never reaches a later one. */
  #connection: symbol | undefined;

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk;
  }

  async open(onLost: () => void): Promise<Opened> {
    const opened = this.#disk.attach(() => {
      this.#connection = undefined;
      onLost();
    });
    this.#connection = Symbol('connection');
    return opened;
  }

  async write(batch: WriteBatch): Promise<void> {
    await this.#turnEnd();
    if (this.#disk.isFull) throw new StorageFailure('full', 'the disk is full');
    for (const write of batch.writes) this.#disk.apply(write);
  }

  async read(read: Read): Promise<Found> {
    await this.#turnEnd();
    const stored = this.#disk.keys.get(read.key);
    const entry = read.withEntry ? structuredClone(stored?.entry) : undefined;
    return { entry, values: read.dots.map((dot) => stored?.values.get(dotName(dot))?.slice()) };
  }

  async close(): Promise<void> {
    await Promise.resolve();
    if (this.#connection !== undefined) this.#disk.detach();
    this.#connection = undefined;
  }

  async destroy(): Promise<void> {
    this.#disk.wipe();
  }

  /** Nothing is on a disk within the turn that asks for it. */
  async #turnEnd(): Promise<void> {
    const connection = this.#connection;
    await Promise.resolve();
    if (connection === undefined || connection !== this.#connection) {
      throw new StorageFailure('lost', 'the database is not open');
    }
  }
}
