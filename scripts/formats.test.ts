/**
 * Messages and databases have numbers, and a change of either asks for another one: here the code is held against
 * a hash that stands beside the number. docs/decisions/versions-of-formats.md says what to do when it differs.
 */
import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { IdbStorage } from '../src/browser/storage.ts';
import { databaseHashes, databaseVersion } from '../src/browser/storage-version.ts';
import { schemaByType } from '../src/wire/schema.ts';
import { storedSchemas } from '../src/wire/stored.ts';
import { protocolHashes, protocols } from '../src/wire/version.ts';
import { describeSchema } from './describe-schema.ts';

const hashOf = (formats: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(describeSchema(formats)))
    .digest('hex')
    .slice(0, 16);

const messages: Record<string, unknown> = Object.fromEntries(schemaByType);

/** The object stores, as a new database has them. */
async function objectStores(): Promise<unknown> {
  const name = 'formats';
  await new IdbStorage(name).open(() => undefined);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
  expect(database.version).toBe(databaseVersion);
  return [...database.objectStoreNames].map((store) => {
    const { keyPath, autoIncrement, indexNames } = database.transaction(store).objectStore(store);
    return { store, keyPath, autoIncrement, indices: [...indexNames] };
  });
}

test('[NET-5] the messages are those of this protocol', () => {
  const hash = hashOf(messages);
  const todo =
    `What nodes say to each other is not what protocol ${protocols.protocol} says. In src/wire/version.ts raise the ` +
    `number, unless no build with it has been released, and record its hash '${hash}'.`;
  expect(protocolHashes[protocols.protocol], todo).toBe(hash);
  expect(Math.max(...Object.keys(protocolHashes).map(Number))).toBe(protocols.protocol);
});

test('[STO-4] what is stored is what this version of the database holds', async () => {
  const hash = hashOf({ stores: await objectStores(), ...storedSchemas });
  const todo =
    `What a node stores is not what version ${databaseVersion} of the database holds. In src/browser/storage-version.ts ` +
    `raise the number, unless no build with it has been released, record its hash '${hash}', and write an upgrade from ` +
    'the version before in src/browser/storage-upgrade.ts.';
  expect(databaseHashes[databaseVersion], todo).toBe(hash);
  expect(Math.max(...Object.keys(databaseHashes).map(Number))).toBe(databaseVersion);
});

describe('[NET-5] [STO-4] another hash comes of', () => {
  const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
  const of = (...entries: [string, unknown][]) => ({ ping: v.object(Object.fromEntries(entries) as v.ObjectEntries) });
  const plain = of(['type', v.literal('ping')], ['seq', seq]);

  test.each([
    ['a field more', of(['type', v.literal('ping')], ['seq', seq], ['later', v.boolean()])],
    ['a field less', of(['type', v.literal('ping')])],
    ['another name', of(['type', v.literal('ping')], ['count', seq])],
    ['another literal', of(['type', v.literal('pong')], ['seq', seq])],
    ['another type', of(['type', v.literal('ping')], ['seq', v.string()])],
    ['another bound', of(['type', v.literal('ping')], ['seq', v.pipe(v.number(), v.safeInteger(), v.minValue(1))])],
    ['a bound less', of(['type', v.literal('ping')], ['seq', v.pipe(v.number(), v.safeInteger())])],
    ['a field that may be missing', of(['type', v.literal('ping')], ['seq', v.exactOptional(seq)])],
    ['strictness', { ping: v.strictObject(plain.ping.entries) }],
    ['a message more', { ...plain, pong: plain.ping }],
  ])('%s', (_, changed) => {
    expect(hashOf(changed)).not.toBe(hashOf(plain));
  });

  test('a field more in any message, or in an entry', () => {
    for (const [type, schema] of schemaByType) {
      const part = 'pipe' in schema ? schema.pipe[0] : schema;
      const changed = { ...messages, [type]: { ...part, entries: { ...part.entries, later: v.boolean() } } };
      expect(hashOf(changed)).not.toBe(hashOf(messages));
    }
    const { entry } = storedSchemas;
    const changed = { ...storedSchemas, entry: v.object({ ...entry.entries, later: v.boolean() }) };
    expect(hashOf(changed)).not.toBe(hashOf(storedSchemas));
  });

  test('a change within what messages are made of', () => {
    const [one, other] = [v.picklist(['a', 'b']), v.picklist(['a', 'c'])];
    const list = (item: v.GenericSchema, max: number) => v.pipe(v.array(item), v.maxLength(max));
    const kinds = (kind: string) => v.variant('kind', [v.object({ kind: v.literal(kind) })]);
    const differing: [unknown, unknown][] = [
      [one, other],
      [list(one, 2), list(other, 2)],
      [list(one, 2), list(one, 3)],
      [v.pipe(list(one, 2), v.minLength(1)), v.pipe(list(one, 3), v.minLength(1))],
      [v.strictTuple([one]), v.strictTuple([other])],
      [kinds('join'), kinds('leave')],
      [v.pipe(v.string(), v.regex(/^a$/)), v.pipe(v.string(), v.regex(/^b$/))],
      [v.instance(Uint8Array), v.instance(Uint16Array)],
    ];
    for (const [a, b] of differing) expect(hashOf(a)).not.toBe(hashOf(b));
  });

  test('the order of fields does not', () => {
    expect(hashOf(of(['seq', seq], ['type', v.literal('ping')]))).toBe(hashOf(plain));
  });
});
