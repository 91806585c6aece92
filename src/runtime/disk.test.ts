import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StorageFailure } from '../api/ports.ts';
import type { Entry, Found, Opened, Read, WriteBatch } from '../core/storage.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { EdgeAlarms } from './alarms.ts';
import { Deadlines } from './deadlines.ts';
import { DriverDisk } from './disk.ts';
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
  const disk = new DriverDisk(storage, new Deadlines(timerClock()), new EdgeAlarms(() => undefined), {
    opened: () => undefined,
    ended: () => undefined,
    read: (_id, found) => answers.push(found),
    cleared: () => undefined,
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

const sound: Entry = {
  versions: [
    {
      dot: ['aaaaaaaaaaaaaaaaaa.1', 1],
      context: { vector: [], dots: [] },
      deleted: false,
      size: 1,
      time: 0,
      op: 'op',
    },
  ],
  hintFor: [],
};

/** A disk on which something else stands than was written there. */
async function openedWith(
  stored: object,
): Promise<{ opened: Opened; alarms: EdgeAlarms; disk: DriverDisk; answers: Found[] }> {
  const storage = new RottenStorage();
  const open = storage.open.bind(storage);
  storage.open = async (onLost) => ({ ...(await open(onLost)), ...stored });
  storage.read = async () => ({ entry: sound, values: [], ...stored });
  const alarms = new EdgeAlarms(() => undefined);
  const answers: Found[] = [];
  const disk = new DriverDisk(storage, new Deadlines(timerClock()), alarms, {
    opened: () => undefined,
    ended: () => undefined,
    read: (_id, found) => answers.push(found),
    cleared: () => undefined,
  });
  return { opened: await disk.open(), alarms, disk, answers };
}

test.each([
  ['no object', 7],
  ['nothing that an entry has', {}],
  ['names of another build', { clocks: [], owners: [] }],
  ['a version that is none', { ...sound, versions: [null] }],
  ['a context that is none', { ...sound, versions: [{ ...sound.versions[0], context: [] }] }],
  ['an actor that nobody is', { ...sound, versions: [{ ...sound.versions[0], dot: ['s.1', 1] }] }],
  ['the same version twice', { ...sound, versions: [sound.versions[0], sound.versions[0]] }],
  ['a hint for nobody', { ...sound, hintFor: [null] }],
  ['a record of reaping that is none', { ...sound, reapRecord: { versions: [] } }],
])('[STO-4] an entry that is damaged is left out at opening, and told of: %s', async (_, damaged) => {
  const { opened, alarms } = await openedWith({
    entries: [
      ['damaged', damaged],
      ['sound', sound],
    ],
  });
  expect(opened.entries).toEqual([['sound', sound]]);
  expect(alarms.list()).toMatchObject([{ code: 'records-lost', message: expect.stringMatching(/^1 of/) }]);
});

test('[STO-4] [API-1] an entry under what is no key is left out: no peer would take it', async () => {
  const entries = [
    ['', sound],
    ['a\ud800', sound],
    ['k'.repeat(1025), sound],
    ['key', sound],
  ];
  const { opened, alarms } = await openedWith({ entries });
  expect(opened.entries).toEqual([['key', sound]]);
  expect(alarms.list()).toMatchObject([{ code: 'records-lost', message: expect.stringMatching(/^3 of/) }]);
});

test('[STO-4] [RING-2] of a history what is damaged is left out, and the rest stands; a damaged uptime is as if there were none', async () => {
  const leave = { stamp: [1, 'aaaaaaaaaaaa'], kind: 'leave', node: 'bbbbbbbbbbbb' };
  const alive = { uptime: 1, at: 2 };
  const whole = await openedWith({ history: [leave], alive });
  expect([whole.opened.history, whole.opened.alive, whole.alarms.list()]).toEqual([[leave], alive, []]);
  const damaged = await openedWith({ history: [leave, { ...leave, node: 7 }], alive: { uptime: 'long' } });
  expect([damaged.opened.history, damaged.opened.alive]).toEqual([[leave], undefined]);
  expect(damaged.alarms.list()).toMatchObject([
    { code: 'history-mended', message: expect.stringContaining('(1 of them)') },
  ]);
});

test('[STO-4] what is stored beside the shapes of this version is not handed on', async () => {
  const more = { ...sound, later: 1, versions: sound.versions.map((version) => ({ ...version, later: 1 })) };
  const { opened, alarms } = await openedWith({ entries: [['key', more]] });
  expect([opened.entries, alarms.list()]).toEqual([[['key', sound]], []]);
});

test('[STO-4] of what is read, damaged parts are answered as lost', async () => {
  const { disk, answers } = await openedWith({
    entry: { ...sound, versions: 'x' },
    values: [value(1), 'x', undefined],
  });
  disk.read({ id: 1, key: 'cart', dots: [...dots, ['s.1', 3]], withEntry: true });
  await vi.advanceTimersByTimeAsync(1);
  expect(answers).toEqual([{ entry: undefined, values: [value(1), undefined, undefined] }]);
});

/** A disk whose present connection has gone bad, and the next one is good; or all, or none. */
class BadConnections extends MemoryStorage {
  bad: 'this one' | 'all' | 'none' = 'none';
  /** What bad ones do. */
  manner: 'refuse' | 'hang' = 'refuse';
  openings = 0;

  override async open(onLost: () => void): Promise<Opened> {
    this.openings++;
    if (this.bad === 'this one') this.bad = 'none';
    if (this.manner === 'hang') await this.#fails();
    return super.open(onLost);
  }
  override async write(batch: WriteBatch): Promise<void> {
    await this.#fails();
    return super.write(batch);
  }
  async #fails(): Promise<void> {
    if (this.bad === 'none') return;
    if (this.manner === 'hang') await new Promise(() => undefined);
    throw new StorageFailure('failed', 'UnknownError');
  }
}

async function overBad() {
  const storage = new BadConnections();
  const alarms = new EdgeAlarms(() => undefined);
  const ended: boolean[] = [];
  const disk = new DriverDisk(storage, new Deadlines(timerClock()), alarms, {
    opened: () => undefined,
    ended: (_, complete) => ended.push(complete),
    read: () => undefined,
    cleared: () => undefined,
  });
  await disk.open();
  let id = 0;
  const write = (): void => disk.write({ id: ++id, writes: [{ kind: 'epoch', epoch: id }], strict: true });
  return { storage, disk, alarms, ended, write };
}

test('[STO-2] a database that refuses work without end is opened again, and then takes it', async () => {
  const { storage, alarms, ended, write } = await overBad();
  storage.bad = 'this one';
  write();
  await vi.advanceTimersByTimeAsync(900);
  expect([ended, alarms.list().map(({ code }) => code)]).toEqual([[false], ['storage-failed']]);
  await vi.advanceTimersByTimeAsync(200);
  expect(storage.openings).toBe(2);
  write();
  await vi.advanceTimersByTimeAsync(1);
  expect([ended, alarms.list()]).toEqual([[false, true], []]);
});

test('[STO-2] so again and again, ever more slowly, while the alarm goes on', async () => {
  const { storage, alarms, write } = await overBad();
  storage.bad = 'all';
  const openings: number[] = [];
  for (let second = 0; second < 120; second++) {
    write();
    await vi.advanceTimersByTimeAsync(1000);
    expect(alarms.list().map(({ code }) => code)).toContain('storage-failed');
    if (second === 29 || second === 119) openings.push(storage.openings);
  }
  expect(openings[0]).toBeGreaterThan(3);
  expect(openings[1]).toBeLessThan(12);
  storage.bad = 'none';
  write();
  await vi.advanceTimersByTimeAsync(1000);
  expect(alarms.list()).toEqual([]);
});

test('[STO-2] one write that cannot be stored is no reason, if others can', async () => {
  const { storage, write } = await overBad();
  storage.bad = 'all';
  write();
  await vi.advanceTimersByTimeAsync(1);
  storage.bad = 'none';
  write();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(storage.openings).toBe(1);
});

test('[STO-2] a database that neither takes nor refuses is an alarm after 10 s, and is opened again', async () => {
  const { storage, alarms, ended, write } = await overBad();
  storage.manner = 'hang';
  storage.bad = 'this one';
  write();
  await vi.advanceTimersByTimeAsync(9900);
  write();
  expect([ended, alarms.list()]).toEqual([[], []]);
  const raised: string[] = [];
  vi.spyOn(alarms, 'raise').mockImplementation((_, message) => raised.push(message));
  await vi.advanceTimersByTimeAsync(200);
  expect(raised).toEqual([expect.stringMatching(/not answered for 10 s.*open its database again/)]);
  expect([ended, storage.openings]).toEqual([[false, false], 2]);
  write();
  await vi.advanceTimersByTimeAsync(1);
  expect([ended, alarms.list()]).toEqual([[false, false, true], []]);
});

test('[API-4] a database that never answers to being opened: a named cause after 20 s', async () => {
  const storage = new BadConnections();
  storage.manner = 'hang';
  storage.bad = 'all';
  const nobody = (): void => undefined;
  const disk = new DriverDisk(storage, new Deadlines(timerClock()), new EdgeAlarms(nobody), {
    opened: nobody,
    ended: nobody,
    read: nobody,
    cleared: nobody,
  });
  const opening = disk.open().then(String, String);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await opening).toMatch(/does not open \(no answer for 20 s\): close other tabs/);
});

