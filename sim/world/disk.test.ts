import { expect, test } from 'vitest';
import type { Dot } from '../../src/core/ids.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import { Disk } from './disk.ts';
import { EventHeap } from './events.ts';
import { SeededRandom } from './random.ts';

const dot = (seq: number): Dot => ['a.1', seq];

function batch(id: number, strict: boolean): WriteBatch {
  const clock = { dot: dot(id), context: { vector: [], dots: [] }, deleted: false, size: 1, time: 0, op: `${id}` };
  const write = { kind: 'key', key: `key${id}`, entry: { versions: [clock], hintFor: [] }, drop: [] } as const;
  return { id, strict, writes: [{ ...write, values: [[dot(id), new Uint8Array([id])]] }] };
}

function open(seed = 1) {
  const heap = new EventHeap();
  const committed: number[] = [];
  const disk = new Disk(new SeededRandom(seed), 20, {
    now: () => heap.now,
    after: (delay, run) => heap.after(delay, run),
    committed: ({ id }) => committed.push(id),
  });
  const ended: string[] = [];
  const write = (id: number, strict = true): void =>
    disk.write(batch(id, strict), (ok) => ended.push(`${id} ${ok ? 'complete' : 'failed'}`));
  const settle = (): void => {
    while (heap.runNext());
  };
  return { heap, disk, committed, ended, write, settle };
}

const ids = Array.from({ length: 10 }, (_, index) => index + 1);
const keys = (disk: Disk): string[] => [...disk.keys()];

test('[STO-1] batches complete in the order of their writes', () => {
  const { disk, ended, write, settle } = open();
  disk.open();
  for (const id of ids) write(id);
  expect(keys(disk)).toEqual([]);
  settle();
  expect(ended).toEqual(ids.map((id) => `${id} complete`));
  expect(keys(disk)).toEqual(ids.map((id) => `key${id}`));
});

test('a crash keeps a first part of what was under way, and reports none of it', () => {
  const kept = ids.map((seed) => {
    const { disk, ended, write, settle } = open(seed);
    disk.open();
    for (const id of ids) write(id);
    disk.crash();
    settle();
    expect(ended).toEqual([]);
    expect(keys(disk)).toEqual(ids.slice(0, keys(disk).length).map((id) => `key${id}`));
    return keys(disk).length;
  });
  expect(new Set(kept).size).toBeGreaterThan(2);
});

test('[STO-1] what an earlier opening had under way is never committed after a later one', () => {
  const kept = ids.map((seed) => {
    const { disk, committed, write, settle } = open(seed);
    disk.open();
    write(1);
    write(2);
    disk.open();
    const early = [...committed];
    write(3);
    settle();
    write(4);
    disk.crash();
    const late = committed.slice(early.length);
    expect(early).toEqual([1, 2].slice(0, early.length));
    expect(late).toEqual([3, 4].slice(0, late.length));
    return early.length;
  });
  expect(new Set(kept).size).toBeGreaterThan(1);
});

test('[STO-1] a power cut takes a last part of what was complete but not synced, and nothing strict', () => {
  const kept = ids.map((seed) => {
    const { heap, disk, ended, write } = open(seed);
    disk.open();
    for (const id of ids) write(id, id <= 4);
    while (ended.length < ids.length && heap.runNext());
    disk.powerCut();
    expect(keys(disk)).toEqual(ids.slice(0, keys(disk).length).map((id) => `key${id}`));
    return keys(disk).length;
  });
  expect(Math.min(...kept)).toBeGreaterThanOrEqual(4);
  expect(Math.min(...kept)).toBeLessThan(ids.length);
});

test('[VER-3] each opening has a higher epoch, and a wiped disk another store id', () => {
  const { disk, write, settle } = open();
  const first = disk.open();
  write(1);
  settle();
  disk.powerCut();
  const second = disk.open();
  disk.wipe();
  const third = disk.open();
  expect([first.epoch, second.epoch, third.epoch]).toEqual([1, 2, 1]);
  expect(second.storeId).toBe(first.storeId);
  expect(third.storeId).not.toBe(first.storeId);
  expect(second.entries.map(([key]) => key)).toEqual(['key1']);
  expect(third.entries).toEqual([]);
});

test('[STO-2] a full disk refuses writes and keeps what it has', () => {
  const { disk, ended, write, settle } = open();
  disk.open();
  write(1);
  disk.full = true;
  write(2);
  disk.full = false;
  write(3);
  settle();
  expect(ended).toEqual(['1 complete', '2 failed', '3 complete']);
  expect(keys(disk)).toEqual(['key1', 'key3']);
});

test('a read sees all that was written before it', () => {
  const { disk, write, settle } = open();
  disk.open();
  write(1);
  const answers: unknown[] = [];
  disk.read({ id: 1, key: 'key1', dots: [dot(1), dot(2)], withEntry: false }, (found) => answers.push(found));
  settle();
  expect(answers).toEqual([{ entry: undefined, values: [new Uint8Array([1]), undefined] }]);
});
