import { beforeEach, describe, expect, test, vi } from 'vitest';
import { abandoned, inherit } from './estates.ts';
import { claimNode } from './identity.ts';
import { FakeLocks, fakeStorage } from './profile.fixture.ts';
import type { Contents } from './storage-contents.ts';

const [first, second] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const;
let locks: FakeLocks;
let databases: Map<string, Contents>;

const edges = () => {
  const storage = fakeStorage();
  return {
    locks,
    databaseNames: async () => [...databases.keys()],
    contents: async (name: string) => databases.get(name) ?? 'nothing',
    remove: async (name: string) => void databases.delete(name),
    session: () => storage,
    local: () => storage,
  };
};

beforeEach(() => {
  locks = new FakeLocks();
  databases = new Map([
    [`tabring/room/${first}`, 'history'],
    [`tabring/room/${second}`, 'history'],
    ['tabring/other/cccccccccccc', 'history'],
  ]);
});

describe('[ID-2] what closed tabs left', () => {
  test('is what no tab of the room holds', async () => {
    expect(await abandoned('room', edges())).toEqual([first, second]);
    const { node, release } = await claimNode('room', edges());
    expect(await abandoned('room', edges())).toEqual([first, second].filter((other) => other !== node));
    release();
    await vi.waitFor(async () => expect(await abandoned('room', edges())).toEqual([first, second]));
  });

  test('is handed over by one tab at a time, which nobody else can open meanwhile', async () => {
    const heir = await inherit('room', first, edges());
    expect(heir?.database).toBe(`tabring/room/${first}`);
    expect(await inherit('room', second, edges())).toBeUndefined();
    expect((await claimNode('room', edges())).node).toBe(second);
    heir?.release();
    await vi.waitFor(async () => expect(await abandoned('room', edges())).toEqual([first]));
    expect(await inherit('room', first, edges())).toBeDefined();
  });

  test('is nothing once its tab is open again: it was in time', async () => {
    await claimNode('room', edges());
    expect(await inherit('room', first, edges())).toBeUndefined();
    // Nor does a try in vain keep others from theirs.
    expect(await inherit('room', second, edges())).toBeDefined();
  });

  test('is left alone where it has no history, by which to know its ring', async () => {
    databases.set(`tabring/room/${first}`, 'data');
    expect(await inherit('room', first, edges())).toBeUndefined();
    expect(databases.has(`tabring/room/${first}`)).toBe(true);
    expect(await inherit('room', second, edges())).toBeDefined();
  });
});
