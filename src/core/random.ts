/** The node's own seeded generator, so that a step is a function of what went in. */
import { unsafeUniformIntDistribution, xoroshiro128plus } from 'pure-rand';

export class Random {
  readonly #generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number, 0 ≤ x < below. */
  below(below: number): number {
    return unsafeUniformIntDistribution(0, below - 1, this.#generator);
  }

  /** Six characters, for what must not be called the same twice. */
  name(): string {
    return this.below(2 ** 30)
      .toString(32)
      .padStart(6, '0');
  }

  /** `count` different items in random order, or all of them. */
  pick<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    const picked: T[] = [];
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(this.below(rest.length), 1));
    return picked;
  }
}
