/**
 * Values in memory, bounded in bytes ([STO-3]). The invariant: a value that is not yet on disk is
 * never evicted, so that a value that is not here can be read from storage.
 */
import { type Dot, dotName } from '../ids.ts';

interface Cached {
  readonly bytes: Uint8Array;
  /** The write that will store it, 0 once it is stored. */
  write: number;
}

export class ValueCache {
  readonly #limit: number;
  /** In order of use: a Map keeps the order of insertion. */
  readonly #cached = new Map<string, Cached>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  static #name(key: string, dot: Dot): string {
    return `${dotName(dot)}/${key}`;
  }

  get(key: string, dot: Dot): Uint8Array | undefined {
    const name = ValueCache.#name(key, dot);
    const cached = this.#cached.get(name);
    if (cached === undefined) return undefined;
    this.#cached.delete(name);
    this.#cached.set(name, cached);
    return cached.bytes;
  }

  /** `write` 0: it is on disk already. */
  set(key: string, dot: Dot, bytes: Uint8Array, write: number): void {
    this.delete(key, dot);
    this.#cached.set(ValueCache.#name(key, dot), { bytes, write });
    this.#bytes += bytes.length;
    this.#evict();
  }

  delete(key: string, dot: Dot): void {
    const name = ValueCache.#name(key, dot);
    const cached = this.#cached.get(name);
    if (cached === undefined) return;
    this.#cached.delete(name);
    this.#bytes -= cached.bytes.length;
  }

  /** The write is complete: its value may be evicted from now on. */
  stored(key: string, dot: Dot, write: number): void {
    const cached = this.#cached.get(ValueCache.#name(key, dot));
    if (cached?.write === write) cached.write = 0;
  }

  clear(): void {
    this.#cached.clear();
    this.#bytes = 0;
  }

  #evict(): void {
    if (this.#bytes <= this.#limit) return;
    for (const [name, cached] of this.#cached) {
      if (this.#bytes <= this.#limit) return;
      if (cached.write !== 0) continue;
      this.#cached.delete(name);
      this.#bytes -= cached.bytes.length;
    }
  }
}
