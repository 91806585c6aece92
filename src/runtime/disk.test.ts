import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StorageFailure } from '../api/ports.ts';
import type { Entry, Found, Read } from '../core/storage.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { Alarms } from './alarms.ts';
import { Deadlines } from './deadlines.ts';
import { Disk } from './disk.ts';
import { timerClock } from './timer-clock.ts';

/** Some of what is stored cannot be read. */
class RottenStorage extends MemoryStorage {
  rotten: (read: Read) => boolean = () => false;

  override async read(read: Read): Promise<Found> {
    if (this.rotten(read)) throw new StorageFailure('failed', 'a block cannot be read');
    return super.read(read);
  }
}

const entry: Entry = { versions: [], hintFor: [] };
const dots = [
  ['s.1', 1],
  ['s.1', 2],
] as const;
const value = (byte: number) => Uint8Array.of(byte);

async function opened() {
  const storage = new RottenStorage();
  const answers: Found[] = [];
  const disk = new Disk(storage, new Deadlines(timerClock()), new Alarms(() => undefined), {
    opened: () => undefined,
    ended: () => undefined,
    read: (_id, found) => answers.push(found),
  });
  await disk.open();
  const values = [[dots[0], value(1)] as const, [dots[1], value(2)] as const];
  disk.write({ id: 1, writes: [{ kind: 'key', key: 'cart', entry, values, drop: [] }], strict: true });
  await vi.advanceTimersByTimeAsync(1);
  return { storage, disk, answers };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const asksFor = (seq: number) => (read: Read) => read.dots.some((dot) => dot[1] === seq);

test('[STO-2] a value that cannot be read, while the database can, is answered as lost after five tries', async () => {
  const { storage, disk, answers } = await opened();
  storage.rotten = asksFor(2);
  disk.read({ id: 1, key: 'cart', dots, withEntry: true });
  await vi.advanceTimersByTimeAsync(4900);
  expect(answers).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(answers).toEqual([{ entry, values: [value(1), undefined] }]);
});

test('[STO-2] so is an entry', async () => {
  const { storage, disk, answers } = await opened();
  storage.rotten = ({ key, withEntry }) => withEntry && key === 'cart';
  disk.read({ id: 1, key: 'cart', dots, withEntry: true });
  await vi.advanceTimersByTimeAsync(5100);
  expect(answers).toEqual([{ entry: undefined, values: [value(1), value(2)] }]);
});

test('[STO-2] while nothing at all can be read, nothing is lost: the answer is owed until it can be given', async () => {
  const { storage, disk, answers } = await opened();
  storage.rotten = () => true;
  disk.read({ id: 1, key: 'cart', dots, withEntry: true });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers).toEqual([]);
  storage.rotten = () => false;
  await vi.advanceTimersByTimeAsync(1100);
  expect(answers).toEqual([{ entry, values: [value(1), value(2)] }]);
});

test('[STO-2] a read that fails a few times is answered with what was read in the end', async () => {
  const { storage, disk, answers } = await opened();
  storage.rotten = () => true;
  disk.read({ id: 1, key: 'cart', dots, withEntry: false });
  await vi.advanceTimersByTimeAsync(3500);
  storage.rotten = () => false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(answers).toEqual([{ entry: undefined, values: [value(1), value(2)] }]);
});
