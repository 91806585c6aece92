/** What tabs of one browser profile share, in tests: locks and storage. */
import { forceCloseDatabase } from 'fake-indexeddb';

/** The locks of one browser profile: exclusive ones only, granted in turn. */
export class FakeLocks {
  readonly #held = new Map<string, (() => void)[]>();

  async request(name: string, options: unknown, granted?: unknown): Promise<unknown> {
    if (typeof granted !== 'function') throw new TypeError('no callback');
    const { ifAvailable, signal }: LockOptions = typeof options === 'object' ? { ...options } : {};
    const waiting = this.#held.get(name);
    if (waiting !== undefined) {
      if (ifAvailable) return granted(null);
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => {
          waiting.splice(waiting.indexOf(resolve), 1);
          reject(signal.reason);
        });
      });
    } else this.#held.set(name, []);
    try {
      return await granted({ name, mode: 'exclusive' });
    } finally {
      const next = this.#held.get(name)?.shift();
      if (next === undefined) this.#held.delete(name);
      else next();
    }
  }

  async query(): Promise<LockManagerSnapshot> {
    return { held: [...this.#held.keys()].map((name) => ({ name })), pending: [] };
  }

  isHeld(name: string): boolean {
    return this.#held.has(name);
  }
}

export const fakeStorage = () => {
  const items = new Map<string, string>();
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    items,
  };
};

/** The browser closes it under the tab, as it does when the site's data are cleared. */
export function forceClose(connection: IDBDatabase): void {
  // The library's types take the class where they mean an instance of it.
  const close: unknown = forceCloseDatabase;
  if (typeof close === 'function') close(connection);
}
