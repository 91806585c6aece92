import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { md5 } from '@noble/hashes/legacy.js';
import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readDatabases, writeDatabases } from '../../e2e/builds/databases.ts';
import { type RecordedNode, recordingOf } from '../../e2e/builds/recording.ts';
import { StorageError } from '../api/errors.ts';
import type { Dot } from '../core/ids.ts';
import { digestOf } from '../core/ring/history.ts';
import type { Entry, Opened } from '../core/storage.ts';
import { openStore } from '../store/open-store.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { soundHistory } from '../wire/sound-history.ts';
import { soundAlive, soundEntry } from '../wire/stored.ts';
import { decodeToken } from '../wire/token.ts';
import { IdbStorage } from './storage.ts';

const recorded = recordingOf(
  readFileSync(new URL('../../e2e/builds/tabring-0.1.0.ring.jsonl', import.meta.url), 'utf8'),
);
const prefix = 'tabring/old/';
const nameOf = ({ node }: RecordedNode): string => prefix + node;
const [first = nobody()] = recorded.nodes;
const ignore = (): void => undefined;

function nobody(): never {
  throw new Error('nothing was recorded');
}

beforeEach(() => writeDatabases([prefix, recorded.nodes]));
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(recorded.nodes.map((node) => deleteDB(nameOf(node))));
});

async function opened(node: RecordedNode): Promise<Opened> {
  const storage = new IdbStorage(nameOf(node));
  const found = await storage.open(ignore);
  await storage.close();
  return found;
}

// What version 1 holds, for the tests: as it was, in its own words.
interface Clock {
  dot: Dot;
  context: Dot[];
  beyond: Dot[];
  size: number;
  deleted: boolean;
}
const clocksOf = (entry: unknown, within?: 'grave'): Clock[] => {
  const { clocks, grave } = JSON.parse(JSON.stringify(entry));
  return within === undefined ? clocks : (grave?.clocks ?? []);
};
const recordsOf = (node: RecordedNode, store: string): [string, unknown][] =>
  (node.stores[store] ?? []).map(([key, value]) => [String(key), value]);
const plain = (versions: Entry['versions'] = []) =>
  versions.map(({ context, ...rest }) => ({ ...rest, context: context.vector, beyond: context.dots }));

test('[STO-4] the recorded databases of version 1 have what an upgrade must keep', () => {
  const entries = recorded.nodes.flatMap((node) => recordsOf(node, 'clocks').map(([, entry]) => entry));
  const all = entries.flatMap((entry) => clocksOf(entry));
  const texts = entries.map((entry) => JSON.stringify(entry));
  expect(recorded.nodes.map(({ version }) => version)).toEqual([1, 1, 1, 1]);
  expect(all.some(({ beyond }) => beyond.length > 0)).toBe(true);
  expect(all.some(({ deleted }) => deleted)).toBe(true);
  expect(entries.some((entry) => clocksOf(entry).length > 1)).toBe(true);
  expect(entries.some((entry) => clocksOf(entry).length > 0 && clocksOf(entry, 'grave').length > 0)).toBe(true);
  expect(entries.some((entry) => clocksOf(entry).length === 0 && clocksOf(entry, 'grave').length > 0)).toBe(true);
  expect(texts.some((text) => text.includes(`"owners":["${recorded.away}"]`))).toBe(true);
  const history = JSON.stringify(new Map(recordsOf(first, 'meta')).get('history'));
  for (const kind of ['checkpoint', 'config', 'join', 'leave']) expect(history).toContain(`"kind":"${kind}"`);
});

test.each(recorded.nodes.map((node) => [node.node, node] as const))(
  '[STO-4] all that node %s had in version 1 is there in version 2, under its new names',
  async (_, node) => {
    const meta = new Map(recordsOf(node, 'meta'));
    const { storeId, epoch, history, alive, entries } = await opened(node);
    expect({ storeId, epoch, alive }).toEqual({
      storeId: meta.get('storeId'),
      epoch: Number(meta.get('epoch')) + 1,
      alive: meta.get('alive'),
    });
    const { events, unsound } = soundHistory(history);
    // Times that no ring had then are added, and say never: its digest is the same.
    expect([digestOf(events), unsound, soundAlive(alive)]).toEqual([digestOf(history), 0, alive]);
    const before = recordsOf(node, 'clocks');
    expect(entries.map(([key]) => key)).toEqual(before.map(([key]) => key));
    for (const [at, [, entry]] of entries.entries()) {
      const old = JSON.parse(JSON.stringify(before[at]?.[1]));
      expect(soundEntry(entry)).toEqual(entry);
      expect({ clocks: plain(entry.versions), owners: entry.hintFor }).toEqual({
        clocks: old.clocks,
        owners: old.owners,
      });
      const { versions, ...agreed } = entry.reapRecord ?? {};
      expect(entry.reapRecord && { clocks: plain(versions), ...agreed }).toEqual(old.grave);
    }
  },
);

