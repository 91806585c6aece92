/**
 * Stores in one process whose time passes only when everything waits for it, so that thousands of calls take seconds.
 * Invariant: a call that is settled without time passing was refused, or answered, at once.
 */
import type { ClockPort, Codec, Store } from '../../src/index.ts';
import { openStore } from '../../src/index.ts';
import { MemoryDisk, MemoryHub, MemoryStorage } from '../../src/testing/index.ts';

class Time {
  now = 0;
  readonly #alarms = new Map<object, { readonly time: number; readonly call: () => void }>();

  clock(): ClockPort {
    const self = {};
    return {
      now: () => this.now,
      wakeAt: (time, call) => void this.#alarms.set(self, { time, call }),
      stop: () => void this.#alarms.delete(self),
    };
  }

  /** To the next alarm. */
  pass(): void {
    const [next] = [...this.#alarms].toSorted(([, a], [, b]) => a.time - b.time);
    if (next === undefined) return;
    const [clock, { time, call }] = next;
    this.#alarms.delete(clock);
    this.now = Math.max(this.now, time);
    call();
  }
}

export type Settled<R> =
  | { readonly ok: true; readonly value: R; readonly atOnce: boolean }
  | { readonly ok: false; readonly error: unknown; readonly atOnce: boolean };

/** What can happen without time passing has happened. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** So often time passes at most: about a minute. */
const patience = 1000;

export class Ring<T> {
  readonly hub = new MemoryHub();
  readonly stores: Store<T>[] = [];
  readonly #time = new Time();
  readonly #codec: Codec<T>;
  #seed = 1;

  constructor(codec: Codec<T>) {
    this.#codec = codec;
  }

  options() {
    const storage = new MemoryStorage(new MemoryDisk());
    const ports = { transport: this.hub.transport(), storage, clock: this.#time.clock(), random: () => this.#seed++ };
    return { room: 'fuzz', signaling: '', codec: this.#codec, ports };
  }

  async open(): Promise<Store<T>> {
    const opened = await this.settle(openStore<T>(this.options()));
    if (!opened.ok) throw opened.error;
    this.stores.push(opened.value);
    return opened.value;
  }

  /** The outcome of a call, time passing as needed. */
  async settle<R>(call: Promise<R>): Promise<Settled<R>> {
    let settled: Settled<R> | undefined;
    let atOnce = true;
    call.then(
      (value) => {
        settled = { ok: true, value, atOnce };
      },
      (error: unknown) => {
        settled = { ok: false, error, atOnce };
      },
    );
    for (let passed = 0; passed < patience; passed++) {
      await quiet();
      if (settled) return settled;
      atOnce = false;
      this.#time.pass();
    }
    throw new Error('a call has no end');
  }

  async until(condition: () => boolean): Promise<void> {
    for (let passed = 0; !condition(); passed++) {
      if (passed > patience) throw new Error(`not so after long: ${condition}`);
      this.#time.pass();
      await quiet();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}
