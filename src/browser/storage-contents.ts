/**
 * What is in a node's database, for who looks for a node ([ID-1]). Invariant: looking makes no database, and makes none
 * of a later version; it does not keep one open.
 */
import { deleteDB, openDB } from 'idb';
import { databaseVersion } from './storage-version.ts';

/** `data`: keys, and no history: what was damaged may come back from others. */
export type Contents = 'history' | 'data' | 'nothing';

/** A database that cannot be read may have something, too, and so may one of a later build. */
export async function contentsOf(name: string): Promise<Contents> {
  let isThere = true;
  try {
    const database = await openDB(name, undefined, {
      upgrade(_, __, ___, transaction) {
        isThere = false;
        transaction.done.catch(() => undefined);
        transaction.abort();
      },
    });
    try {
      const stores = [...database.objectStoreNames];
      const history: unknown = stores.includes('meta') ? await database.get('meta', 'history') : undefined;
      if (Array.isArray(history) && history.length > 0) return 'history';
      if (database.version > databaseVersion) return 'data';
      const counts = stores.filter((store) => store !== 'meta').map((store) => database.count(store));
      return (await Promise.all(counts)).some((count) => count > 0) ? 'data' : 'nothing';
    } finally {
      database.close();
    }
  } catch {
    return isThere ? 'data' : 'nothing';
  }
}

export const removeDatabase = (name: string): Promise<void> => deleteDB(name);
