/** Runs tasks of the same key one at a time, in order; tasks of different keys at once. */
import { OverloadedError } from '../api/errors.ts';

export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #limit: number;
  #waiting = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws OverloadedError when as many tasks as the limit have not ended. */
  async run<R>(key: string, task: () => Promise<R>): Promise<R> {
    if (this.#waiting >= this.#limit) throw new OverloadedError(`${this.#limit} updates wait their turn already`);
    this.#waiting += 1;
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(task);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
    return result;
  }
}
