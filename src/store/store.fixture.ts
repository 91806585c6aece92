/**
 * Rings of stores in memory, for the tests of the public API. Time is faked, and passes while something is waited
 * for; every store is closed after its test. Seeds and names are counted, so that a failure comes again.
 */
import { afterEach, beforeEach, vi } from 'vitest';
import type { Store, StoreOptions } from '../api/api.ts';
import { json } from '../api/codec.ts';
import { nodeIdOf } from '../runtime/host.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { openStore } from './open-store.ts';

beforeEach(() => {
  vi.useFakeTimers();
  seed = 1;
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  vi.useRealTimers();
});

export type CartItems = string[];
const stores: Store<CartItems>[] = [];
let seed = 1;

export const newDisk = (): MemoryDisk => new MemoryDisk(() => nodeIdOf(`${seed++}`));

export const optionsOn = (hub: MemoryHub, disk = newDisk()): StoreOptions<CartItems> => ({
  room: 'test',
  signaling: '',
  codec: json<CartItems>(),
  ports: { transport: hub.transport(), storage: new MemoryStorage(disk), random: () => seed++ },
});

export async function open(
  hub: MemoryHub,
  disk?: MemoryDisk,
  more: Partial<StoreOptions<CartItems>> = {},
): Promise<Store<CartItems>> {
  const store = await within(openStore({ ...optionsOn(hub, disk), ...more }));
  stores.push(store);
  return store;
}

export async function ring(size: number, more: Partial<StoreOptions<CartItems>> = {}) {
  const hub = new MemoryHub();
  const disks = Array.from({ length: size }, newDisk);
  const opened: Store<CartItems>[] = [];
  for (const disk of disks) opened.push(await open(hub, disk, more));
  await until(() => new Set(opened.map((store) => store.view().ring.hash)).size === 1);
  const [a = nobody(), b = a, c = a] = opened;
  return { hub, disks, opened, a, b, c };
}

export const nobody = (): never => {
  throw new Error('the ring is too small');
};

/** The outcome of the promise, time passing as needed. */
export async function within<T>(promise: Promise<T>, ms = 60_000): Promise<T> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await until(() => settled, ms);
  return promise;
}

export async function until(condition: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  for (let waited = 0; waited <= ms; waited += 50) {
    if (await condition()) return;
    await vi.advanceTimersByTimeAsync(50);
  }
  throw new Error(`not so after ${ms} ms: ${condition}`);
}

export const idOf = (store: Store<CartItems>): string => store.view().self.id;
export const sorted = (values: CartItems[]): CartItems[] => values.toSorted((x, y) => `${x}`.localeCompare(`${y}`));

/** Cuts the nodes off from all others, both ways. */
export function isolate(opened: readonly Store<CartItems>[], ...alone: Store<CartItems>[]): void {
  const others = opened.filter((store) => !alone.includes(store));
  for (const store of alone) store.faults.cut(others.map(idOf));
  for (const store of others) store.faults.cut(alone.map(idOf));
}

export const heal = (opened: readonly Store<CartItems>[]): void => {
  for (const store of opened) store.faults.heal();
};

/** A node that is no replica of the key, if there is one. */
export function stranger(opened: readonly Store<CartItems>[], key: string): Store<CartItems> {
  const [store = nobody()] = opened;
  const primaries = primariesOf(store, key);
  return opened.find((candidate) => !primaries.includes(idOf(candidate))) ?? nobody();
}

export const primariesOf = (store: Store<CartItems>, key: string): string[] =>
  store
    .explain(key)
    .walk.filter(({ role }) => role === 'primary')
    .map(({ node }) => node);