test('[STO-4] every value is found under its dot, as it was', async () => {
  for (const node of recorded.nodes) {
    const storage = new IdbStorage(nameOf(node));
    const { entries } = await storage.open(ignore);
    const stored = new Map(recordsOf(node, 'values'));
    let found = 0;
    for (const [key, { versions }] of entries) {
      const dots = versions.filter(({ deleted }) => !deleted).map(({ dot }) => dot);
      const { values } = await storage.read({ id: 1, key, dots, withEntry: false });
      for (const [at, dot] of dots.entries()) {
        expect(Buffer.from(values[at] ?? []).toString('base64')).toBe(stored.get(String([key, `${dot[0]}:${dot[1]}`])));
        found++;
      }
    }
    expect(found).toBe(stored.size);
    await storage.close();
  }
});

test('[STO-4] [RING-2] the history has the digest that it had in version 1, so that histories of both unite', async () => {
  const textOf = (event: Record<string, unknown>): string => {
    const { stamp, kind, node, weight, zone, n, r, w, times } = JSON.parse(JSON.stringify(event));
    if (kind === 'join') return JSON.stringify([...stamp, kind, node, weight, zone]);
    if (kind === 'leave') return JSON.stringify([...stamp, kind, node]);
    if (kind !== 'config') throw new Error(`none was recorded: ${kind}`);
    const { suspectAfter, hedgeAfter, requestTimeout, grace, grave, removeAfter } = times;
    const of = [suspectAfter, hedgeAfter, requestTimeout, grace, grave, removeAfter];
    return JSON.stringify([...stamp, kind, n, r, w, ...of]);
  };
  for (const node of recorded.nodes) {
    const before: Record<string, unknown>[] = JSON.parse(
      JSON.stringify(new Map(recordsOf(node, 'meta')).get('history')),
    );
    const sum = new Uint8Array(16);
    for (const event of before) {
      const folded = event.kind === 'checkpoint' ? Buffer.from(String(event.digest), 'hex') : undefined;
      const hash = folded ?? md5(new TextEncoder().encode(textOf(event)));
      for (let at = 0; at < 16; at++) sum[at] = (sum[at] ?? 0) ^ (hash[at] ?? 0);
    }
    const { history } = await opened(node);
    expect(digestOf(history)).toBe(Buffer.from(sum).toString('hex'));
    const times = history.flatMap((event) => (event.kind === 'config' ? [event.times] : []));
    expect(times.map(({ tombstone }) => tombstone)).toContain(600_000);
    const [checkpoint] = history;
    expect(checkpoint).toMatchObject({ kind: 'checkpoint', config: { times: { reapMemory: 604_800_000 } } });
  }
});

test('[STO-4] a context that the build before made is one of this build', () => {
  for (const [key, { context }] of Object.entries(recorded.got)) {
    expect(decodeToken(context, key)).toMatchObject({ fastest: expect.stringMatching(/^[a-z2-7]{12}$/) });
  }
});

test('[STO-4] an upgrade that is broken off leaves version 1 as it was, and is made again at the next opening', async () => {
  const put = IDBObjectStore.prototype.put;
  let puts = 0;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    if (++puts === 4) throw new DOMException('', 'QuotaExceededError');
    return put.apply(this, args);
  });
  await expect(new IdbStorage(nameOf(first)).open(ignore)).rejects.toMatchObject({ kind: 'full' });
  vi.restoreAllMocks();
  const after = await readDatabases(nameOf(first));
  expect(after).toEqual([{ ...first, node: '' }]);
  expect((await opened(first)).entries).toHaveLength(recordsOf(first, 'clocks').length);
});

test('[STO-4] what is damaged in version 1 does not keep the rest from its upgrade, and is not thrown away', async () => {
  const damaged: [string, unknown][] = [
    ['no object', 7],
    ['no clocks', { owners: [] }],
    ['clocks that are none', { clocks: [null, 7], owners: [] }],
    ['clocks that are no list', { clocks: 'x', owners: [] }],
  ];
  const stores = { ...first.stores, clocks: [...(first.stores.clocks ?? []), ...damaged] };
  await writeDatabases([`${prefix}damaged/`, [{ ...first, stores }]]);
  const storage = new IdbStorage(`${prefix}damaged/${first.node}`);
  const { entries } = await storage.open(ignore);
  await storage.close();
  const isSound = ([, entry]: readonly [string, unknown]): boolean => soundEntry(entry) !== undefined;
  expect(entries.filter(isSound)).toEqual((await opened(first)).entries);
  expect(entries.filter((entry) => !isSound(entry)).map(([key]) => key)).toEqual(damaged.map(([key]) => key).sort());
});

test('[STO-4] a database of a newer build is left alone: opening says to reload the page', async () => {
  const name = 'tabring/newer/aaaaaaaaaaaa';
  const newer = await openDB(name, 9, { upgrade: (database) => void database.createObjectStore('of nine') });
  newer.close();
  const says = /written by a newer version of this page: reload this page/;
  await expect(new IdbStorage(name).open(ignore)).rejects.toMatchObject({ kind: 'failed', message: says });
  const ports = { transport: new MemoryHub().transport(), storage: new IdbStorage(name) };
  const opening = openStore({ room: 'newer', signaling: '', ports });
  await expect(opening).rejects.toThrow(StorageError);
  await expect(opening).rejects.toThrow(says);
  expect(await readDatabases(name)).toMatchObject([{ version: 9, stores: { 'of nine': [] } }]);
});
