/**
 * Keys of which storage has lost values since it was opened, and how often that was so in each partition. The
 * invariant: a count never goes back, so that who remembers one knows whether anything was lost since ([XFER-1]). Keys
 * are forgotten when their partition lacks nothing any more: what is not there then is nowhere.
 */
import type { Partition } from '../ids.ts';

export class Losses {
  readonly #keys = new Map<Partition, Set<string>>();
  readonly #counts = new Map<Partition, number>();
  #count = 0;

  add(key: string, partition: Partition): void {
    this.#keys.set(partition, (this.#keys.get(partition) ?? new Set<string>()).add(key));
    this.#counts.set(partition, ++this.#count);
  }

  has(key: string, partition: Partition): boolean {
    return this.#keys.get(partition)?.has(key) ?? false;
  }

  /** 0 if nothing of it was lost. */
  of(partition: Partition): number {
    return this.#counts.get(partition) ?? 0;
  }

  /** All that the others have of the partition is here. */
  settled(partition: Partition): void {
    this.#keys.delete(partition);
  }

  repartition(place: (key: string) => Partition): void {
    const keys = [...this.#keys.values()].flatMap((all) => [...all]);
    this.clear();
    for (const key of keys) this.add(key, place(key));
  }

  clear(): void {
    this.#keys.clear();
    this.#counts.clear();
  }
}
