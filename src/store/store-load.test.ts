/** More at once than a store has under way ([OVR-1], [API-5]). */
import { expect, test } from 'vitest';
import type { KeyOutcome, Receipt } from '../api/api.ts';
import { ClosedError, KeyError, OverloadedError, ValueTooLargeError } from '../api/errors.ts';
import { type CartItems, heal, isolate, ring, until, within } from './store.fixture.ts';

const keys = (count: number): string[] => Array.from({ length: count }, (_, at) => `key ${at}`);

test('[OVR-1] a burst of 2,000 puts is taken, in order, and what waits can be seen', async () => {
  const { a, b } = await ring(3);
  const done: number[] = [];
  const puts = keys(2000).map((key, at) => a.put(key, [key]).then(() => done.push(at)));
  await until(() => a.view().requests.underWay > 0, 0).catch(() => undefined);
  expect(a.view().requests).toMatchObject({ underWay: 1000, waiting: 1000 });
  expect(a.view().requests.waitingBytes).toBeGreaterThan(1000 * 10);
  await within(Promise.all(puts));
  expect(done).toHaveLength(2000);
  expect(Math.max(...done.slice(0, 500))).toBeLessThan(1500);
  expect(a.view().requests).toEqual({ underWay: 0, waiting: 0, waitingBytes: 0, updates: 0 });
  expect((await within(b.get('key 1999'))).values).toEqual([['key 1999']]);
});

test('[OVR-1] only over the bound of bytes a request is refused, and nothing of it is written', async () => {
  const { a } = await ring(1);
  const value = ['x'.repeat(1_000_000)];
  const outcomes = await within(Promise.allSettled(keys(100).map((key) => a.put(key, value))));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused.length).toBeGreaterThan(5);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(OverloadedError);
  expect(outcomes.slice(0, 70).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(a.view().keys).toBe(100 - refused.length);
});

test('[OVR-1] a burst of 1,200 updates is taken, of one key and of many', async () => {
  const { a } = await ring(1);
  const add = (key: string, item: string) => a.update(key, (carts) => [...carts.flat(), item]);
  const many = keys(1100).map((key) => add(key, key));
  const one = keys(100).map((item) => add('cart', item));
  expect(a.view().requests.updates).toBe(1200);
  await within(Promise.all([...many, ...one]));
  expect((await within(a.get('cart'))).values[0]).toEqual(keys(100));
  expect(a.view().requests.updates).toBe(0);
});

test('[OVR-1] an abort ends what waits, before it is written; so does the close, with its own error', async () => {
  const { opened, a, disks } = await ring(3);
  isolate(opened, ...opened);
  const stop = new AbortController();
  const before = keys(1000).map((key) => a.put(key, [key]).catch(() => undefined));
  const aborted = a.put('aborted', ['x'], { signal: stop.signal });
  const waiting = a.put('waiting', ['x']);
  stop.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  expect(a.view().requests.waiting).toBe(1);
  const closing = a.close();
  await expect(waiting).rejects.toThrow(ClosedError);
  await closing;
  await within(Promise.all(before));
  heal(opened);
  for (const disk of disks) expect([disk.keys.has('aborted'), disk.keys.has('waiting')]).toEqual([false, false]);
});

async function allOf<R>(outcomes: AsyncIterable<KeyOutcome<R>>): Promise<KeyOutcome<R>[]> {
  const all: KeyOutcome<R>[] = [];
  for await (const outcome of outcomes) all.push(outcome);
  return all;
}

test('[API-5] putMany writes all that can be written, says of the rest what is wrong, and getMany reads it', async () => {
  const { a, b } = await ring(3);
  const entries: unknown[] = [
    ...new Map(keys(200).map((key) => [key, [key]])),
    ['', ['no key']],
    ['too large', ['x'.repeat(1_100_000)]],
    'no entry',
    ['a context of another key', ['x'], 'nonsense'],
    ['undefined is no JSON', undefined],
  ];
  const put = await within(allOf(a.putMany(entries as [string, CartItems][])));
  expect(put).toHaveLength(205);
  expect(new Set(put.map(({ index }) => index)).size).toBe(205);
  const refused = put.filter((outcome) => outcome.status === 'rejected').toSorted((x, y) => x.index - y.index);
  expect(refused.map(({ key, reason }) => [key, reason.name])).toEqual([
    ['', KeyError.name],
    ['too large', ValueTooLargeError.name],
    [undefined, 'TypeError'],
    ['a context of another key', 'ContextError'],
    ['undefined is no JSON', 'TypeError'],
  ]);
  const got = await within(allOf(b.getMany([...keys(200), '', 'never'], { r: 2 })));
  const values = got.toSorted((x, y) => x.index - y.index).map((one) => one.status === 'fulfilled' && one.value.values);
  expect(values).toEqual([...keys(200).map((key) => [[key]]), false, []]);
});

test('[API-5] putMany with contexts replaces what was read', async () => {
  const { a } = await ring(1);
  const first = await within(allOf(a.putMany(keys(3).map((key) => [key, ['old']]))));
  const entries = first.map((one): [string, CartItems, string] => [
    `${one.key}`,
    ['new'],
    one.status === 'fulfilled' ? one.value.context : '',
  ]);
  await within(allOf(a.putMany(entries)));
  for (const key of keys(3)) expect((await within(a.get(key))).values).toEqual([['new']]);
});

test('[API-5] a source of a million is taken as it is written, beside other requests, and left where the loop ends', async () => {
  const { a } = await ring(3);
  let taken = 0;
  async function* source(): AsyncGenerator<[string, CartItems]> {
    for (; taken < 1_000_000; taken++) yield [`key ${taken}`, ['x']];
  }
  const some = async (): Promise<KeyOutcome<Receipt>[]> => {
    const told: KeyOutcome<Receipt>[] = [];
    for await (const outcome of a.putMany(source())) {
      told.push(outcome);
      if (told.length === 300) break;
    }
    return told;
  };
  const writing = some();
  await within(a.put('beside', ['y']));
  const told = await within(writing);
  expect(told.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(taken).toBeLessThan(400);
  await until(() => a.view().requests.underWay === 0);
  expect(a.view().keys).toBeLessThan(400);
});

test('[API-5] putMany waits while the store is busy, and never adds to what waits', async () => {
  const { a } = await ring(1);
  const burst = keys(1500).map((key) => a.put(key, ['x']));
  let taken = 0;
  function* source(): Generator<[string, CartItems]> {
    for (; taken < 10; taken++) yield [`more ${taken}`, ['x']];
  }
  const many = allOf(a.putMany(source()));
  await Promise.resolve();
  expect(taken).toBe(0);
  await within(Promise.all(burst));
  expect(await within(many)).toHaveLength(10);
});

test('[API-5] a closed store ends putMany with ClosedError', async () => {
  const { a } = await ring(1);
  await a.close();
  await expect(allOf(a.putMany([['k', ['x']]]))).rejects.toThrow(ClosedError);
  await expect(allOf(a.getMany(['k']))).rejects.toThrow(ClosedError);
});
