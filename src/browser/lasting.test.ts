/** What a page's store says of the browser's storage, and what becomes of it when that is deleted ([STO-5], [STO-6]). */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Store } from '../api/api.ts';
import { json } from '../api/codec.ts';
import { ClosedError } from '../api/errors.ts';
import { openStore } from '../store/open-store.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { FakeLocks, fakeStorage } from './profile.fixture.ts';

const bucket = {
  estimate: async () => ({ usage: 1_000_000, quota: 1_000_000_000 }),
  persisted: async () => false,
  persist: (): Promise<boolean> => Promise.resolve(false),
};

let profile: { session: ReturnType<typeof fakeStorage>; local: ReturnType<typeof fakeStorage> };
const stores: Store<string>[] = [];
let rooms = 0;

/** A new profile. */
function inBrowser(storage: typeof bucket | undefined): void {
  profile = { session: fakeStorage(), local: fakeStorage() };
  vi.stubGlobal('navigator', { locks: new FakeLocks(), storage });
  vi.stubGlobal('sessionStorage', profile.session);
  vi.stubGlobal('localStorage', profile.local);
}

async function open(room: string, hub = new MemoryHub()): Promise<Store<string>> {
  const store = await openStore<string>({
    room,
    signaling: 'ws://127.0.0.1',
    codec: json<string>(),
    ports: { transport: hub.transport() },
  });
  stores.push(store);
  return store;
}

const codes = (store: Store<string>): string[] => store.view().alarms.map(({ code }) => code);

beforeEach(() => {
  inBrowser(bucket);
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('[STO-5] a view says how much the page stores and may store, in bytes, whether it is kept, and when that was told', async () => {
  const store = await open(`room ${++rooms}`);
  await vi.waitFor(() => expect(store.view().storage).toBeDefined());
  const { estimatedMsAgo = -1, ...space } = store.view().storage ?? {};
  expect(space).toEqual({ usageBytes: 1_000_000, quotaBytes: 1_000_000_000, persisted: false });
  expect(estimatedMsAgo).toBeGreaterThanOrEqual(0);
  expect(codes(store)).toEqual([]);
});

test('[STO-5] persist asks the browser, and who waits for its user is told when the store is closed', async () => {
  const store = await open(`room ${++rooms}`);
  expect([await store.persist(), codes(store)]).toEqual([false, ['storage-evictable']]);
  vi.spyOn(bucket, 'persist').mockResolvedValueOnce(true);
  expect([await store.persist(), codes(store)]).toEqual([true, []]);
  vi.spyOn(bucket, 'persist').mockReturnValueOnce(new Promise(() => undefined));
  const asking = expect(store.persist()).rejects.toThrow(ClosedError);
  await store.close();
  await asking;
});

test('[STO-5] a page that is not served securely opens its store all the same, and nothing is known of its storage', async () => {
  inBrowser(undefined);
  const store = await open(`room ${++rooms}`);
  expect((await store.put('key', 'value')).quorum).toBe('met');
  expect([await store.persist(), store.view().storage, codes(store)]).toEqual([false, undefined, []]);
});

test('[STO-6] site data is deleted under an open tab: the same node goes on, as a new store, and profile and tab know it again', async () => {
  const room = `room ${++rooms}`;
  const hub = new MemoryHub();
  const store = await open(room, hub);
  const other = await open(room, hub);
  const { id, zone } = store.view().self;
  await store.put('key', 'value');
  await vi.waitFor(async () => expect((await other.get('key')).values).toEqual(['value']));
  for (const { items } of [profile.session, profile.local]) items.clear();
  await new Promise((resolve) => {
    indexedDB.deleteDatabase(`tabring/${room}/${id}`).addEventListener('success', resolve);
  });
  await vi.waitFor(() => expect(codes(store)).toEqual(['storage-cleared']), 5000);
  expect(store.view().self).toMatchObject({ id, zone });
  expect([...profile.session.items.values(), ...profile.local.items.values()]).toEqual([id, zone]);
  await vi.waitFor(async () => expect((await store.get('key')).values).toEqual(['value']), 20_000);
  expect(codes(other)).toEqual([]);
});
