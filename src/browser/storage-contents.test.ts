import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import type { MembershipHistory } from '../core/ring/history.ts';
import type { Write } from '../core/storage.ts';
import { IdbStorage } from './storage.ts';
import { contentsOf, removeDatabase } from './storage-contents.ts';

let names = 0;

async function stored(...writes: Write[]): Promise<string> {
  const name = `test ${++names}`;
  const storage = new IdbStorage(name);
  await storage.open(() => undefined);
  if (writes.length > 0) await storage.write({ id: 1, writes, strict: true });
  await storage.close();
  return name;
}

const history: MembershipHistory = [{ stamp: [1, 'aaaaaaaaaaaa'], kind: 'leave', node: 'bbbbbbbbbbbb' }];
const key: Write = { kind: 'key', key: 'k', entry: { versions: [], hintFor: [] }, values: [], drop: [] };

const allNames = async (): Promise<(string | undefined)[]> => (await indexedDB.databases()).map(({ name }) => name);

test('[ID-1] a database is looked into for a history, else for keys', async () => {
  expect(await contentsOf(await stored({ kind: 'history', history }, key))).toBe('history');
  expect(await contentsOf(await stored(key))).toBe('data');
  expect(await contentsOf(await stored())).toBe('nothing');
  expect(await contentsOf(await stored({ kind: 'history', history: [] }, { kind: 'epoch', epoch: 7 }))).toBe('nothing');
});

test('[ID-1] looking makes no database, and none newer, and keeps none open', async () => {
  expect(await contentsOf('never made')).toBe('nothing');
  expect(await allNames()).not.toContain('never made');
  for (const version of [1, 7]) {
    const name = `test ${++names}`;
    const made = await openDB(name, version, {
      upgrade(database) {
        for (const store of ['meta', version === 1 ? 'clocks' : 'later']) database.createObjectStore(store);
      },
    });
    await made.put('meta', history, 'history');
    made.close();
    expect(await contentsOf(name)).toBe('history');
    const again = await openDB(name);
    expect(again.version).toBe(version);
    again.close();
    await removeDatabase(name);
    expect(await allNames()).not.toContain(name);
  }
});

test('[ID-1] [STO-4] one of a later build may have what is not known here', async () => {
  const name = `test ${++names}`;
  (await openDB(name, 7, { upgrade: (database) => void database.createObjectStore('later') })).close();
  expect(await contentsOf(name)).toBe('data');
});

test('[ID-1] one that was made and never filled has nothing, and one that cannot be read may have something', async () => {
  const name = `test ${++names}`;
  (await openDB(name, 2)).close();
  expect(await contentsOf(name)).toBe('nothing');
  const open = indexedDB.open.bind(indexedDB);
  indexedDB.open = () => {
    throw new DOMException('Internal error', 'UnknownError');
  };
  try {
    expect(await contentsOf(name)).toBe('data');
  } finally {
    indexedDB.open = open;
  }
});
