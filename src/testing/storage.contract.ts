/** What every StoragePort must do ([STO-1], [STO-2], [VER-3]): one suite, run over each implementation. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { StoragePort } from '../api/ports.ts';
import type { Dot } from '../core/ids.ts';
import type { MembershipHistory } from '../core/ring/history.ts';
import type { Entry, Opened, Write, WriteBatch } from '../core/storage.ts';

/** One disk, and what can befall it. */
export interface DiskUnderTest {
  /** A storage over the disk; each call is another tab's, or another life of the same one. */
  storage(): StoragePort;
  /** Every write fails for want of space, until `free`. */
  fill(): void;
  free(): void;
  /** The connection breaks, the data stays. */
  lose(): void;
  /** The data is deleted while the storage is open. */
  wipe(): Promise<void>;
}

const dot = (seq: number): Dot => ['aaaaaaaaaaaa.1', seq];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const ignore = (): void => undefined;

const entry = (...seqs: number[]): Entry => ({
  versions: seqs.map((seq) => ({
    dot: dot(seq),
    context: { vector: [['bbbbbbbbbbbb.1', seq]], dots: [] },
    deleted: false,
    size: 1,
    time: 1,
    op: `op ${seq}`,
  })),
  hintFor: [],
});

const write = (key: string, seq: number, value = bytes(seq)): Extract<Write, { kind: 'key' }> => ({
  kind: 'key',
  key,
  entry: entry(seq),
  values: [[dot(seq), value]],
  drop: [],
});

let batches = 0;
const batch = (...writes: Write[]): WriteBatch => ({ id: ++batches, writes, strict: true });

const read = async (storage: StoragePort, key: string, ...seqs: number[]) => {
  return (await storage.read({ id: 1, key, dots: seqs.map(dot), withEntry: false })).values;
};

