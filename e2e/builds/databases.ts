/**
 * Whole databases as plain data, to be kept as text. Both functions run in a page, or over any `indexedDB`: each is
 * sent as text, and uses nothing from outside itself.
 */
import type { RecordedNode } from './recording.ts';

/** All databases whose name is the prefix and a node's id. */
export async function readDatabases(prefix: string): Promise<RecordedNode[]> {
  const result = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error));
    });
  const base64 = (value: unknown) => (value instanceof Uint8Array ? btoa(String.fromCharCode(...value)) : value);
  const text = (key: IDBValidKey) => (Array.isArray(key) ? key.map(String) : String(key));
  const names = (await indexedDB.databases()).flatMap(({ name = '' }) => (name.startsWith(prefix) ? [name] : []));
  return Promise.all(
    names.sort().map(async (name) => {
      const database = await result(indexedDB.open(name));
      const stores = [...database.objectStoreNames].map(async (store) => {
        const records = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([result(records.getAllKeys()), result(records.getAll())]);
        return [store, keys.map((key, at) => [text(key), base64(values[at])] as const)] as const;
      });
      const read = { node: name.slice(prefix.length), version: database.version, stores: await Promise.all(stores) };
      database.close();
      return { ...read, stores: Object.fromEntries(read.stores) };
    }),
  );
}

/** As a build before would have left them. */
export async function writeDatabases([prefix, nodes]: readonly [string, readonly RecordedNode[]]): Promise<void> {
  const bytes = (value: unknown) => Uint8Array.from(atob(String(value)), (char) => char.charCodeAt(0));
  for (const { node, version, stores } of nodes) {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(prefix + node, version);
      request.addEventListener('upgradeneeded', () => {
        for (const [name, records] of Object.entries(stores)) {
          const store = request.result.createObjectStore(name);
          for (const [key, value] of records) store.put(name === 'values' ? bytes(value) : value, key);
        }
      });
      request.addEventListener('success', () => {
        request.result.close();
        resolve();
      });
      request.addEventListener('error', () => reject(request.error));
    });
  }
}
