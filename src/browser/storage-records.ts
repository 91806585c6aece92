/**
 * What is read from a node's database and written to it, each within one transaction. The database itself, and when it
 * is open, is in storage.ts.
 */
import { type DBSchema, type IDBPDatabase, unwrap } from 'idb';
import { dotName, isStoreId } from '../core/ids.ts';
import type { MembershipHistory } from '../core/ring/history.ts';
import type { Alive, Entry, Opened, Write, WriteBatch } from '../core/storage.ts';
import { randomId } from '../runtime/random-id.ts';

export interface Schema extends DBSchema {
  meta: { key: 'storeId' | 'epoch' | 'history' | 'alive'; value: string | number | MembershipHistory | Alive };
  entries: { key: string; value: Entry };
  values: { key: [key: string, dot: string]; value: Uint8Array };
}

export type Database = IDBPDatabase<Schema>;

/** Entries read at once when a database is opened. */
const pageLength = 1000;

export async function commit(
  database: Database,
  batches: readonly WriteBatch[],
  begun: (transaction: IDBTransaction) => void,
): Promise<void> {
  const durability = batches.some(({ strict }) => strict) ? 'strict' : 'relaxed';
  const transaction = unwrap(database).transaction(['meta', 'entries', 'values'], 'readwrite', { durability });
  const ended = endOf(transaction);
  begun(transaction);
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

/** All but the values, and the next epoch. */
export async function readAll(database: Database): Promise<Opened> {
  const identity = await takeEpoch(database);
  return { ...identity, entries: await readEntries(database) };
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
