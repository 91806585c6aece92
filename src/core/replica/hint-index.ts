/**
 * The keys that are held only for absent owners ([HINT-1]), by owner and by partition, so that no one has to go through
 * all of them. The invariant: what is here is what the entries say.
 * Scenarios: sim/scenarios/hints.test.ts.
 */
import type { NodeId, Partition } from '../ids.ts';
import type { Entry } from '../storage.ts';
import { sizeOf } from '../version/siblings.ts';

const NONE: ReadonlySet<string> = new Set();

export class HintIndex {
  readonly #keys = new Set<string>();
  readonly #ofOwner = new Map<NodeId, Set<string>>();
  /** How many there are in each partition. */
  readonly #in = new Map<Partition, number>();
  /** Bytes of the values of all hints. */
  bytes = 0;

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#keys.values();
  }

  owners(): NodeId[] {
    return [...this.#ofOwner.keys()];
  }

  /** What is held for this owner; a walk through it meets what comes meanwhile. */
  of(owner: NodeId): ReadonlySet<string> {
    return this.#ofOwner.get(owner) ?? NONE;
  }

  /** The partitions of which there are any. */
  partitions(): Partition[] {
    return [...this.#in.keys()];
  }

  isIn(partition: Partition): boolean {
    return this.#in.has(partition);
  }

  /** The entry of a key of this partition has changed. */
  change(key: string, partition: Partition, before: Entry | undefined, after: Entry | undefined): void {
    const [had = [], has = []] = [before?.hintFor, after?.hintFor];
    this.bytes +=
      (has.length > 0 ? sizeOf(after?.versions ?? []) : 0) - (had.length > 0 ? sizeOf(before?.versions ?? []) : 0);
    if (had.length > 0 !== has.length > 0) this.#count(key, partition, has.length > 0);
    if (had === has) return;
    for (const owner of had) if (!has.includes(owner)) this.#remove(owner, key);
    for (const owner of has) this.#ofOwner.set(owner, (this.#ofOwner.get(owner) ?? new Set<string>()).add(key));
  }

  #count(key: string, partition: Partition, isHint: boolean): void {
    if (isHint) this.#keys.add(key);
    else this.#keys.delete(key);
    const count = (this.#in.get(partition) ?? 0) + (isHint ? 1 : -1);
    if (count > 0) this.#in.set(partition, count);
    else this.#in.delete(partition);
  }

  #remove(owner: NodeId, key: string): void {
    const keys = this.#ofOwner.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#ofOwner.delete(owner);
  }

  clear(): void {
    for (const all of [this.#keys, this.#ofOwner, this.#in]) all.clear();
    this.bytes = 0;
  }
}
