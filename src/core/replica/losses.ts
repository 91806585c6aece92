/**
 * Keys of which storage has lost values since it was opened, and how often that was so in each partition. The
 * invariant: a count never goes back, so that who remembers one knows whether anything was lost since ([XFER-1]).
 */
import type { Partition } from '../ids.ts';

export class Losses {
  readonly #keys = new Set<string>();
  readonly #counts = new Map<Partition, number>();
  #count = 0;

  add(key: string, partition: Partition): void {
    this.#keys.add(key);
    this.#counts.set(partition, ++this.#count);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** 0 if nothing of it was lost. */
  of(partition: Partition): number {
    return this.#counts.get(partition) ?? 0;
  }

  repartition(place: (key: string) => Partition): void {
    this.#counts.clear();
    for (const key of this.#keys) this.add(key, place(key));
  }

  clear(): void {
    this.#keys.clear();
    this.#counts.clear();
  }
}
