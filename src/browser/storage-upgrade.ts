/**
 * What the versions of a node's database hold, and how each becomes the next ([STO-4]).
 *
 *   1   meta, clocks, values    0.1.0
 *   2   meta, entries, values   a version's context is one object; other names: versions, hintFor, reapRecord, and the
 *                               times tombstone and reapMemory
 *
 * Invariant: an upgrade is within IndexedDB's transaction for it, so that a database is of one version as a whole,
 * whatever ends the tab. What is not as its version has it is kept as it is: it is found damaged when it is read.
 */
import { wrap } from 'idb';

/** Within the transaction in which a database of this version (0: none) is made one of the present version. */
export async function upgrade(database: IDBDatabase, transaction: IDBTransaction, from: number): Promise<void> {
  if (from < 1) {
    for (const store of ['meta', 'entries', 'values']) database.createObjectStore(store);
    return;
  }
  if (from < 2) await toTwo(database, transaction);
}

async function toTwo(database: IDBDatabase, transaction: IDBTransaction): Promise<void> {
  const entries = database.createObjectStore('entries');
  const before = wrap(transaction);
  for await (const { key, value } of before.objectStore('clocks')) entries.put(entryOf(value), key);
  database.deleteObjectStore('clocks');
  const history: unknown = await before.objectStore('meta').get('history');
  if (Array.isArray(history)) transaction.objectStore('meta').put(history.map(eventOf), 'history');
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function entryOf(stored: unknown): unknown {
  if (!isObject(stored) || !('clocks' in stored)) return stored;
  const { clocks, owners, grave } = stored;
  return { versions: versionsOf(clocks), hintFor: owners, ...(isObject(grave) && { reapRecord: reapRecordOf(grave) }) };
}

function reapRecordOf({ clocks, primaries, at }: Record<string, unknown>): unknown {
  return { versions: versionsOf(clocks), primaries, at };
}

function versionsOf(clocks: unknown): unknown {
  if (!Array.isArray(clocks)) return clocks;
  return clocks.map((clock: unknown) => {
    if (!isObject(clock)) return clock;
    const { context, beyond, ...rest } = clock;
    return { ...rest, context: { vector: context, dots: beyond } };
  });
}

function eventOf(event: unknown): unknown {
  if (!isObject(event)) return event;
  if (event.kind === 'checkpoint' && 'config' in event) return { ...event, config: eventOf(event.config) };
  if (event.kind !== 'config' || !isObject(event.times)) return event;
  const { grace, grave, ...times } = event.times;
  return { ...event, times: { ...times, tombstone: grace, reapMemory: grave } };
}
