import { encode as pack } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { limits } from '../core/limits.ts';
import type { Message } from '../core/message.ts';
import { decode, encode } from './codec.ts';

const reasonOf = (bytes: Uint8Array): string | undefined => {
  const result = decode(bytes);
  return result.type === 'rejected' ? result.reason : undefined;
};

/** Packs anything, as a peer that does not keep to the types would. */
const reason = (value: unknown): string | undefined => reasonOf(pack(value));

const actor = (name: string, epoch = 1): string => `${name.repeat(18)}.${epoch}`;
const sibling = {
  dot: [actor('a'), 2],
  context: { vector: [[actor('a'), 1]], dots: [] },
  deleted: false,
  size: 3,
  time: 0,
  op: '',
  value: Uint8Array.of(1, 2, 3),
};
const store = { type: 'store', id: 1, key: 'k', siblings: [sibling], hintFor: [], reason: 'put', strict: true };
const withSibling = (change: object) => ({ ...store, siblings: [{ ...sibling, ...change }] });

describe('round trip', () => {
  test('a value of the longest kind passes', () => {
    const value = new Uint8Array(limits.valueBytes).fill(7);
    const result = decode(pack(withSibling({ value, size: value.length })));
    expect(result.type).toBe('store');
  });

  test('a decoded value does not hold on to the bytes it came in', () => {
    const result = decode(pack(withSibling({})));
    if (result.type !== 'store') throw new Error(`${result.type}`);
    expect(result.siblings[0]?.value.buffer.byteLength).toBe(3);
  });
});

describe('[NET-3] hostile bytes are a rejection, never an exception', () => {
  test('a length that lies allocates nothing', () => {
    const claims = [
      [0xdd, 0x00, 0x00, 0xff, 0xff],
      [0xdd, 0xff, 0xff, 0xff, 0xff],
      [0xdf, 0xff, 0xff, 0xff, 0xff],
      [0xdb, 0xff, 0xff, 0xff, 0xff],
      [0xc6, 0xff, 0xff, 0xff, 0xff],
    ];
    for (const claim of claims) expect(reasonOf(Uint8Array.from(claim))).toBe('malformed');
    // Lists of 65,535 inside one another, 2 million of them: half a megabyte for each if it were believed.
    const nested = new Uint8Array(6_000_000).map((_, i) => (i % 3 === 0 ? 0xdc : 0xff));
    expect(reasonOf(nested)).toBe('malformed');
  });

  test('a list of very many nothings', () => {
    const list = new Uint8Array(4_000_000).fill(0x90);
    list.set([0xdd, 0x00, 0x3d, 0x08, 0xfb]);
    expect(reasonOf(list)).toBe('malformed');
  });

  test('extensions, nil and trailing bytes', () => {
    expect(reason(new Date(0))).toBe('malformed');
    expect(reason({ type: 'ping', seq: null })).toBe('malformed');
    expect(reasonOf(Uint8Array.from([...encode({ type: 'ping', seq: 1 }), 0]))).toBe('malformed');
    expect(reasonOf(new Uint8Array())).toBe('malformed');
  });

  test('[KEY-1] bytes above the longest message', () => {
    expect(reasonOf(new Uint8Array(limits.messageBytes + 1))).toBe('oversized');
  });

  test('what is not a message of ours', () => {
    for (const value of [1, 'ping', [], {}, { type: 7 }]) expect(reason(value)).toBe('malformed');
    for (const type of ['nonsense', 'constructor', '']) expect(reason({ type })).toBe('unknown-type');
  });

  test('__proto__ at every depth', () => {
    const smuggled = ['{"__proto__":{"seq":2},"type":"ping","seq":1}', '{"type":"ping","seq":{"__proto__":{"seq":2}}}'];
    for (const text of smuggled) expect(reason(JSON.parse(text))).toBe('malformed');
    expect(reason(withSibling({ ['__proto__']: { deleted: true } }))).toBe('malformed');
    expect(Object.hasOwn(Object.prototype, 'seq')).toBe(false);
  });
});

