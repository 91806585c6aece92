import { expect, test, vi } from 'vitest';
import type { Versions } from '../api/api.ts';
import {
  ClosedError,
  ContextError,
  KeyError,
  OverloadedError,
  QuorumError,
  StorageError,
  ValueTooLargeError,
} from '../api/errors.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { openStore } from './open-store.ts';
import {
  type CartItems,
  heal,
  idOf,
  isolate,
  newDisk,
  nobody,
  open,
  optionsOn,
  primariesOf,
  ring,
  sorted,
  until,
  within,
} from './store.fixture.ts';

// What the documentation shows

test('[PUT-1] what one tab has read any tab replaces, of each writer and by each coordinator', async () => {
  const { opened } = await ring(5);
  for (const [at, writer] of opened.entries()) {
    await within(writer.put(`key${at}`, ['tea']));
    for (const reader of opened) {
      const { context } = await within(reader.get(`key${at}`));
      await within(reader.put(`key${at}`, ['milk'], { context }));
    }
    expect((await within(writer.get(`key${at}`, { r: 3 }))).values).toEqual([['milk']]);
  }
});

test('what one tab puts, every other gets', async () => {
  const { opened, a } = await ring(5);
  const receipt = await within(a.put('cart', ['tea']));
  expect(receipt.quorum).toBe('met');
  expect(receipt.acks.length).toBeGreaterThanOrEqual(2);
  for (const store of opened) {
    const { values, found, quorum, replicas } = await within(store.get('cart'));
    expect({ values, found, quorum }).toEqual({ values: [['tea']], found: 'value', quorum: 'met' });
    expect(replicas.length).toBeGreaterThanOrEqual(2);
  }
});

test('a put with a context replaces what was read; one without makes a sibling', async () => {
  const { a, b } = await ring(5);
  await within(a.put('cart', ['tea']));
  const { context } = await within(b.get('cart'));
  await within(b.put('cart', ['tea', 'milk'], { context }));
  expect((await within(a.get('cart'))).values).toEqual([['tea', 'milk']]);
  await within(a.put('cart', ['rum']));
  expect(sorted((await within(b.get('cart'))).values)).toEqual([['rum'], ['tea', 'milk']]);
});

test('a receipt is a context too', async () => {
  const { a } = await ring(3);
  const { context } = await within(a.put('cart', ['tea']));
  await within(a.put('cart', ['milk'], { context }));
  expect((await within(a.get('cart'))).values).toEqual([['milk']]);
});

test('update sees all siblings and leaves one', async () => {
  const { a, b } = await ring(3);
  await within(Promise.all([a.put('cart', ['tea']), b.put('cart', ['milk'])]));
  await within(a.update('cart', (carts) => [...new Set([...carts.flat(), 'rum'])].toSorted()));
  expect((await within(b.get('cart'))).values).toEqual([['milk', 'rum', 'tea']]);
});

test('[DEL-1] a deleted key says so, and is made again from the context of its deletion', async () => {
  const { a, b } = await ring(3);
  expect((await within(b.get('cart'))).found).toBe('never');
  const { context } = await within(a.put('cart', ['tea']));
  await within(a.delete('cart', { context }));
  const deleted = await within(b.get('cart'));
  expect({ found: deleted.found, values: deleted.values }).toEqual({ found: 'deleted', values: [] });
  await within(b.put('cart', ['milk'], { context: deleted.context }));
  expect(await within(a.get('cart'))).toMatchObject({ found: 'value', values: [['milk']] });
});

test('[DEL-1] a put that the deletion has not seen survives it', async () => {
  const { a, b } = await ring(3);
  const { context } = await within(a.put('cart', ['tea']));
  await within(b.put('cart', ['milk']));
  await within(a.delete('cart', { context }));
  expect(await within(b.get('cart'))).toMatchObject({ found: 'value', values: [['milk']] });
});

// Updates and sessions

