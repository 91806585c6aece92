/**
 * StoragePort over IndexedDB ([STO-1], [STO-2]), one database for each node.
 *
 *   meta     name           → store id, epoch, history, alive
 *   entries  key            → Entry
 *   values   [key, dotName] → bytes
 *
 * Invariant: at most one write transaction is under way, and a batch's promise resolves only after the
 * `complete` event of the transaction that holds it and after all batches before it have ended. Of openings, the last
 * one counts: one that comes after another, or after `close`, is closed, and takes no epoch.
 *
 *   write write write ─► gathering ─(turn over, nothing under way)─► one transaction ─► complete
 */
import { deleteDB, openDB, unwrap } from 'idb';
import { StorageFailure, type StoragePort } from '../api/ports.ts';
import { dotName } from '../core/ids.ts';
import type { Found, Opened, Read, WriteBatch } from '../core/storage.ts';
import { commit, type Database, readAll, type Schema } from './storage-records.ts';
import { upgrade } from './storage-upgrade.ts';
import { databaseVersion } from './storage-version.ts';

/** Milliseconds that who has the database open in an earlier version gets to close it. */
const blockedMs = 5000;
/** Milliseconds that a transaction gets to end when the database is closed. */
const closingMs = 2000;
/** Milliseconds that deleting a database may take. */
const deletingMs = 10_000;

interface Group {
  readonly batches: WriteBatch[];
  /** How the transaction that holds them ended. */
  readonly done: Promise<void>;
}

export class IdbStorage implements StoragePort {
  readonly #name: string;
  #database: Database | undefined;
  #onLost: () => void = () => undefined;
  /** Counts openings, and what calls them off. */
  #calls = 0;
  #callOff: () => void = () => undefined;
  /** The last one that was begun. */
  #transaction: IDBTransaction | undefined;
  /** Batches for the next transaction. */
  #gathering: Group | undefined;
  /** Resolves, never rejects, when all batches so far have ended. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this.#name = name;
  }

  async open(onLost: () => void): Promise<Opened> {
    const call = ++this.#calls;
    let database: Database | undefined;
    try {
      await this.#disconnect();
      database = await this.#connect(call);
      this.#database = database;
      this.#onLost = onLost;
      const reading = readAll(database);
      // Who closes waits for it, as for a write.
      this.#settled = reading.catch(() => undefined);
      const opened = await reading;
      if (this.#database !== database) throw notOpen();
      return opened;
    } catch (error) {
      this.#forget(database);
      throw failure(error);
    }
  }

  /** Rejects at once when it is called off, and does not wait for an IndexedDB that may never answer. */
  async #connect(call: number): Promise<Database> {
    if (call !== this.#calls) throw notOpen();
    let database: Database | undefined;
    let notUpgraded: unknown;
    let blocked: ReturnType<typeof setTimeout> | undefined;
    return new Promise((resolve, reject) => {
      this.#callOff = () => reject(notOpen());
      const callOff = (why: StorageFailure): void => {
        this.#calls++;
        reject(why);
      };
      const opening = openDB<Schema>(this.#name, databaseVersion, {
        upgrade(old, from, _, transaction) {
          clearTimeout(blocked);
          transaction.done.catch(() => undefined);
          upgrade(unwrap(old), unwrap(transaction), from).catch((error: unknown) => {
            notUpgraded = transaction.error ?? error;
            // If that was ended already, it is why the upgrade failed.
            if (transaction.error === null) transaction.abort();
          });
        },
        blocked: () => {
          blocked = setTimeout(() => callOff(new StorageFailure('failed', heldOpen)), blockedMs);
        },
        // Somebody deletes the database: it must not have to wait for this tab.
        blocking: () => this.#lose(database),
        terminated: () => this.#lose(database),
      });
      opening
        .then((opened) => {
          database = opened;
          if (call === this.#calls) return resolve(opened);
          opened.close();
          reject(notOpen());
        })
        .catch((error: unknown) => reject(notUpgraded ?? error))
        .finally(() => clearTimeout(blocked));
    });
  }

