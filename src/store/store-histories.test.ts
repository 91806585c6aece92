/** Rings of stores, some with a history on disk, or a peer, that says what no build of today says. */
import { encode as pack } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { OverloadedError, StorageError } from '../api/errors.ts';
import type { MembershipHistory } from '../core/ring/history.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { encodeGreeting } from '../wire/greeting.ts';
import { protocols } from '../wire/version.ts';
import { openStore } from './open-store.ts';
import { newDisk, nobody, open, optionsOn, ring, until, within } from './store.fixture.ts';

/** What is on a disk, as the next opening would find it. */
async function historyOn(disk: MemoryDisk): Promise<MembershipHistory> {
  const storage = new MemoryStorage(disk);
  const { history } = await storage.open(() => undefined);
  await storage.close();
  return history;
}

/** A history may hold anything, once it is on a disk. */
const write = (disk: MemoryDisk, history: readonly unknown[]): void =>
  disk.apply({ kind: 'history', history: history as MembershipHistory });

const times = {
  suspectAfter: 1800,
  hedgeAfter: 400,
  requestTimeout: 4000,
  reapMemory: 604_800_000,
  outAfter: 0,
  removeAfter: 0,
  heirAfter: 0,
  probation: 0,
};
const events: readonly [string, (self: string, at: number) => object][] = [
  ['the removal of what is no node', (self, at) => ({ stamp: [at, self], kind: 'remove', node: 'abcdefgh' })],
  ['the removal of nobody', (self, at) => ({ stamp: [at, self], kind: 'remove', node: '' })],
  [
    'a time in text',
    (self, at) => ({ stamp: [at, self], kind: 'config', n: 2, r: 1, w: 1, times: { ...times, tombstone: '900000' } }),
  ],
  ['a weight in text', (self, at) => ({ stamp: [at, self], kind: 'weight', node: self, weight: '2' })],
  ['a lone surrogate', (self, at) => ({ stamp: [at, self], kind: 'zone', node: self, zone: 'a\ud800' })],
];

test.each(events)(
  '[RING-2] [API-1] a tab whose stored history has %s is heard again, with one table',
  async (_, event) => {
    const { hub, disks, a, b, c } = await ring(3);
    const [disk = nobody()] = disks;
    const self = a.view().self.id;
    await a.close();
    const before = await historyOn(disk);
    write(disk, [...before, event(self, (before.at(-1)?.stamp[0] ?? 0) + 1)]);

    const again = await open(hub, disk);
    const mendedOf = { code: 'history-mended', message: expect.stringContaining('(1 of them)') };
    expect(again.view().alarms[0]).toMatchObject(mendedOf);
    await within(again.configure({ tombstoneMs: 900_000 }));
    const tombstones = () => [again, b, c].map((store) => store.view().ring.config.tombstoneMs);
    await until(() => tombstones().every((ms) => ms === 900_000));
    expect(new Set([again, b, c].map((store) => store.view().ring.hash)).size).toBe(1);
    expect([again, b, c].map((store) => store.view().rejected)).toEqual([{}, {}, {}]);

    await again.close();
    const mended = await open(hub, disk);
    expect(mended.view().alarms.filter(({ code }) => code === 'history-mended')).toEqual([]);
    expect(mended.view().ring.hash).toBe(b.view().ring.hash);
  },
);

test('[RING-2] a mended history is on disk at once, also if nothing is said any more', async () => {
  const { hub, disks, a } = await ring(1);
  const [disk = nobody()] = disks;
  await a.close();
  const before = await historyOn(disk);
  write(disk, [...before, { stamp: [before.length + 9, 'x'], kind: 'remove', node: '' }]);
  const again = await open(hub, disk);
  await again.close();
  expect(await historyOn(disk)).toEqual(before);
});

