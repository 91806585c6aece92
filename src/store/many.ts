/**
 * Many requests of one kind, each with an outcome of its own ([API-5]). The invariant: no more of the source is taken
 * than there is room for, of requests and of outcomes that nobody has looked at yet; and what was taken has one outcome.
 *
 *   source ─► room for one more ─► request ─► outcomes ─► who iterates
 */
import type { KeyOutcome, PutEntry } from '../api/api.ts';
import { abortable } from './abortable.ts';
import { checkSignal, told } from './bounds.ts';

/** Requests under way, and outcomes that wait to be looked at, together: room is left for other requests. */
const windowMax = 64;

export interface Many<E, R> {
  readonly signal: AbortSignal | undefined;
  /** Resolves when a request would begin at once. */
  room(signal: AbortSignal): Promise<void>;
  /** Looks at an entry once. What it throws is the outcome of that entry alone. */
  take(entry: E): Taken<R>;
}

export interface Taken<R> {
  readonly key: unknown;
  request(signal: AbortSignal): Promise<R>;
}

export type Source<E> = Iterable<E> | AsyncIterable<E>;
type Steps<E> = Iterator<E> | AsyncIterator<E>;

/** TypeError for what cannot be iterated, and for text, which can, and is no list of keys. */
function checkSource(given: unknown): void {
  const isObject = typeof given === 'object' && given !== null;
  const methods = isObject ? [Reflect.get(given, Symbol.asyncIterator), Reflect.get(given, Symbol.iterator)] : [];
  if (methods.some((method) => typeof method === 'function')) return;
  throw new TypeError('what many are made of must be iterable, such as an array, a Map or a generator');
}

/** TypeError for what is none. */
export function entryOf<T>(entry: PutEntry<T>): PutEntry<T> {
  if (Array.isArray(entry)) return entry;
  throw new TypeError(`an entry is [key, value] or [key, value, context], not ${told(entry)}`);
}

export function outcomesOf<E, R>(source: Source<E>, many: Many<E, R>): AsyncIterable<KeyOutcome<R>> {
  checkSource(source);
  checkSignal(many.signal);
  return outcomes(source, many);
}

/** Nothing is taken before it is iterated. When that ends early, or the signal aborts, what waits is given up. */
async function* outcomes<E, R>(source: Source<E>, many: Many<E, R>): AsyncGenerator<KeyOutcome<R>, void, undefined> {
  const { signal } = many;
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const line = new Line<R>();
  stop.signal.addEventListener('abort', () => line.stop(stop.signal.reason), { once: true });
  try {
    const steps = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    pull(steps, many, line, stop.signal).then(
      () => line.end({}),
      (error: unknown) => line.end({ error }),
    );
    for (let outcome = await line.next(); outcome !== undefined; outcome = await line.next()) yield outcome;
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort(signal?.reason);
  }
}

async function pull<E, R>(steps: Steps<E>, many: Many<E, R>, line: Line<R>, signal: AbortSignal): Promise<void> {
  try {
    for (let index = 0; ; index++) {
      await abortable(line.room(), signal);
      await many.room(signal);
      const step = await abortable(Promise.resolve(steps.next()), signal);
      if (Object(step) !== step) throw new TypeError('what was given has an iterator whose steps are none');
      if (step.done) return;
      line.begin(index, taken(many, step.value));
    }
  } catch (error) {
    // A source that hangs, or fails again, is not waited for.
    Promise.resolve(steps.return?.()).catch(() => undefined);
    throw error;
  }
}

function taken<E, R>(many: Many<E, R>, entry: E): Taken<R> {
  try {
    return many.take(entry);
  } catch (error) {
    return { key: undefined, request: () => Promise.reject(error) };
  }
}

/** What is under way, and the outcomes in the order in which they came. */
class Line<R> {
  readonly #outcomes: KeyOutcome<R>[] = [];
  /** By what ends each: one signal for all would have a listener of each. */
  readonly #underWay = new Set<AbortController>();
  #end: { readonly error?: unknown } | undefined;
  #changed: () => void = () => undefined;
  #hasRoom: () => void = () => undefined;

  /** Resolves when one more may begin. */
  async room(): Promise<void> {
    while (this.#underWay.size + this.#outcomes.length >= windowMax) {
      await new Promise<void>((resolve) => {
        this.#hasRoom = resolve;
      });
    }
  }

  begin(index: number, { key, request }: Taken<R>): void {
    const stop = new AbortController();
    this.#underWay.add(stop);
    const settle = (how: PromiseSettledResult<R>): void => {
      this.#underWay.delete(stop);
      this.#outcomes.push({ index, key, ...how });
      this.#changed();
    };
    request(stop.signal).then(
      (value) => settle({ status: 'fulfilled', value }),
      (reason: unknown) => settle({ status: 'rejected', reason }),
    );
  }

  /** What is under way, or waits, is given up. */
  stop(reason: unknown): void {
    for (const stop of this.#underWay) stop.abort(reason);
  }

  end(end: { readonly error?: unknown }): void {
    this.#end = end;
    this.#changed();
  }

  /** The next outcome; undefined after the last, if nothing has failed but requests. */
  async next(): Promise<KeyOutcome<R> | undefined> {
    for (;;) {
      const outcome = this.#outcomes.shift();
      if (outcome !== undefined) {
        this.#hasRoom();
        return outcome;
      }
      if (this.#end !== undefined && this.#underWay.size === 0) {
        if ('error' in this.#end) throw this.#end.error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
