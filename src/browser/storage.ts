/**
 * StoragePort over IndexedDB ([STO-1], [STO-2]), one database for each node.
 *
 *   meta     name           → store id, epoch, history, alive
 *   entries  key            → Entry
 *   values   [key, dotName] → bytes
 *
 * Invariant: at most one write transaction is under way, and a batch's promise resolves only after the
 * `complete` event of the transaction that holds it and after all batches before it have ended.
 *
 *   write write write ─► gathering ─(turn over, nothing under way)─► one transaction ─► complete
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB, unwrap } from 'idb';
import { StorageFailure, type StoragePort } from '../api/ports.ts';
import { dotName, isStoreId } from '../core/ids.ts';
import type { MembershipHistory } from '../core/ring/history.ts';
import type { Alive, Entry, Found, Opened, Read, Write, WriteBatch } from '../core/storage.ts';
import { randomId } from '../runtime/random-id.ts';
import { upgrade } from './storage-upgrade.ts';
import { databaseVersion } from './storage-version.ts';

interface Schema extends DBSchema {
  meta: { key: 'storeId' | 'epoch' | 'history' | 'alive'; value: string | number | MembershipHistory | Alive };
  entries: { key: string; value: Entry };
  values: { key: [key: string, dot: string]; value: Uint8Array };
}

type Database = IDBPDatabase<Schema>;

/** Entries read at once when a database is opened. */
const pageLength = 1000;

interface Group {
  readonly batches: WriteBatch[];
  /** How the transaction that holds them ended. */
  readonly done: Promise<void>;
}

export class IdbStorage implements StoragePort {
  readonly #name: string;
  #database: Database | undefined;
  #onLost: () => void = () => undefined;
  /** Batches for the next transaction. */
  #gathering: Group | undefined;
  /** Resolves, never rejects, when all batches so far have ended. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this.#name = name;
  }

  async open(onLost: () => void): Promise<Opened> {
    await this.close();
    let database: Database | undefined;
    let notUpgraded: unknown;
    try {
      database = await openDB<Schema>(this.#name, databaseVersion, {
        upgrade(old, from, _, transaction) {
          transaction.done.catch(() => undefined);
          upgrade(unwrap(old), unwrap(transaction), from).catch((error: unknown) => {
            notUpgraded = transaction.error ?? error;
            // If that was ended already, it is why the upgrade failed.
            if (transaction.error === null) transaction.abort();
          });
        },
        // Somebody deletes the database: it must not have to wait for this tab.
        blocking: () => this.#lose(database),
        terminated: () => this.#lose(database),
      });
      this.#database = database;
      this.#onLost = onLost;
      const identity = await takeEpoch(database);
      const entries = await readEntries(database);
      if (this.#database !== database) throw notOpen();
      return { ...identity, entries };
    } catch (error) {
      this.#forget(database);
      throw failure(notUpgraded ?? error);
    }
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

  async close(): Promise<void> {
    await this.#settled;
    this.#forget(this.#database);
  }

  async destroy(): Promise<void> {
    await this.close();
    await deleteDB(this.#name).catch((error: unknown) => {
      throw failure(error);
    });
  }

  #gather(database: Database): Group {
    const batches: WriteBatch[] = [];
    const done = this.#settled.then(async () => {
      if (this.#database !== database) throw failure(notOpen());
      this.#gathering = undefined;
      await commit(database, batches).catch((error: unknown) => {
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

async function commit(database: Database, batches: readonly WriteBatch[]): Promise<void> {
  const durability = batches.some(({ strict }) => strict) ? 'strict' : 'relaxed';
  const transaction = unwrap(database).transaction(['meta', 'entries', 'values'], 'readwrite', { durability });
  const ended = endOf(transaction);
  try {
    for (const { writes } of batches) for (const write of writes) put(transaction, write);
    transaction.commit();
  } catch (error) {
    // Without this the writes before the one that failed would be committed.
    ended.catch(() => undefined);
    transaction.abort();
    throw error;
  }
  await ended;
}

/** The store id and the next epoch, committed before anybody can use them ([VER-3]). */
async function takeEpoch(database: Database): Promise<Omit<Opened, 'entries'>> {
  const transaction = database.transaction('meta', 'readwrite', { durability: 'strict' });
  transaction.done.catch(() => undefined);
  const { store } = transaction;
  const [storedId, lastEpoch, history, alive] = await Promise.all([
    store.get('storeId'),
    store.get('epoch'),
    store.get('history'),
    store.get('alive'),
  ]);
  const isNew = typeof storedId !== 'string' || !isStoreId(storedId);
  const storeId = isNew ? randomId() : storedId;
  const epoch = !isNew && Number.isSafeInteger(lastEpoch) ? Number(lastEpoch) + 1 : 1;
  await Promise.all([store.put(storeId, 'storeId'), store.put(epoch, 'epoch'), transaction.done]);
  const known = typeof alive === 'object' && 'uptime' in alive ? { alive } : {};
  return { storeId, epoch, history: Array.isArray(history) ? history : [], ...known };
}

async function readEntries(database: Database): Promise<[key: string, entry: Entry][]> {
  const all: [string, Entry][] = [];
  for (let after: string | undefined; ; ) {
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
    const transaction = database.transaction('entries');
    transaction.done.catch(() => undefined);
    const { store } = transaction;
    const [keys, entries] = await Promise.all([store.getAllKeys(range, pageLength), store.getAll(range, pageLength)]);
    entries.forEach((entry, index) => {
      const key = keys[index];
      if (key !== undefined) all.push([key, entry]);
    });
    after = keys.at(-1);
    if (keys.length < pageLength) return all;
  }
}

function put(transaction: IDBTransaction, write: Write): void {
  const meta = transaction.objectStore('meta');
  const entries = transaction.objectStore('entries');
  const values = transaction.objectStore('values');
  switch (write.kind) {
    case 'epoch':
      meta.put(write.epoch, 'epoch');
      return;
    case 'history':
      meta.put(write.history, 'history');
      return;
    case 'alive':
      meta.put(write.alive, 'alive');
      return;
    case 'key': {
      const { key, entry } = write;
      if (entry === undefined) {
        entries.delete(key);
        // An array sorts after every string: this is all of the key's values.
        values.delete(IDBKeyRange.bound([key], [key, []]));
        return;
      }
      entries.put(entry, key);
      for (const dot of write.drop) values.delete([key, dotName(dot)]);
      for (const [dot, value] of write.values) values.put(compact(value), [key, dotName(dot)]);
      return;
    }
    default:
      write satisfies never;
  }
}

/** A view is stored with the whole buffer below it. */
function compact(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error ?? new DOMException('aborted', 'AbortError')));
  });
}

const newer = 'the database was written by a newer version of this page: reload this page to get that version';

const notOpen = (): DOMException => new DOMException('the database is not open', 'InvalidStateError');

function failure(error: unknown): StorageFailure {
  const name = error instanceof Error ? error.name : '';
  // Browsers leave the message of some errors empty.
  const cause = error instanceof Error && error.message === '' ? name : error;
  if (name === 'QuotaExceededError') return new StorageFailure('full', cause);
  if (name === 'VersionError') return new StorageFailure('failed', newer);
  if (name === 'InvalidStateError' || name === 'NotFoundError') return new StorageFailure('lost', cause);
  return new StorageFailure('failed', cause);
}