  async write(batch: WriteBatch): Promise<void> {
    if (this.#database === undefined) throw failure(notOpen());
    this.#gathering ??= this.#gather(this.#database);
    this.#gathering.batches.push(batch);
    return this.#gathering.done;
  }

  async read(read: Read): Promise<Found> {
    // What was written earlier in this turn is there; what is being committed is waited for by IndexedDB.
    await this.#gathering?.done.catch(() => undefined);
    const database = this.#database;
    if (database === undefined) throw failure(notOpen());
    try {
      const transaction = database.transaction(['entries', 'values']);
      transaction.done.catch(() => undefined);
      const stored = transaction.objectStore('values');
      const [entry, values] = await Promise.all([
        read.withEntry ? transaction.objectStore('entries').get(read.key) : undefined,
        Promise.all(read.dots.map((dot) => stored.get([read.key, dotName(dot)]))),
      ]);
      return { entry, values };
    } catch (error) {
      throw this.#blame(database, error);
    }
  }

  close(): Promise<void> {
    this.#calls++;
    return this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    this.#callOff();
    const database = this.#database;
    if (!(await endsWithin(this.#settled, closingMs))) abort(this.#transaction);
    this.#forget(database);
  }

  async destroy(): Promise<void> {
    await this.close();
    let failed: unknown;
    const deleting = deleteDB(this.#name).catch((error: unknown) => {
      failed = failure(error);
    });
    if (!(await endsWithin(deleting, deletingMs))) failed = new StorageFailure('failed', heldOpen);
    if (failed !== undefined) throw failed;
  }

  #gather(database: Database): Group {
    const batches: WriteBatch[] = [];
    const done = this.#settled.then(async () => {
      if (this.#database !== database) throw failure(notOpen());
      this.#gathering = undefined;
      const begun = (transaction: IDBTransaction): void => {
        this.#transaction = transaction;
      };
      await commit(database, batches, begun).catch((error: unknown) => {
        throw this.#blame(database, error);
      });
    });
    this.#settled = done.catch(() => undefined);
    return { batches, done };
  }

  /** A connection that takes no more transactions is as lost as one whose `close` event came. */
  #blame(database: Database, error: unknown): StorageFailure {
    const blamed = failure(error);
    if (blamed.kind === 'lost') this.#lose(database);
    return this.#database === database ? blamed : new StorageFailure('lost', error);
  }

  #lose(database: Database | undefined): void {
    if (this.#forget(database)) this.#onLost();
  }

  /** What waits for this database will be refused, and nothing later waits for it. */
  #forget(database: Database | undefined): boolean {
    database?.close();
    if (database === undefined || this.#database !== database) return false;
    this.#database = undefined;
    this.#gathering = undefined;
    this.#settled = Promise.resolve();
    return true;
  }
}

/** Whether the promise, which never rejects, has resolved by then. */
async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}

/** A transaction that does not end holds up all that comes after it, also of the next connection. */
function abort(transaction: IDBTransaction | undefined): void {
  try {
    transaction?.abort();
  } catch {
    // It has ended.
  }
}

const heldOpen = 'another tab has this database open, and does not close it: close the other tabs of this page';

const newer = 'the database was written by a newer version of this page: reload this page to get that version';

const notOpen = (): DOMException => new DOMException('the database is not open', 'InvalidStateError');

function failure(error: unknown): StorageFailure {
  if (error instanceof StorageFailure) return error;
  const name = error instanceof Error ? error.name : '';
  // Browsers leave the message of some errors empty.
  const cause = error instanceof Error && error.message === '' ? name : error;
  if (name === 'QuotaExceededError') return new StorageFailure('full', cause);
  if (name === 'VersionError') return new StorageFailure('failed', newer);
  if (name === 'InvalidStateError' || name === 'NotFoundError') return new StorageFailure('lost', cause);
  return new StorageFailure('failed', cause);
}
