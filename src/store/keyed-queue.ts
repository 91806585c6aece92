/** Runs tasks of the same key one at a time, in order; tasks of different keys at once. */
import { OverloadedError } from '../api/errors.ts';

export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #limit: number;
  #tasks = 0;
  #size = 0;

  /** `limit` is that of the sizes of all tasks which have not ended. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Tasks that have not ended. */
  get tasks(): number {
    return this.#tasks;
  }

  /** Throws OverloadedError when those that have not ended are as many as the limit. */
  async run<R>(key: string, task: () => Promise<R>, size = 1): Promise<R> {
    if (this.#size + size > this.#limit) {
      throw new OverloadedError(`${this.#tasks} updates wait their turn already: wait for some of them`);
    }
    this.#tasks += 1;
    this.#size += size;
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(task);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        this.#tasks -= 1;
        this.#size -= size;
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
    return result;
  }
}