test('[RING-2] a checkpoint that one tab alone has folded a text into is mended, and all tables are equal', async () => {
  const { hub, disks, a, b, c } = await ring(3);
  const [disk = nobody()] = disks;
  await within(b.configure({ hedgeAfterMs: 500 }));
  await until(() => a.view().ring.config.hedgeAfterMs === 500);
  const { self, ring: table, members } = a.view();
  const { partitions, n, r, w, history: folded } = table;
  await a.close();
  const last = (await historyOn(disk)).at(-1)?.stamp[0] ?? 0;
  const stamp = [last + 1, self.id];
  const ids = members.map(({ id }) => id);
  write(disk, [
    {
      ...{ stamp, kind: 'checkpoint', digest: '0123456789abcdef0123456789abcdef', folded: folded + 1 },
      ...{ partitions, n, r, w, config: { stamp, kind: 'config', n, r, w, times: { ...times, tombstone: '900000' } } },
      members: members.map(({ id, zone }) => ({ node: id, weight: '1', zone })),
      owners: table.owners.map((owner) => ids.indexOf(owner)),
    },
  ]);

  const again = await open(hub, disk);
  expect(again.view().alarms[0]).toMatchObject({ code: 'history-mended' });
  await within(again.configure({ hedgeAfterMs: 600 }));
  const stores = [again, b, c];
  await until(() => stores.every((store) => store.view().ring.config.hedgeAfterMs === 600));
  expect(new Set(stores.map((store) => store.view().ring.hash)).size).toBe(1);
  expect(again.view().members.map(({ weight }) => weight)).toEqual([1, 1, 1]);
  expect(stores.map((store) => store.view().rejected)).toEqual([{}, {}, {}]);
});

test('[RING-2] what a peer says beside an unsound event is heard, an alarm names the tab, and ends with it', async () => {
  const hub = new MemoryHub();
  const store = await open(hub);
  const peer = 'aaaaaaaaaaaa';
  const transport = hub.transport();
  const say = (message: object): void => transport.send(store.view().self.id, pack(message), 'control');
  const join = { stamp: [4e12, peer], kind: 'join', node: peer, weight: 1, zone: '' };
  const removal = { stamp: [4e12 + 1, peer], kind: 'remove', node: 'abcdefgh' };
  transport.start(peer, {
    up: (other) => {
      transport.send(other, encodeGreeting({ ...protocols, heard: true }), 'control');
      say({ type: 'history', events: [join, removal] });
    },
    down: () => undefined,
    message: () => true,
    changed: () => undefined,
  });
  await until(() => store.view().members.length === 2);
  const alarm = { code: 'history-unsound', message: expect.stringContaining('aaaaaaaaaaaa (1)') };
  expect(store.view().alarms).toMatchObject([alarm]);
  for (let count = 0; count < 30; count++) say({ type: 'history', events: [join, removal] });
  await until(() => store.view().links.every(({ state }) => state === 'open'));
  expect(store.view().rejected).toEqual({});
  transport.stop();
  await until(() => store.view().alarms.every(({ code }) => code !== 'history-unsound'));
});

test('[RING-2] a full history takes no more events, and says so; removals and leaves have room', async () => {
  const { hub, disks, a } = await ring(1);
  const [disk = nobody()] = disks;
  await a.close();
  const before = await historyOn(disk);
  const from = (before.at(-1)?.stamp[0] ?? 0) + 1;
  const gone = 'bbbbbbbbbbbb';
  const old = 'cccccccccccc';
  const fill = Array.from({ length: 9900 - before.length - 1 }, (_, at) => ({
    ...{ stamp: [from + at, gone], kind: 'leave', node: gone },
  }));
  const joined = { stamp: [from + fill.length, old], kind: 'join', node: old, weight: 1, zone: old };
  write(disk, [...before, ...fill, joined]);
  const full = await open(hub, disk);
  expect(full.view().ring.history).toBe(9900);
  await expect(within(full.configure({ hedgeAfterMs: 500 }))).rejects.toThrow(OverloadedError);
  await expect(within(openStore(optionsOn(hub, newDisk())))).rejects.toThrow('history is full');
  expect(full.view().ring.history).toBe(9900);
  await within(full.remove(old));
  expect(full.view().members.find(({ id }) => id === old)?.status).toBe('left');
});

test('[API-1] [VER-1] a storage that gives no store id is a StorageError, and its node says nothing', async () => {
  const hub = new MemoryHub();
  for (const storeId of ['my store', '', 'ABCDEFGHIJKL', 'aaaaaaaaaaaaa']) {
    await expect(within(openStore(optionsOn(hub, new MemoryDisk(() => storeId))))).rejects.toThrow(StorageError);
  }
  expect((await open(hub)).view().members).toHaveLength(1);
});