export function storageContract(name: string, create: () => DiskUnderTest): void {
  describe(`storage contract: ${name}`, () => {
    let disk: DiskUnderTest;
    let storage: StoragePort;
    let opened: Opened;

    /** Another life: what is stored is all it knows. */
    const reopen = async (): Promise<Opened> => {
      await storage.close();
      storage = disk.storage();
      return storage.open(ignore);
    };

    beforeEach(async () => {
      disk = create();
      storage = disk.storage();
      opened = await storage.open(ignore);
    });

    test('a new database has a store id of its own, the first epoch and nothing else', () => {
      expect(opened.storeId).toMatch(/^[a-z2-7]{12}$/);
      expect(opened).toEqual({ storeId: opened.storeId, epoch: 1, history: [], entries: [] });
    });

    test('what was written is there after opening again, as it was', async () => {
      const history: MembershipHistory = [{ stamp: [1, 'aaaaaaaaaaaa'], kind: 'leave', node: 'bbbbbbbbbbbb' }];
      const hint: Entry = { ...entry(2), hintFor: ['cccccccccccc'] };
      await storage.write(batch(write('k', 1), { ...write('ключ', 2), entry: hint }, { kind: 'history', history }));
      const again = await reopen();
      expect(again.storeId).toBe(opened.storeId);
      expect(again.history).toEqual(history);
      expect(Object.fromEntries(again.entries)).toEqual({ k: entry(1), ключ: hint });
      expect(await read(storage, 'k', 1)).toEqual([bytes(1)]);
      expect(await read(storage, 'ключ', 2)).toEqual([bytes(2)]);
    });

    test('all of very many keys come back', async () => {
      const keys = Array.from({ length: 2500 }, (_, i) => `key ${i}`);
      await storage.write(batch(...keys.map((key, i) => write(key, i + 1))));
      const { entries } = await reopen();
      expect(entries).toHaveLength(2500);
      expect(new Map(entries)).toEqual(new Map(keys.map((key, i) => [key, entry(i + 1)])));
    });

    test('[VER-3] every opening has the next epoch, also after the node itself took some', async () => {
      expect((await reopen()).epoch).toBe(2);
      await storage.write(batch({ kind: 'epoch', epoch: 7 }));
      expect((await reopen()).epoch).toBe(8);
      expect((await reopen()).epoch).toBe(9);
    });

    test('[STO-1] batches are applied in the order of the calls, whatever waits for them', async () => {
      const ended: number[] = [];
      const writes = Array.from({ length: 40 }, (_, i) => ({
        ...batch(write('k', i + 1)),
        strict: i % 3 === 0,
      }));
      const promises: Promise<unknown>[] = [];
      for (const each of writes) {
        promises.push(storage.write(each).then(() => ended.push(each.id)));
        if (each.id % 4 === 0) await Promise.resolve();
      }
      await Promise.all(promises);
      expect(ended).toEqual(writes.map(({ id }) => id));
      expect((await reopen()).entries).toEqual([['k', entry(40)]]);
    });

    test('a value is stored without the buffer around it, and does not change with it', async () => {
      const buffer = new Uint8Array(10_000).fill(7);
      const written = storage.write(batch(write('k', 1, buffer.subarray(100, 110))));
      await written;
      buffer.fill(0);
      const [value] = await read(storage, 'k', 1);
      expect(value).toEqual(new Uint8Array(10).fill(7));
      expect(value?.buffer.byteLength).toBe(10);
    });

    test('a read sees what was written before it in the same turn', async () => {
      const written = storage.write(batch(write('k', 1)));
      const values = read(storage, 'k', 1, 2);
      expect(await values).toEqual([bytes(1), undefined]);
      await written;
    });

    test('a read that asks for the entry gets it as it was written, or nothing', async () => {
      const ask = (key: string) => storage.read({ id: 1, key, dots: [dot(1)], withEntry: true });
      await storage.write(batch({ ...write('k', 1), entry: { ...entry(1), hintFor: ['cccccccccccc'] } }));
      expect(await ask('k')).toEqual({ entry: { ...entry(1), hintFor: ['cccccccccccc'] }, values: [bytes(1)] });
      expect(await ask('j')).toEqual({ entry: undefined, values: [undefined] });
      expect(await ask('')).toEqual({ entry: undefined, values: [undefined] });
      expect((await storage.read({ id: 1, key: 'k', dots: [], withEntry: false })).entry).toBeUndefined();
    });

    test('dropped values are gone, the others stay', async () => {
      await storage.write(
        batch({ ...write('k', 1), entry: entry(1, 2), values: [1, 2].map((seq) => [dot(seq), bytes(seq)]) }),
      );
      await storage.write(batch({ ...write('k', 3), entry: entry(2, 3), drop: [dot(1)] }));
      expect(await read(storage, 'k', 1, 2, 3)).toEqual([undefined, bytes(2), bytes(3)]);
    });

    test('a removed key goes with all its values, and with no other’s', async () => {
      await storage.write(batch(write('k', 1), write('k', 2), write('k2', 3), write('j', 4)));
      await storage.write(batch({ ...write('k', 1), entry: undefined, values: [] }));
      expect(await read(storage, 'k', 1, 2)).toEqual([undefined, undefined]);
      expect(await read(storage, 'k2', 3)).toEqual([bytes(3)]);
      expect((await reopen()).entries.map(([key]) => key).sort()).toEqual(['j', 'k2']);
    });

    test('what was asked for before close is on the disk', async () => {
      const written = storage.write(batch(write('k', 1)));
      const { entries } = await reopen();
      await written;
      expect(entries).toEqual([['k', entry(1)]]);
    });

    test('[STO-2] a full disk refuses with its kind, stores nothing of it, and later writes work', async () => {
      await storage.write(batch(write('k', 1)));
      disk.fill();
      await expect(storage.write(batch(write('k', 2), write('l', 3)))).rejects.toMatchObject({ kind: 'full' });
      expect(await read(storage, 'k', 1)).toEqual([bytes(1)]);
      disk.free();
      await storage.write(batch(write('m', 4)));
      expect(new Map((await reopen()).entries)).toEqual(
        new Map([
          ['k', entry(1)],
          ['m', entry(4)],
        ]),
      );
    });

    test('[STO-2] a lost connection is told of once, refuses all, and can be opened again', async () => {
      const onLost = vi.fn();
      await storage.close();
      await storage.open(onLost);
      await storage.write(batch(write('k', 1)));
      disk.lose();
      await vi.waitUntil(() => onLost.mock.calls.length > 0);
      await expect(storage.write(batch(write('k', 2)))).rejects.toMatchObject({ kind: 'lost' });
      await expect(read(storage, 'k', 1)).rejects.toMatchObject({ kind: 'lost' });
      const again = await storage.open(ignore);
      expect(again).toEqual({ storeId: opened.storeId, epoch: 3, history: [], entries: [['k', entry(1)]] });
      await storage.write(batch(write('k', 2)));
      expect(await read(storage, 'k', 2)).toEqual([bytes(2)]);
      expect(onLost).toHaveBeenCalledTimes(1);
    });

    test('[STO-2] a wiped database is lost, and opens again as a new store', async () => {
      const onLost = vi.fn();
      await storage.close();
      await storage.open(onLost);
      await storage.write(batch(write('k', 1)));
      await disk.wipe();
      await vi.waitUntil(() => onLost.mock.calls.length > 0);
      const again = await storage.open(ignore);
      expect(again.storeId).not.toBe(opened.storeId);
      expect(again).toEqual({ storeId: again.storeId, epoch: 1, history: [], entries: [] });
      expect(await read(storage, 'k', 1)).toEqual([undefined]);
    });

    test('no write of a lost connection reaches the one that is opened after it', async () => {
      const lost = storage.write(batch(write('k', 1)));
      const result = lost.then(
        () => 'written',
        () => 'refused',
      );
      disk.lose();
      const { entries } = await storage.open(ignore);
      expect(entries.length).toBe((await result) === 'written' ? 1 : 0);
      await storage.write(batch(write('l', 2)));
      expect((await reopen()).entries.length).toBe((await result) === 'written' ? 2 : 1);
    });

    test('a closed storage refuses, and a destroyed one is new', async () => {
      await storage.write(batch(write('k', 1)));
      await storage.close();
      await expect(storage.write(batch(write('k', 2)))).rejects.toMatchObject({ kind: 'lost' });
      await expect(read(storage, 'k', 1)).rejects.toMatchObject({ kind: 'lost' });
      await storage.destroy();
      const again = await reopen();
      expect(again.storeId).not.toBe(opened.storeId);
      expect(again.entries).toEqual([]);
    });
  });
}
