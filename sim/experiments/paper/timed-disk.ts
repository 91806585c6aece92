/**
 * A disk that takes its time, for latency figures; nothing is ever lost. As the browser's storage does it: one
 * transaction at a time, and all that comes meanwhile goes into the next one, which is strict if any of it is.
 *
 *   write write write ─► gathering ─(nothing under way)─► one transaction ─(strict: a sync, relaxed: a buffer)─► complete
 *
 * The invariant: batches complete in the order of their writes.
 */
import { dotName } from '../../../src/core/ids.ts';
import type { Entry, Found, Read, WriteBatch } from '../../../src/core/storage.ts';

/** Milliseconds that one thing takes, drawn each time. */
export interface DiskTimes {
  /** A transaction that must reach the disk itself. */
  readonly sync: () => number;
  /** One that may rest in memory. */
  readonly buffer: () => number;
  /** A value that is not in the node's own cache. */
  readonly read: () => number;
}

interface Waiting {
  readonly batch: WriteBatch;
  readonly done: () => void;
}

export class TimedDisk {
  readonly #times: DiskTimes;
  readonly #after: (delay: number, run: () => void) => void;
  readonly #values = new Map<string, Map<string, Uint8Array>>();
  readonly #entries = new Map<string, Entry>();
  #gathering: Waiting[] = [];
  #busy = false;

  constructor(times: DiskTimes, after: (delay: number, run: () => void) => void) {
    this.#times = times;
    this.#after = after;
  }

  write(batch: WriteBatch, done: () => void): void {
    this.#gathering.push({ batch, done });
    if (!this.#busy) this.#commit();
  }

  read(read: Read, answer: (found: Found) => void): void {
    this.#after(this.#times.read(), () => {
      const values = this.#values.get(read.key);
      const entry = read.withEntry ? this.#entries.get(read.key) : undefined;
      answer({ entry, values: read.dots.map((dot) => values?.get(dotName(dot))) });
    });
  }

  #commit(): void {
    const committing = this.#gathering.splice(0);
    if (committing.length === 0) return;
    this.#busy = true;
    const strict = committing.some(({ batch }) => batch.strict);
    this.#after(strict ? this.#times.sync() : this.#times.buffer(), () => {
      this.#busy = false;
      for (const { batch } of committing) this.#apply(batch);
      for (const { done } of committing) done();
      if (!this.#busy) this.#commit();
    });
  }

  #apply({ writes }: WriteBatch): void {
    for (const write of writes) {
      if (write.kind !== 'key') continue;
      if (write.entry === undefined) {
        this.#values.delete(write.key);
        this.#entries.delete(write.key);
      } else {
        this.#entries.set(write.key, write.entry);
        const values = this.#values.get(write.key) ?? new Map<string, Uint8Array>();
        this.#values.set(write.key, values);
        for (const dot of write.drop) values.delete(dotName(dot));
        for (const [dot, value] of write.values) values.set(dotName(dot), value);
      }
    }
  }
}
