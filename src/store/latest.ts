/**
 * An async iterator over the latest of something: a slow consumer skips to the newest item. The
 * invariant: an item and a waiting consumer never exist at once.
 */
type Step<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

export class Latest<T> implements AsyncIterableIterator<T, undefined> {
  #item: { readonly value: T } | undefined;
  #waiting: Step<T>[] = [];
  #end: { readonly error?: unknown } | undefined;
  readonly #onEnd: () => void;

  /** `onEnd` is called once, no matter who ends the iteration. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    if (this.#end !== undefined) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#item = { value };
    else waiting.resolve({ done: false, value });
  }

  /** Ends the iteration; with an error the next call rejects. An item not yet taken is still handed out. */
  end(end: { readonly error?: unknown } = {}): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const waiting of this.#waiting.splice(0)) this.#finish(waiting);
    this.#onEnd();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const item = this.#item;
      this.#item = undefined;
      if (item !== undefined) resolve({ done: false, value: item.value });
      else if (this.#end !== undefined) this.#finish({ resolve, reject });
      else this.#waiting.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#item = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => undefined);
  }

  #finish(waiting: Step<T>): void {
    if (this.#end !== undefined && 'error' in this.#end) {
      waiting.reject(this.#end.error);
      this.#end = {};
    } else waiting.resolve({ done: true, value: undefined });
  }
}