describe('[NET-5] fields that this build does not know', () => {
  const unknown = {
    constructor: { seq: 2 },
    prototype: 1,
    toString: [1],
    extra: { deep: [true] },
    hasOwnProperty: 'x',
  };

  test('are left out at every depth, and change nothing else', () => {
    expect(decode(pack({ ...unknown, type: 'ping', seq: 1 }))).toEqual({ type: 'ping', seq: 1 });
    const plain = { ...store, siblings: [sibling] };
    const { context } = sibling;
    const more = { ...unknown, ...store, siblings: [{ ...sibling, ...unknown, context: { ...unknown, ...context } }] };
    const decoded = decode(pack(more));
    expect(decoded).toEqual(plain);
    expect(decoded).toEqual(decode(pack(plain)));
    if (decoded.type !== 'store') throw new Error(decoded.type);
    const parts = [decoded, ...decoded.siblings, ...decoded.siblings.map((one) => one.context)];
    for (const part of parts) {
      expect(Object.getPrototypeOf(part)).toBe(Object.prototype);
      for (const name of Object.keys(unknown)) expect(Object.hasOwn(part, name)).toBe(false);
    }
  });

  test('are within the bounds that hold for all messages', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`field ${at}`, at]));
    expect(reason({ type: 'ping', seq: 1, ...fields(62) })).toBeUndefined();
    expect(reason({ type: 'ping', seq: 1, ...fields(63) })).toBe('malformed');
    expect(reason({ type: 'ping', seq: 1, long: 'x'.repeat(limits.keyBytes + 1) })).toBe('malformed');
    expect(reason({ type: 'ping', seq: 1, nothing: null })).toBe('malformed');
  });

  test('do not stand in for those it must have', () => {
    expect(reason({ type: 'ping', sequence: 1 })).toBe('schema');
    expect(reason({ type: 'fetch', id: 1, keys: ['k'] })).toBe('schema');
  });
});

