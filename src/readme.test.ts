/**
 * The API example of the README, run in memory. The invariant: what the README shows is, line for line,
 * what runs between the two marks below.
 */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import * as tabring from './index.ts';
import { MemoryHub, MemoryStorage } from './testing/index.ts';

const { json, union } = tabring;

afterEach(() => {
  vi.restoreAllMocks();
});

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The first block of TypeScript, as its imports and the rest. */
function shown(): { imports: string[]; code: string } {
  const [, block = ''] = /```ts\n(.*?)```/s.exec(textOf('../README.md')) ?? [];
  const [, names = '', code = ''] = /^import \{ (.*?) \} from 'tabring';\n(.*)$/s.exec(block) ?? [];
  return { imports: names.split(', '), code: code.trim() };
}

test('the example of the README runs, and does what it says', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const hub = new MemoryHub();
  /** The same store with edges in memory. */
  const openStore: typeof tabring.openStore = (options) =>
    tabring.openStore({ ...options, ports: { transport: hub.transport(), storage: new MemoryStorage() } });

  // README begins
  const store = await openStore({ room: 'kitchen', signaling: 'ws://127.0.0.1:7420', codec: json<string[]>() });

  const receipt = await store.put('list', ['tea']);
  console.log(receipt.acks, receipt.quorum); // who has committed it, and whether that is as many as W asks

  const { values, context } = await store.get('list'); // every version that no other version has replaced
  await store.put('list', union.withItem(union.union(values), 'milk'), { context }); // replaces what was read

  await store.put('list', ['rum']); // without a context it replaces nothing: now there are two versions
  await store.update('list', (versions) => union.union(versions)); // reads, merges, writes with the context

  const week = new Map([
    ['monday', ['rice']],
    ['tuesday', ['salt']],
  ]); // or a generator of a million entries
  for await (const { key, status } of store.putMany(week)) {
    console.log(key, status); // each entry has its outcome, and one that is refused stops no other
  }

  for await (const { values: lists } of store.watch('list')) {
    console.log(lists);
    break; // or go on, and hear of every new state
  }
  await store.close(); // the node stays in the ring; leave() takes it out for good
  // README ends

  expect(log.mock.calls).toEqual([
    [receipt.acks, 'met'],
    ['monday', 'fulfilled'],
    ['tuesday', 'fulfilled'],
    [[['milk', 'rum', 'tea']]],
  ]);
  expect(receipt.acks).toHaveLength(1);
});

test('the README shows exactly the example that was run, and imports what there is', () => {
  const [, ran = ''] = /\n +\/\/ README begins\n(.*?)\n +\/\/ README ends\n/s.exec(textOf('readme.test.ts')) ?? [];
  const { imports, code } = shown();
  expect(code).not.toBe('');
  expect(code).toBe(ran.replaceAll(/^ {2}/gm, ''));
  for (const name of imports) expect(tabring).toHaveProperty(name);
});
