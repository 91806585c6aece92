/** Two tabs of a profile are two instances: what they share is the profile's IndexedDB, and their channel. */
import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { type Hold, hold } from './identity.ts';
import { forceClose } from './profile.fixture.ts';
import { DatabaseLocks } from './storage-locks.ts';

/** The databases that a tab has open, by name; the browser closes them when it ends. */
const open = new Map<string, IDBDatabase>();
const { open: openDatabase } = indexedDB;
vi.spyOn(indexedDB, 'open').mockImplementation((name, version) => {
  const request = openDatabase.call(indexedDB, name, version);
  request.addEventListener('success', () => open.set(name.replace('lock of ', ''), request.result));
  return request;
});

const endsWith = (name: string): IDBDatabase => {
  const database = open.get(name);
  if (database === undefined) throw new Error(`nobody holds ${name}`);
  database.close();
  return database;
};

const holds: Hold[] = [];
async function take(...of: Parameters<typeof hold>): Promise<Hold | undefined> {
  const held = await hold(...of);
  if (held !== undefined) holds.push(held);
  return held;
}

const databases = async () => (await indexedDB.databases()).map(({ name }) => name);

const atOnce = { ifAvailable: true };
const within = (ms: number) => ({ signal: AbortSignal.timeout(ms) });
const heldBy = async (locks: DatabaseLocks) => ((await locks.query()).held ?? []).map(({ name }) => name);

afterEach(async () => {
  for (const { release } of holds.splice(0)) release();
  await vi.waitFor(async () => expect(await databases()).toEqual([]));
});

test('[ID-3] a lock that one tab holds no other has, and one that is let go leaves no database', async () => {
  const [a, b] = [new DatabaseLocks(), new DatabaseLocks()];
  const held = await take(a, 'let go', atOnce);
  expect(held).toBeDefined();
  // The database of this name is its node's.
  expect(await databases()).toEqual(['lock of let go']);
  expect(await take(b, 'let go', atOnce)).toBeUndefined();
  expect(await take(a, 'let go', atOnce)).toBeUndefined();
  expect(await take(b, 'let go', within(50))).toBeUndefined();
  held?.release();
  const next = await take(b, 'let go', within(2000));
  expect(next).toBeDefined();
  next?.release();
  await vi.waitFor(async () => expect(await databases()).toEqual([]));
});

test('[ID-3] of tabs that are opened at the same moment one has it', async () => {
  const tabs = Array.from({ length: 6 }, () => new DatabaseLocks());
  const holds = await Promise.all(tabs.map((tab) => take(tab, 'at once', atOnce)));
  expect(holds.filter((held) => held !== undefined)).toHaveLength(1);
});

test('[ID-3] a reloaded page waits for the one that is going, and a crashed tab holds nothing', async () => {
  const [before, after] = [new DatabaseLocks(), new DatabaseLocks()];
  await take(before, 'reloaded', atOnce);
  const waiting = take(after, 'reloaded', within(2000));
  expect(await take(new DatabaseLocks(), 'reloaded', atOnce)).toBeUndefined();
  endsWith('reloaded');
  expect(await waiting).toBeDefined();
});

test('[ID-3] a tab that stands still holds what it held: no word of it is no consent', async () => {
  const [still, other] = [new DatabaseLocks(), new DatabaseLocks()];
  const held = await take(still, 'still', atOnce);
  // It hears of no deletion, so nobody is told that one waits.
  const deleting = vi.spyOn(indexedDB, 'deleteDatabase').mockImplementation(() => new IDBOpenDBRequest());
  try {
    expect(await take(other, 'still', atOnce)).toBeUndefined();
    expect(await take(other, 'still', atOnce)).toBeUndefined();
    expect(deleting).toHaveBeenCalledTimes(1);
  } finally {
    deleting.mockRestore();
  }
  held?.release();
});

test('[ID-3] what is held is said by those that hold it, and not by a tab that has ended', async () => {
  const [a, b] = [new DatabaseLocks(), new DatabaseLocks()];
  expect(await heldBy(b)).toEqual([]);
  const [one, two] = [await take(a, 'one', atOnce), await take(b, 'two', atOnce)];
  expect((await heldBy(a)).toSorted()).toEqual(['one', 'two']);
  one?.release();
  await vi.waitFor(async () => expect(await heldBy(new DatabaseLocks())).toEqual(['two']));
  two?.release();
});

test('[ID-3] a lock that the browser closes under a tab is taken again at once', async () => {
  const [a, b] = [new DatabaseLocks(), new DatabaseLocks()];
  const lost = vi.fn();
  const held = await take(a, 'cleared', atOnce);
  void held?.lost.then(lost);
  const before = endsWith('cleared');
  forceClose(before);
  await vi.waitFor(() => expect(open.get('cleared')).not.toBe(before));
  expect(await take(b, 'cleared', atOnce)).toBeUndefined();
  expect(lost).not.toHaveBeenCalled();
});

test('[ID-3] a tab that stood still while its lock was closed, and taken by another one, hears so when it wakes', async () => {
  const [still, other] = [new DatabaseLocks(), new DatabaseLocks()];
  const lost = vi.fn();
  const held = await take(still, 'woken', atOnce);
  void held?.lost.then(lost);
  const before = endsWith('woken');
  expect(await take(other, 'woken', within(2000))).toBeDefined();
  forceClose(before);
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  expect(await heldBy(other)).toEqual(['woken']);
});