test('updates of one tab never race each other', async () => {
  const { a } = await ring(3);
  const add = (item: string) => a.update('cart', (carts) => [...carts.flat(), item]);
  await within(Promise.all(Array.from({ length: 20 }, (_, i) => add(`${i}`))));
  expect((await within(a.get('cart'))).values).toEqual([Array.from({ length: 20 }, (_, i) => `${i}`)]);
});

test('an update whose change throws rejects with it, and the next one runs', async () => {
  const { a } = await ring(3);
  const failing = a.update('cart', () => {
    throw new Error('out of stock');
  });
  const next = a.update('cart', (carts) => [...carts.flat(), 'tea']);
  await expect(within(failing)).rejects.toThrow('out of stock');
  await within(next);
  expect((await within(a.get('cart'))).values).toEqual([['tea']]);
});

test('[GET-4] what a session wrote, and another tab replaced from its receipt, counts as seen', async () => {
  const { a, b } = await ring(3);
  await within(a.put('cart', ['tea']));
  const { context } = await within(a.put('cart', ['milk']));
  await within(b.put('cart', ['rum'], { context }));
  const { values, quorum } = await within(a.get('cart'));
  expect(sorted(values)).toEqual([['rum'], ['tea']]);
  expect(quorum).toBe('met');
});

test('[GET-4] a session reads its own writes, wherever they were written', async () => {
  const { a, b } = await ring(5);
  for (let i = 0; i < 20; i++) {
    const key = `cart${i}`;
    const store = i % 2 ? a : b;
    await within(store.put(key, ['tea']));
    expect(await within(store.get(key, { r: 1 }))).toMatchObject({ values: [['tea']], quorum: 'met' });
  }
});

// Errors

test('[KEY-1] keys and values out of their bounds are refused by name', async () => {
  const { a } = await ring(1);
  for (const key of ['', 'k'.repeat(1025), '\ud800']) {
    await expect(a.get(key)).rejects.toThrow(KeyError);
    await expect(a.put(key, [])).rejects.toThrow(KeyError);
    await expect(a.delete(key)).rejects.toThrow(KeyError);
    await expect(a.update(key, () => [])).rejects.toThrow(KeyError);
    await expect(a.inspect(key)).rejects.toThrow(KeyError);
    expect(() => a.watch(key)).toThrow(KeyError);
  }
  await expect(a.put('k', ['x'.repeat(1_048_576)])).rejects.toThrow(ValueTooLargeError);
  expect(a.view().keys).toBe(0);
});

test('a context that is none, or of another key, is a ContextError', async () => {
  const { a } = await ring(1);
  const { context } = await within(a.put('cart', ['tea']));
  for (const bad of ['', 'nonsense', `${context}A`]) {
    await expect(a.put('cart', [], { context: bad })).rejects.toThrow(ContextError);
  }
  await expect(a.put('other', [], { context })).rejects.toThrow(ContextError);
  await expect(a.delete('other', { context })).rejects.toThrow(ContextError);
});

test('r and w out of 1 … n are TypeErrors', async () => {
  const { a } = await ring(1);
  await expect(a.get('cart', { r: 4 })).rejects.toThrow(TypeError);
  await expect(a.put('cart', [], { w: 0 })).rejects.toThrow(TypeError);
});

test('[PUT-4] under quorum a put is accepted and says so, or rejects with a QuorumError, as opened', async () => {
  for (const underQuorum of ['accept', 'reject'] as const) {
    const { opened, a } = await ring(3, { underQuorum });
    isolate(opened, a);
    await until(() => a.view().members.every(({ id, status }) => id === idOf(a) || status === 'unreachable'));
    const put = within(a.put('cart', ['tea']));
    if (underQuorum === 'accept') expect(await put).toMatchObject({ quorum: 'under', acks: [idOf(a)] });
    else await expect(put).rejects.toThrow(QuorumError);
  }
});

test('[VER-6] too many siblings: a put without context is refused, one with it is not', async () => {
  const { a } = await ring(1);
  for (let i = 0; i < 100; i++) await within(a.put('cart', [`${i}`]));
  await expect(within(a.put('cart', ['one more']))).rejects.toThrow(OverloadedError);
  await within(a.update('cart', (carts) => carts.flat()));
  expect((await within(a.get('cart'))).values).toHaveLength(1);
});

