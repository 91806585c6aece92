import { expect, test } from 'vitest';
import { randomId } from '../runtime/random-id.ts';
import { MemoryDisk, MemoryStorage } from './memory-storage.ts';
import { storageContract } from './storage.contract.ts';

storageContract('memory', () => {
  const disk = new MemoryDisk();
  return {
    storage: () => new MemoryStorage(disk),
    fill: () => disk.fill(),
    free: () => disk.free(),
    lose: () => disk.lose(),
    wipe: async () => disk.wipe(),
  };
});

test('store ids can be given, for runs that repeat', async () => {
  const opened = await new MemoryStorage(new MemoryDisk(() => 'aaaaaaaaaaaa')).open(() => undefined);
  expect(opened.storeId).toBe('aaaaaaaaaaaa');
});

test('random ids are of 12 characters, and not the same', () => {
  const ids = Array.from({ length: 200 }, randomId);
  for (const id of ids) expect(id).toMatch(/^[a-z2-7]{12}$/);
  expect(new Set(ids).size).toBe(200);
});
