/**
 * What one store object has seen of each key ([GET-4]), for the keys it used last. The invariant: what
 * is remembered of a key only grows until the key is forgotten.
 */
import { type CausalContext, emptyContext, joinContexts } from '../core/version/context.ts';

const keysMax = 10_000;

export class Session {
  /** In order of use: a Map keeps the order of insertion. */
  readonly #seen = new Map<string, CausalContext>();
  readonly #limit: number;

  constructor(limit = keysMax) {
    this.#limit = limit;
  }

  seen(key: string): CausalContext {
    return this.#seen.get(key) ?? emptyContext;
  }

  saw(key: string, seen: CausalContext): void {
    const joined = joinContexts(this.seen(key), seen);
    this.#seen.delete(key);
    this.#seen.set(key, joined);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= this.#limit) return;
      this.#seen.delete(oldest);
    }
  }
}
