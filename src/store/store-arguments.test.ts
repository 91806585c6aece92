import { describe, expect, test, vi } from 'vitest';
import type { Codec } from '../api/api.ts';
import { json } from '../api/codec.ts';
import { DecodeError, MemberError, ValueTooLargeError } from '../api/errors.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { openStore } from './open-store.ts';

const open = <T>(hub: MemoryHub, codec: Codec<T>, signal?: AbortSignal) =>
  openStore<T>({
    ...{ room: 'r', signaling: '', codec, ...(signal && { signal }) },
    ports: { transport: hub.transport(), storage: new MemoryStorage(new MemoryDisk()) },
  });

/** Something that is waited for. */
function gate() {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Three stores of one room. */
async function three<T>(codec: Codec<T>) {
  const hub = new MemoryHub();
  const stores = [await open(hub, codec), await open(hub, codec), await open(hub, codec)] as const;
  await vi.waitFor(() => expect(new Set(stores.map((store) => store.view().ring.hash)).size).toBe(1));
  return stores;
}

describe('what users give', () => {
  test.each(['abcdefgh', '', 'aaaaaaaaaaaa', JSON.parse('7'), JSON.parse('null')])(
    '[API-1] remove(%j) of a node that is no member is a MemberError, and says nothing to the ring',
    async (node) => {
      const [store] = await three(json<number>());
      const { history } = store.view().ring;
      await expect(store.remove(node)).rejects.toThrow(MemberError);
      expect(store.view().ring.history).toBe(history);
    },
  );

  test('[API-1] a promise is no value: it is refused, and nothing is written', async () => {
    const lax: Codec<unknown> = { encode: (value) => new TextEncoder().encode(JSON.stringify(value)), decode: () => 1 };
    const [store] = await three(lax);
    await expect(store.put('cart', Promise.resolve(['milk']))).rejects.toThrow(TypeError);
    await expect(store.update('cart', async () => ['milk'])).rejects.toThrow('async');
    expect((await store.get('cart')).found).toBe('never');
  });

  test.each([
    { tombstoneMs: '900000' },
    { tombstoneMs: true },
    { tombstoneMs: null },
    { tombstoneMs: Number.NaN },
    { n: '3' },
    { patienceMs: 900_000 },
    { version: 9 },
  ])('[API-1] configure(%j) is a RangeError, and says nothing to the ring', async (change) => {
    const [store] = await three(json<number>());
    const { history } = store.view().ring;
    await expect(store.configure(JSON.parse(JSON.stringify(change)))).rejects.toThrow(RangeError);
    expect(store.view().ring.history).toBe(history);
  });

  test('[API-1] what a call is not made for is a TypeError, and does not end the node', async () => {
    const [store, other] = await three(json<number>());
    const junk: unknown[] = [null, 'x', 7, true, Symbol('s'), { signal: {} }, { signal: 'x' }, { signal: null }];
    const calls = (options: never): Promise<unknown>[] => [
      store.get('k', options),
      store.put('k', 1, options),
      store.delete('k', options),
      store.update('k', () => 1, options),
      (async () => store.watch('k', options))(),
      (async () => store.faults.cut([], options))(),
    ];

    for (const options of junk) {
      // `cut` has no signal.
      const some = calls(options as never).slice(0, typeof options === 'object' && options !== null ? 5 : 6);
      for (const call of some) await expect(call).rejects.toThrow(TypeError);
    }
    for (const change of [undefined, 7, {}]) {
      await expect(store.update('k', change as never)).rejects.toThrow(TypeError);
    }
    for (const nodes of [undefined, 'abc', [7], {}]) expect(() => store.faults.cut(nodes as never)).toThrow(TypeError);
    expect(() => store.faults.cut([], { direction: 'up' as never })).toThrow(TypeError);
    for (const change of [null, 7, 'n']) await expect(store.configure(change as never)).rejects.toThrow(TypeError);
    for (const name of ['toString', '__proto__', 'constructor']) {
      await expect(store.configure(JSON.parse(`{"${name}":1}`))).rejects.toThrow(RangeError);
    }
    for (const node of [7n, Object.create(null), Symbol('s')]) {
      await expect(store.remove(node as never)).rejects.toThrow(MemberError);
    }
    expect(store.view().keys).toBe(0);
    await store.put('k', 2);
    expect((await other.get('k')).values).toEqual([2]);
  });

  test('[API-1] [KEY-1] a value is as long as what is stored of it, whatever its class says', async () => {
    class Liar extends Uint8Array {
      override get length(): number {
        return 1;
      }
    }
    const [store] = await three<Uint8Array>({ encode: (bytes) => bytes, decode: (bytes) => bytes });
    await expect(store.put('k', new Liar(1_048_577))).rejects.toThrow(ValueTooLargeError);
    const gone = new Uint8Array(4);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await expect(store.put('k', gone)).rejects.toThrow(TypeError);
    expect(store.view().keys).toBe(0);
  });

  test('[API-1] a codec may use one buffer for all that it encodes: each key keeps its own value', async () => {
    const buffer = new Uint8Array(5);
    const codec: Codec<string> = {
      encode: (text) => {
        new TextEncoder().encodeInto(text, buffer);
        return buffer;
      },
      decode: (bytes) => new TextDecoder().decode(bytes),
    };
    const stores = await three(codec);
    await Promise.all([stores[0].put('x', 'one x'), stores[0].put('y', 'two y')]);
    for (const store of stores) {
      expect([(await store.get('x', { r: 1 })).values, (await store.get('y', { r: 1 })).values]).toEqual([
        ['one x'],
        ['two y'],
      ]);
    }
  });

  test('[API-1] a reader that changes what it got, and a writer what it gave, change nothing in the store', async () => {
    const plain: Codec<Uint8Array> = { encode: (bytes) => bytes, decode: (bytes) => bytes };
    const stores = await three(plain);
    const mine = new Uint8Array([1, 2, 3]);
    const put = stores[0].put('k', mine);
    mine.fill(7);
    await put;
    mine.fill(8);
    for (const store of stores) (await store.get('k', { r: 1 })).values[0]?.fill(9);
    for (const store of stores) expect((await store.get('k', { r: 1 })).values).toEqual([new Uint8Array([1, 2, 3])]);
  });
});

describe('a value that the codec cannot decode', () => {
  const bytes: Codec<Uint8Array> = { encode: (value) => value, decode: (value) => value };

  /** A key with a good value and one that JSON cannot say. */
  async function poisoned() {
    const hub = new MemoryHub();
    const store = await open(hub, json<string>());
    const other = await open(hub, bytes);
    await store.put('cart', 'tea');
    await other.put('cart', new Uint8Array([0xff, 1]));
    return store;
  }

  test('[API-2] makes a get reject with the context, by which a put replaces it, and with what could be decoded', async () => {
    const store = await poisoned();
    const error = await store.get('cart').then(String, (reason: unknown) => reason);
    if (!(error instanceof DecodeError)) throw new Error(`no DecodeError: ${error}`);
    expect(error.values).toEqual(['tea']);
    await store.put('cart', 'rum', { context: error.context });
    expect((await store.get('cart')).values).toEqual(['rum']);
  });

  test('[API-2] makes updates and watchers reject alike', async () => {
    const store = await poisoned();
    await expect(store.update('cart', () => 'milk')).rejects.toThrow(DecodeError);
    await expect(store.watch('cart')[Symbol.asyncIterator]().next()).rejects.toThrow(DecodeError);
  });
});

describe('an opening that is aborted', () => {
  test('[API-3] while its storage opens starts no transport, and closes the storage', async () => {
    const hub = new MemoryHub();
    const transport = hub.transport();
    const start = vi.spyOn(transport, 'start');
    const opening = gate();
    const asked = gate();
    const closed = gate();
    class Slow extends MemoryStorage {
      override async open(onLost: () => void) {
        asked.open();
        await opening.passed;
        return super.open(onLost);
      }
      override async close() {
        await super.close();
        closed.open();
      }
    }
    const stop = new AbortController();
    const ports = { transport, storage: new Slow(new MemoryDisk()) };
    const store = openStore({ room: 'r', signaling: '', signal: stop.signal, ports });
    await asked.passed;
    stop.abort(new Error('enough'));
    await expect(store).rejects.toThrow('enough');
    opening.open();
    await closed.passed;
    expect(start).not.toHaveBeenCalled();
  });

  test('[API-3] a signal that lives on does not hold a closed store', async () => {
    const stop = new AbortController();
    const remove = vi.spyOn(stop.signal, 'removeEventListener');
    const add = vi.spyOn(stop.signal, 'addEventListener');
    const store = await open(new MemoryHub(), json<string>(), stop.signal);
    await store.put('k', 'v', { signal: stop.signal });
    await store.close();
    const listeners = (spy: typeof add | typeof remove) => new Set(spy.mock.calls.map(([, listener]) => listener));
    expect(listeners(remove)).toEqual(listeners(add));
  });
});
