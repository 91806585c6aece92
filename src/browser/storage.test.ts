import 'fake-indexeddb/auto';
import { deleteDB } from 'idb';
import { afterEach, expect, test, vi } from 'vitest';
import type { Write } from '../core/storage.ts';
import { storageContract } from '../testing/storage.contract.ts';
import { forceClose } from './profile.fixture.ts';
import { IdbStorage } from './storage.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

let names = 0;

storageContract('IndexedDB', () => {
  const name = `contract ${++names}`;
  const connections = new Set<IDBDatabase>();
  const open = indexedDB.open.bind(indexedDB);
  vi.spyOn(indexedDB, 'open').mockImplementation((...args) => {
    const request = open(...args);
    request.addEventListener('success', () => connections.add(request.result));
    return request;
  });
  return {
    storage: () => new IdbStorage(name),
    fill: () => failCommits('QuotaExceededError'),
    free: () => vi.mocked(IDBTransaction.prototype.commit).mockRestore(),
    lose: () => {
      for (const connection of connections) forceClose(connection);
      connections.clear();
    },
    wipe: () => deleteDB(name),
  };
});

/** Commits fail as on a disk that cannot take them: the transaction aborts with an error of this name. */
function failCommits(error: string): void {
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    Object.defineProperty(this, 'error', { value: new DOMException(undefined, error) });
    this.abort();
  });
}

const put = (key: string, seq: number): Extract<Write, { kind: 'key' }> => ({
  kind: 'key',
  key,
  entry: { versions: [], hintFor: [] },
  values: [[['aaaaaaaaaaaa.1', seq], Uint8Array.of(seq)]],
  drop: [],
});

async function openStorage(): Promise<IdbStorage> {
  const storage = new IdbStorage(`test ${++names}`);
  await storage.open(() => undefined);
  return storage;
}

test('[STO-1] all writes of one turn are one transaction; those that come during it are the next', async () => {
  const storage = await openStorage();
  const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const durabilities = () => transactions.mock.calls.map(([, , options]) => options?.durability);
  const write = (id: number, strict: boolean) => storage.write({ id, writes: [put('k', id)], strict });

  const first = [write(1, false), write(2, true), write(3, false)];
  await vi.waitUntil(() => transactions.mock.calls.length === 1);
  const second = Array.from({ length: 50 }, (_, i) => write(4 + i, false));
  expect(durabilities()).toEqual(['strict']);
  await Promise.all(first);
  await Promise.all(second);
  expect(durabilities()).toEqual(['strict', 'relaxed']);
});

test('[STO-1] a write resolves only after the transaction is complete', async () => {
  const storage = await openStorage();
  const order: string[] = [];
  const begin = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
    const transaction = begin.apply(this, args);
    transaction.addEventListener('complete', () => order.push('complete'));
    return transaction;
  });
  await storage.write({ id: 1, writes: [put('k', 1)], strict: true }).then(() => order.push('resolved'));
  expect(order).toEqual(['complete', 'resolved']);
});

test('a transaction that fails for another reason is “failed”, with all that was in it', async () => {
  const storage = await openStorage();
  failCommits('UnknownError');
  const writes = [1, 2].map((id) => storage.write({ id, writes: [put(`k${id}`, id)], strict: true }));
  for (const write of writes) await expect(write).rejects.toMatchObject({ kind: 'failed' });
  vi.restoreAllMocks();
  await storage.write({ id: 3, writes: [put('k3', 3)], strict: true });
  expect((await storage.open(() => undefined)).entries.map(([key]) => key)).toEqual(['k3']);
});

test('nothing of a batch is stored if a part of it cannot be', async () => {
  const storage = await openStorage();
  const broken: Write = { ...put('b', 2), entry: { versions: [], hintFor: [], ...{ bad: () => undefined } } };
  await expect(storage.write({ id: 1, writes: [put('a', 1), broken], strict: true })).rejects.toMatchObject({
    kind: 'failed',
  });
  expect((await storage.open(() => undefined)).entries).toEqual([]);
});

test('[STO-2] a connection closed behind its back, without an event, is found out at the next write', async () => {
  const onLost = vi.fn();
  const storage = new IdbStorage(`test ${++names}`);
  await storage.open(onLost);
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('The database connection is closing.', 'InvalidStateError');
  });
  await expect(storage.write({ id: 1, writes: [put('k', 1)], strict: true })).rejects.toMatchObject({ kind: 'lost' });
  expect(onLost).toHaveBeenCalledTimes(1);
  await storage.open(onLost);
  await storage.write({ id: 2, writes: [put('k', 1)], strict: true });
});

