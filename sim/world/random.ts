/**
 * The one source of chance of a simulation. Invariant: all that is random in a run is drawn from one
 * seeded generator, in the order of events, so that a seed names a run for ever.
 */
import { type RandomGenerator, unsafeUniformIntDistribution, xoroshiro128plus } from 'pure-rand';

export class SeededRandom {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(scattered(seed));
    // Its first numbers are much alike for all seeds.
    for (let skipped = 0; skipped < 16; skipped++) this.#generator.unsafeNext();
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return unsafeUniformIntDistribution(min, max, this.#generator);
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return (this.#generator.unsafeNext() >>> 0) / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number of milliseconds around `mean`, at least 1, exponentially distributed. */
  around(mean: number): number {
    return Math.max(1, Math.round(-Math.log(1 - this.fraction()) * mean));
  }

  /** Undefined only for an empty list. */
  pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.int(0, list.length - 1)];
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let end = shuffled.length - 1; end > 0; end--) {
      const at = this.int(0, end);
      const moved = shuffled[end];
      const other = shuffled[at];
      if (moved !== undefined && other !== undefined) {
        shuffled[end] = other;
        shuffled[at] = moved;
      }
    }
    return shuffled;
  }

  /** A name as nodes and stores have them: 12 characters of `a-z2-7`. */
  name(): string {
    let name = '';
    while (name.length < 12) name += 'abcdefghijklmnopqrstuvwxyz234567'[this.int(0, 31)];
    return name;
  }
}

/** Neighbouring seeds far apart (the finalizer of MurmurHash3). */
function scattered(seed: number): number {
  let hash = seed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
