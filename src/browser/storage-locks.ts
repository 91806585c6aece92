/**
 * Locks for a page that has no Web Locks, since it came by plain http ([ID-3]). A lock is a database that is held open: it
 * is deleted only when nobody has it open, and the browser closes what a tab had open when that tab ends, however it ends.
 * Invariant: who has deleted it, and has then made it, is alone with it. No clock and no heartbeat says so: a tab that
 * stood still for hours has what it had.
 *
 *   delete ──nobody has it open──▶ make ──▶ held, until it is closed, or the tab ends
 *      └──blocked, or no word──▶ another tab holds it
 *
 * A deletion that waits cannot be taken back, and who deletes after it is not told that it waits, too. So tabs are asked as
 * well. One that says that it holds something is believed; that none says so decides nothing.
 */
import { deleteDB, type IDBPDatabase, openDB } from 'idb';

/** Milliseconds without a word after which a lock is held by a tab that stands still, which is told of no deletion. */
const silentMs = 2000;

/** Milliseconds that other tabs get to say what they hold. One that says nothing may hold it all the same. */
const rollCallMs = 150;

const channelName = 'tabring/locks';

/** A node's own database has the name of its lock. */
const databaseOf = (name: string): string => `lock of ${name}`;

interface Deletion {
  /** True: nobody has the database open. It may take for ever. */
  readonly done: Promise<boolean>;
  /** False, as soon as somebody is known to have it open. */
  readonly blocked: Promise<boolean>;
}

/** What is used of a LockManager, as one. */
export class DatabaseLocks {
  readonly #held = new Set<string>();
  /** Those under way: one of a name is enough, however many wait for it. */
  readonly #deletions = new Map<string, Deletion>();
  #answering: BroadcastChannel | undefined;

  /** Calls with the lock, and holds it until that promise ends; with null if it is not to be had. AbortError: it was lost. */
  async request<R>(name: string, options: LockOptions, granted: (lock: Lock | null) => R): Promise<Awaited<R>> {
    const database = await this.#take(name, options);
    if (database === undefined) return await granted(null);
    this.#holds(name, true);
    const released = new AbortController();
    try {
      const lost = this.#lost(name, database, released.signal);
      return await Promise.race([granted({ name, mode: 'exclusive' }), lost]);
    } finally {
      released.abort();
      this.#holds(name, false);
    }
  }

  /** What the tabs of this profile say that they hold. */
  async query(): Promise<LockManagerSnapshot> {
    const names = new Set<string>();
    const asking = new BroadcastChannel(channelName);
    asking.addEventListener('message', ({ data }) => {
      if (Array.isArray(data)) for (const name of data) names.add(String(name));
    });
    asking.postMessage('who holds what?');
    await new Promise((resolve) => setTimeout(resolve, rollCallMs));
    asking.close();
    return { held: [...names].map((name) => ({ name })), pending: [] };
  }

  async #take(name: string, { ifAvailable = false, signal }: LockOptions): Promise<IDBPDatabase | undefined> {
    const patience = signal ?? AbortSignal.timeout(silentMs);
    const impatient = new Promise<boolean>((resolve) => {
      patience.addEventListener('abort', () => resolve(false), { once: true });
    });
    while (!patience.aborted) {
      const { done, blocked } = this.#delete(name);
      const isFree = await Promise.race(
        ifAvailable ? [done, blocked, this.#isSaid(name), impatient] : [done, impatient],
      );
      if (!isFree) return undefined;
      const database = await make(name);
      if (database !== undefined) return database;
    }
    return undefined;
  }

  /** False if a tab says that it holds it; else it ends no wait. */
  async #isSaid(name: string): Promise<boolean> {
    const { held = [] } = await this.query();
    return held.some((lock) => lock.name === name) ? false : new Promise(() => undefined);
  }

  #delete(name: string): Deletion {
    const underWay = this.#deletions.get(name);
    if (underWay !== undefined) return underWay;
    let block = (): void => undefined;
    const blocked = new Promise<boolean>((resolve) => {
      block = () => resolve(false);
    });
    const done = deleteDB(databaseOf(name), { blocked: () => block() })
      .then(() => true)
      .finally(() => this.#deletions.delete(name));
    done.catch(() => undefined);
    this.#deletions.set(name, { done, blocked });
    return { done, blocked };
  }

  /**
   * Rejects when another tab has the lock. The browser closes a database under a tab when the site's data are cleared: then it
   * is taken again at once, if that can be. When it was released nothing is left of it.
   */
  async #lost(name: string, first: IDBPDatabase, released: AbortSignal): Promise<never> {
    for (let database: IDBPDatabase | undefined = first; database; ) {
      if (!(await isClosed(database, released))) {
        database.close();
        this.#delete(name);
        return new Promise(() => undefined);
      }
      database = await this.#take(name, { ifAvailable: true });
    }
    throw new DOMException(`another tab has ${name}`, 'AbortError');
  }

  #holds(name: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(name);
    else this.#held.delete(name);
    if (this.#held.size === 0) {
      this.#answering?.close();
      this.#answering = undefined;
    } else this.#answering ??= this.#answer();
  }

  #answer(): BroadcastChannel {
    const answering = new BroadcastChannel(channelName);
    answering.addEventListener('message', ({ data }) => {
      if (!Array.isArray(data)) answering.postMessage([...this.#held]);
    });
    return answering;
  }
}

/** Undefined if another tab was faster. */
async function make(name: string): Promise<IDBPDatabase | undefined> {
  let isNew = false;
  const database = await openDB(databaseOf(name), 1, {
    upgrade() {
      isNew = true;
    },
  });
  if (isNew) return database;
  database.close();
  return undefined;
}

/** True when the browser has closed it; false at the signal. */
function isClosed(database: IDBPDatabase, released: AbortSignal): Promise<boolean> {
  if (released.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    database.addEventListener('close', () => resolve(true), { once: true });
    released.addEventListener('abort', () => resolve(false), { once: true });
  });
}