describe('bounds', () => {
  test('the sample they start from is sound', () => {
    expect(reason(store)).toBeUndefined();
    expect(reason(withSibling({}))).toBeUndefined();
  });

  test('[KEY-1] keys are 1–1024 bytes of well-formed UTF-8', () => {
    const keyed = (key: string) => reason({ type: 'fetch', id: 1, key });
    expect(keyed('')).toBe('schema');
    expect(keyed('x'.repeat(1024))).toBeUndefined();
    expect(keyed('x'.repeat(1025))).toBe('malformed');
    expect(keyed('é'.repeat(512))).toBeUndefined();
    expect(keyed('é'.repeat(513))).toBe('malformed');
    // A lone surrogate, which the encoder would write as it is.
    const bytes = encode({ type: 'fetch', id: 1, key: 'abc' });
    bytes.set([0xed, 0xa0, 0x80], bytes.length - 3);
    expect(reasonOf(bytes)).toBe('schema');
  });

  test.each([
    ['a counter that is no integer', { ...store, id: 1.5 }],
    ['a negative counter', { ...store, id: -1 }],
    ['a counter above 2^53-1', { ...store, id: 2 ** 53 }],
    ['a counter that is no number', { ...store, id: Number.NaN }],
    ['a field that is nothing', { ...store, strict: undefined }],
    ['a missing field', { type: 'stored', id: 1 }],
    ['an unknown reason', { ...store, reason: 'because' }],
    ['a bad node id', { ...store, hintFor: ['ABCDEFGHIJKL'] }],
    ['a bad actor', withSibling({ dot: ['aaaaaaaaaaaa', 1] })],
    ['a seq of 0', withSibling({ dot: [actor('a'), 0] })],
    ['a dot of three', withSibling({ dot: [actor('a'), 1, 1] })],
    ['a size that is not the value’s', withSibling({ size: 4 })],
    ['a tombstone with a value', withSibling({ deleted: true })],
    ['a version that covers itself', withSibling({ context: { vector: [[actor('a'), 2]], dots: [] } })],
    [
      'a version that covers itself by a dot apart from its vector',
      withSibling({ context: { vector: [], dots: [[actor('a'), 2]] } }),
    ],
    [
      'a context out of order',
      withSibling({
        context: {
          vector: [
            [actor('c'), 1],
            [actor('b'), 1],
          ],
          dots: [],
        },
      }),
    ],
    [
      'a context with an actor twice',
      withSibling({
        context: {
          vector: [
            [actor('b'), 1],
            [actor('b'), 2],
          ],
          dots: [],
        },
      }),
    ],
    [
      'dots of a context out of order',
      withSibling({
        context: {
          vector: [],
          dots: [
            [actor('b'), 2],
            [actor('b'), 1],
          ],
        },
      }),
    ],
    [
      'siblings out of order',
      { ...store, siblings: [sibling, { ...sibling, dot: [actor('a'), 1], context: { vector: [], dots: [] } }] },
    ],
    ['the same sibling twice', { ...store, siblings: [sibling, sibling] }],
    ['a partition too high', { type: 'synced', partitions: [limits.partitionsMax] }],
    ['a hash of 33 digits', { type: 'compare', id: 1, roots: [[1, 'a'.repeat(33)]], strict: false }],
    ['a hash that is no hex', { type: 'compare', id: 1, roots: [[1, 'xyz']], strict: false }],
    ['a lamport time that nobody reaches', history({ stamp: [2 ** 48 + 1, 'aaaaaaaaaaaa'] })],
    ['a weight of nothing', history({ weight: 0 })],
    ['an unknown event', history({ kind: 'promote' })],
  ])('%s is refused', (_, value) => {
    expect(['schema', 'malformed']).toContain(reason(value));
  });

  test('[VER-5] a context is longer than any that is minted where several were merged; of 65,537 entries it is refused', () => {
    const context = (length: number) => {
      const vector = Array.from({ length }, (_, i) => [`bbbbbbbbbbbbbbbbbb.${i + 1}`, 1] as const);
      return { vector: vector.sort(([a], [b]) => (a < b ? -1 : 1)), dots: [] };
    };
    expect(reason(withSibling({ context: context(limits.clockMax * 65) }))).toBeUndefined();
    expect(reason(withSibling({ context: context(65_537) }))).toBe('malformed');
  });

  test('[VER-5] [PUT-1] so it is with the writes that a context names', () => {
    const context = (length: number) => {
      const ops = Array.from({ length }, (_, i) => `${actor('b')}/${i + 100_000}`);
      return { vector: [], dots: [], ops };
    };
    expect(reason(withSibling({ context: context(limits.clockMax * 65) }))).toBeUndefined();
    expect(reason(withSibling({ context: context(65_537) }))).toBe('malformed');
  });

  test('[RING-2] a history of 10,000 events passes, of 10,001 not', () => {
    const events = (length: number): Message => ({
      type: 'history',
      events: Array.from({ length }, (_, i) => ({ stamp: [i, 'aaaaaaaaaaaa'], kind: 'leave', node: 'bbbbbbbbbbbb' })),
    });
    expect(reason(events(limits.historyEvents))).toBeUndefined();
    expect(reason(events(limits.historyEvents + 1))).toBe('schema');
  });

  test('[VER-4] [VER-6] a key has as many siblings as the replicas have, whatever one node took', () => {
    const siblings = (length: number) =>
      Array.from({ length }, (_, i) => ({ ...sibling, dot: [actor('a'), i + 1], context: { vector: [], dots: [] } }));
    expect(reason({ ...store, siblings: siblings(20 * limits.siblingsMax) })).toBeUndefined();
  });
});

function history(change: object) {
  const join = { stamp: [1, 'aaaaaaaaaaaa'], kind: 'join', node: 'aaaaaaaaaaaa', weight: 1, zone: 'z' };
  return { type: 'history', events: [{ ...join, ...change }] };
}