test('[STO-2] nor does an opening after a loss wait without end: it is tried again', async () => {
  const { storage, disk, alarms, write, ended } = await overBad();
  storage.manner = 'hang';
  storage.bad = 'all';
  write();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(storage.openings).toBeGreaterThan(2);
  expect(alarms.list().map(({ code }) => code)).toEqual(['storage-lost']);
  storage.bad = 'none';
  await vi.advanceTimersByTimeAsync(31_000);
  write();
  await vi.advanceTimersByTimeAsync(1);
  expect([ended.at(-1), alarms.list()]).toEqual([true, []]);
  await disk.close();
});

test('[STO-6] a database that was deleted while it was open is a named alarm, until the next one is opened', async () => {
  const memory = new MemoryDisk();
  const alarms = new EdgeAlarms(() => undefined);
  const told: string[] = [];
  const disk = new DriverDisk(new MemoryStorage(memory), new Deadlines(timerClock()), alarms, {
    opened: ({ storeId }) => told.push(storeId),
    ended: (_, complete) => told.push(complete ? 'on disk' : 'refused'),
    read: () => undefined,
    cleared: () => told.push('cleared'),
  });
  const { storeId } = await disk.open();
  disk.write({ id: 1, writes: [], strict: true });
  memory.wipe();
  await vi.advanceTimersByTimeAsync(1);
  const now = told.at(-1);
  expect(told).toEqual(['refused', 'cleared', now]);
  expect(now).not.toBe(storeId);
  expect(alarms.list()).toMatchObject([
    {
      code: 'storage-cleared',
      message: expect.stringMatching(/deleted what this tab had stored.*gets again what other tabs have/),
    },
  ]);
  memory.lose();
  await vi.advanceTimersByTimeAsync(200);
  expect([told.slice(3), alarms.list()]).toEqual([[now], []]);
});