test('[STO-2] a full disk refuses with a StorageError, raises an alarm, and is forgiven when freed', async () => {
  const { a, disks } = await ring(1);
  const alarms: string[] = [];
  a.addEventListener('alarm', ({ detail }) => alarms.push(detail.code));
  disks[0]?.fill();
  await expect(within(a.put('cart', ['tea']))).rejects.toThrow(StorageError);
  expect(alarms).toEqual(['storage-full']);
  disks[0]?.free();
  expect(await within(a.put('cart', ['milk']))).toMatchObject({ acks: [idOf(a)], quorum: 'met' });
  expect(a.view().alarms).toEqual([]);
});

test('an abort rejects with AbortError', async () => {
  const { opened, a } = await ring(3);
  isolate(opened, ...opened);
  const controller = new AbortController();
  const get = a.get('cart', { signal: controller.signal });
  const update = a.update('cart', () => [], { signal: controller.signal });
  controller.abort();
  await expect(get).rejects.toMatchObject({ name: 'AbortError' });
  await expect(update).rejects.toMatchObject({ name: 'AbortError' });
  await expect(a.get('cart', { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

test('close settles what is pending, and everything after it is a ClosedError', async () => {
  const { opened, a } = await ring(3);
  isolate(opened, ...opened);
  const pending = [a.get('cart'), a.put('cart', []), a.update('cart', () => []), a.inspect('cart')];
  const closing = a.close();
  for (const promise of pending) await expect(promise).rejects.toThrow(ClosedError);
  await closing;
  await a.close();
  await expect(a.get('cart')).rejects.toThrow(ClosedError);
  await expect(a.leave()).rejects.toThrow(ClosedError);
  const watching = a.watch('cart')[Symbol.asyncIterator]();
  await expect(watching.next()).rejects.toThrow(ClosedError);
});

// Watching

async function next(iterator: AsyncIterator<Versions<CartItems>>): Promise<CartItems[] | undefined> {
  const result = await within(iterator.next());
  return result.done ? undefined : result.value.values;
}

test('[WATCH-1] a watcher hears the current versions, then each new state', async () => {
  const { a, b } = await ring(5);
  const watching = b.watch('cart')[Symbol.asyncIterator]();
  expect(await next(watching)).toEqual([]);
  const { context } = await within(a.put('cart', ['tea']));
  expect(await next(watching)).toEqual([['tea']]);
  await within(a.put('cart', ['milk'], { context }));
  expect(await next(watching)).toEqual([['milk']]);
});

test('[WATCH-1] a slow watcher skips to the final state, and hears it once', async () => {
  const { a, b } = await ring(5);
  const watching = b.watch('cart')[Symbol.asyncIterator]();
  for (let i = 0; i < 10; i++) await within(a.update('cart', (carts) => [...carts.flat(), `${i}`]));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await next(watching)).toEqual([Array.from({ length: 10 }, (_, i) => `${i}`)]);
  const waiting = watching.next();
  await within(b.close());
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('[WATCH-1] a watcher cut off from the writers hears the final state after the cut', async () => {
  const { opened, a, b } = await ring(5);
  const watching = b.watch('cart')[Symbol.asyncIterator]();
  await next(watching);
  isolate(opened, b);
  await within(a.put('cart', ['tea']));
  heal(opened);
  expect(await next(watching)).toEqual([['tea']]);
});

test('watching ends by abort and by return', async () => {
  const { a } = await ring(1);
  const controller = new AbortController();
  const seen: number[] = [];
  const watching = (async () => {
    for await (const { values } of a.watch('cart', { signal: controller.signal })) seen.push(values.length);
  })();
  await until(() => seen.length === 1);
  controller.abort();
  await watching;
  for await (const { found } of a.watch('cart')) {
    expect(found).toBe('never');
    break;
  }
});

// Looking on

test('the view is a snapshot that says who, where and how well', async () => {
  const { opened, a } = await ring(4);
  await within(a.put('cart', ['tea']));
  await within(a.get('cart'));
  const view = a.view();
  expect(view.members.map(({ id }) => id).toSorted()).toEqual(opened.map(idOf).toSorted());
  expect(view.ring).toMatchObject({ partitions: 256, n: 3, r: 2, w: 2 });
  expect(view.ring.owners).toHaveLength(256);
  expect(view.links.filter(({ state }) => state === 'open')).toHaveLength(3);
  expect(view.signaling).toBe('open');
  expect(view.metrics.get.count).toBe(1);
  expect(view.metrics.put.count).toBe(1);
  view.ring.owners.length = 0;
  expect(a.view().ring.owners).toHaveLength(256);
});

test('explain, inspect and held agree on where a key is', async () => {
  const { opened, a } = await ring(5);
  await within(a.put('cart', ['tea'], { w: 3 }));
  const primaries = primariesOf(a, 'cart');
  expect(primaries).toHaveLength(3);
  expect(a.explain('cart').position).toMatch(/^[0-9a-f]{32}$/);
  const replicas = await within(a.inspect('cart'));
  const holders = replicas.filter(({ versions }) => versions.length > 0).map(({ node }) => node);
  expect(holders.toSorted()).toEqual(primaries.toSorted());
  for (const store of opened) {
    const held: unknown[] = [];
    for await (const item of store.held()) held.push(item);
    expect(held).toEqual(primaries.includes(idOf(store)) ? [{ key: 'cart', role: 'primary' }] : []);
  }
});

test('a store tells of changed keys, and of membership at most ten times a second', async () => {
  const { hub, opened, a } = await ring(3);
  const changed: string[] = [];
  let membership = 0;
  a.addEventListener('change', ({ detail }) => changed.push(detail.key));
  a.addEventListener('membership', () => membership++);
  await within(opened[1]?.put('cart', ['tea']) ?? nobody());
  await until(() => changed.includes('cart'));
  await vi.advanceTimersByTimeAsync(200);
  membership = 0;
  const [one = nobody(), other = nobody()] = opened.map(idOf);
  for (let i = 0; i < 50; i++) {
    hub.sever(one, other);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(membership).toBeGreaterThan(0);
  expect(membership).toBeLessThanOrEqual(6);
});

// Opening

test('two rooms in one page know nothing of each other', async () => {
  const here = await ring(2);
  const there = await ring(2);
  await within(here.a.put('cart', ['tea']));
  expect((await within(there.a.get('cart'))).found).toBe('never');
  expect(there.a.view().members).toHaveLength(2);
});

test('opening is refused by wrong options, and aborted by its signal', async () => {
  const hub = new MemoryHub();
  await expect(openStore({ ...optionsOn(hub), weight: 1000 })).rejects.toThrow(TypeError);
  await expect(openStore({ ...optionsOn(hub), signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
  const transport = hub.transport();
  transport.introduced = () => new Promise(() => undefined);
  const controller = new AbortController();
  const opening = openStore({
    ...optionsOn(hub),
    ports: { transport, storage: new MemoryStorage(newDisk()) },
    signal: controller.signal,
  });
  await vi.advanceTimersByTimeAsync(100);
  controller.abort();
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  expect(transport.signaling()).toBe('closed');
});

test('the signal of an open store closes it', async () => {
  const controller = new AbortController();
  const store = await open(new MemoryHub(), undefined, { signal: controller.signal });
  controller.abort();
  await expect(store.get('cart')).rejects.toThrow(ClosedError);
});

test('without a codec values are bytes', async () => {
  const { codec: _, ...options } = optionsOn(new MemoryHub());
  const { room, signaling, ports } = options;
  const store = await within(openStore({ room, signaling, ...(ports && { ports }) }));
  await within(store.put('k', new Uint8Array([1, 2])));
  expect((await within(store.get('k'))).values).toEqual([new Uint8Array([1, 2])]);
  await store.close();
});