test.each([
  ['lost its store id', (meta: IDBObjectStore) => meta.delete('storeId')],
  ['a store id after which nobody can be named', (meta: IDBObjectStore) => meta.put('my store', 'storeId')],
])('[VER-3] [API-1] a database that has %s gets a new one, and its first epoch', async (_, damage) => {
  const name = `test ${++names}`;
  const storage = new IdbStorage(name);
  const { storeId } = await storage.open(() => undefined);
  await storage.write({ id: 1, writes: [put('k', 1), { kind: 'epoch', epoch: 5 }], strict: true });
  await storage.close();
  await new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.addEventListener('success', () => {
      const transaction = request.result.transaction('meta', 'readwrite');
      damage(transaction.objectStore('meta'));
      transaction.addEventListener('complete', () => {
        request.result.close();
        resolve(undefined);
      });
    });
  });
  const opened = await storage.open(() => undefined);
  expect(opened.storeId).not.toBe(storeId);
  expect(opened.epoch).toBe(1);
  expect(opened.entries).toHaveLength(1);
});

/** A database of the version before, kept open by somebody who does not close it. */
async function heldOpen(): Promise<{ name: string; letGo: () => void }> {
  const name = `test ${++names}`;
  const request = indexedDB.open(name, 1);
  request.addEventListener('upgradeneeded', () => {
    for (const store of ['meta', 'clocks', 'values']) request.result.createObjectStore(store);
  });
  await new Promise((resolve) => request.addEventListener('success', resolve));
  return { name, letGo: () => request.result.close() };
}

async function epochOf(name: string): Promise<number> {
  const storage = new IdbStorage(name);
  const { epoch } = await storage.open(() => undefined);
  await storage.close();
  return epoch;
}

test('[API-4] an upgrade that somebody else’s connection holds up: a named cause after 5 s, and then it can be had', async () => {
  const { name, letGo } = await heldOpen();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let outcome: string | undefined;
  const opening = new IdbStorage(name).open(() => undefined);
  opening.then(String, String).then((text) => {
    outcome = text;
  });
  await vi.waitUntil(() => {
    vi.advanceTimersByTime(1000);
    return outcome;
  });
  vi.useRealTimers();
  expect(outcome).toMatch(/another tab has this database open.*close the other tabs/);
  letGo();
  // What was called off takes no epoch when it comes, and stays open for nobody.
  expect(await epochOf(name)).toBe(1);
  await deleteDB(name, { blocked: () => expect.unreachable('a connection was left open') });
});

test('[API-3] an opening that is closed before the database answers ends at once, and leaves nothing open', async () => {
  const { name, letGo } = await heldOpen();
  const storage = new IdbStorage(name);
  const opening = storage.open(() => undefined);
  const outcome = opening.then(String, String);
  await storage.close();
  expect(await outcome).toMatch(/not open/);
  letGo();
  expect(await epochOf(name)).toBe(1);
  await deleteDB(name, { blocked: () => expect.unreachable('a connection was left open') });
});

test('[API-3] closed while it reads, opened twice, closed twice: one connection at most, and none in the end', async () => {
  const name = `test ${++names}`;
  const storage = new IdbStorage(name);
  const openings = [storage.open(() => undefined), storage.open(() => undefined)].map((opening) =>
    opening.then(
      () => 'open',
      () => 'called off',
    ),
  );
  expect(await Promise.all(openings)).toEqual(['called off', 'open']);
  const last = storage.open(() => undefined).catch(() => undefined);
  await Promise.all([storage.close(), storage.close(), last]);
  await deleteDB(name, { blocked: () => expect.unreachable('a connection was left open') });
});

test('[STO-2] closing does not wait without end for a transaction that does not end', async () => {
  const name = `test ${++names}`;
  const storage = new IdbStorage(name);
  await storage.open(() => undefined);
  vi.spyOn(IDBTransaction.prototype, 'addEventListener').mockImplementation(() => undefined);
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(() => undefined);
  void storage.write({ id: 1, writes: [put('k', 1)], strict: true }).catch(() => undefined);
  await Promise.resolve();
  const from = performance.now();
  await storage.close();
  expect(performance.now() - from).toBeLessThan(10_000);
  vi.restoreAllMocks();
  await deleteDB(name);
});
