import { beforeEach, describe, expect, test } from 'vitest';
import { Calls } from '../calls.ts';
import type { Dot } from '../ids.ts';
import { limits } from '../limits.ts';
import { Outbox } from '../outbox.ts';
import { Random } from '../random.ts';
import { emptyContext } from '../version/context.ts';
import type { Version } from '../version/siblings.ts';
import { Replica } from './replica.ts';
import { type Compose, type Recipient, SiblingSender, storeOf } from './sibling-sender.ts';

const value = (byte: number) => new Uint8Array([byte]);
const version = (actor: string, byte: number): Version => {
  const dot: Dot = [actor, 1];
  return { dot, context: { vector: [], dots: [] }, deleted: false, size: 1, time: 0, op: actor, value: value(byte) };
};
const fetch = (id: number, to: string): Recipient => ({
  to,
  compose: (piece) => ({ type: 'fetched', id, ...piece, settled: true, reaped: replica.reaped('cart') }),
  refusal: { type: 'refused', id },
});
const fetched = fetch(1, 'peer');
const store: Recipient = { to: 'peer', compose: storeOf({ id: 1, key: 'cart', reason: 'put', strict: true }) };
const stored = [
  { dot: ['a.1', 1], context: { vector: [], dots: [] }, deleted: false, size: 1, time: 0, op: 'a.1' },
  { dot: ['b.1', 1], context: { vector: [], dots: [] }, deleted: false, size: 1, time: 0, op: 'b.1' },
] as const;

let out: Outbox;
let replica: Replica;
let sender: SiblingSender;
const sent = () => out.take(0).sends.map(({ message }) => message);

beforeEach(() => {
  out = new Outbox('self');
  replica = new Replica(out, { cacheBytes: 1000, clockLength: 50 });
  sender = new SiblingSender({ out, calls: new Calls(new Random(1)), limits }, replica);
  const entry = { versions: stored, hintFor: [] };
  for (const _ of replica.open({ storeId: 'store', epoch: 1, history: [], entries: [['cart', entry]] }, '', 16));
});

describe('what is sent of a key', () => {
  test('[STO-3] is read from disk if its values are not in memory, and then stays there', () => {
    sender.send('cart', [fetched]);
    const { reads, sends } = out.take(0);
    expect(sends).toEqual([]);
    expect(reads).toMatchObject([
      {
        key: 'cart',
        dots: [
          ['a.1', 1],
          ['b.1', 1],
        ],
      },
    ]);
    sender.read(reads[0]?.id ?? 0, [value(1), value(2)]);
    expect(sent()).toMatchObject([{ type: 'fetched', siblings: [{ value: value(1) }, { value: value(2) }] }]);
    sender.send('cart', [fetched]);
    expect(sent()).toHaveLength(1);
  });

  test('[VER-4] has a sibling that came while it was read', () => {
    sender.send('cart', [fetched]);
    const [read] = out.take(0).reads;
    replica.store('cart', [version('c.1', 3)], [], true);
    sender.read(read?.id ?? 0, [value(1), value(2)]);
    expect(sent()).toMatchObject([{ siblings: [{ dot: ['a.1', 1] }, { dot: ['b.1', 1] }, { dot: ['c.1', 1] }] }]);
  });

  test('[VER-4] whose values are lost is no answer to a get, and nothing is made up for them', () => {
    sender.send('cart', [fetched]);
    const [read] = out.take(0).reads;
    sender.read(read?.id ?? 0, [value(1), undefined]);
    expect(sent()).toEqual([{ type: 'refused', id: 1 }]);
    expect(replica.versions('cart')).toEqual([stored[0]]);
  });

  test('[STO-4] [API-1] a value that is of another length than its version says is lost: no peer would take it', () => {
    sender.send('cart', [fetched]);
    const [read] = out.take(0).reads;
    sender.read(read?.id ?? 0, [value(1), new Uint8Array([1, 2, 3])]);
    expect(sent()).toEqual([{ type: 'refused', id: 1 }]);
    expect(replica.versions('cart')).toEqual([stored[0]]);
  });

  test('[GET-1] [DEL-3] is all of one moment: two that read at once, of which the first finds a value lost', () => {
    const versions = [stored[0]];
    const reapRecord = { versions: stored, primaries: ['self'], at: 0 };
    const entries = [['cart', { versions, hintFor: [], reapRecord }]] as const;
    for (const _ of replica.open({ storeId: 'store', epoch: 2, history: [], entries }, '', 16));
    sender.send('cart', [fetched]);
    sender.send('cart', [fetch(2, 'other')]);
    const [first, second] = out.take(0).reads;
    sender.read(first?.id ?? 0, [undefined]);
    sender.read(second?.id ?? 0, [undefined]);
    expect(sent()).toEqual([
      { type: 'refused', id: 1 },
      { type: 'fetched', id: 2, siblings: [], settled: true, reaped: emptyContext },
    ]);
  });

  test('[PUT-3] a write that came again is not sent on once its version is no longer here: who stores the rest does not ack it', () => {
    sender.send('cart', [store], undefined, { vector: [], dots: [['a.1', 1]] });
    const [read] = out.take(0).reads;
    sender.read(read?.id ?? 0, [value(1), value(2)]);
    expect(sent()).toHaveLength(1);
    sender.send('cart', [store], undefined, { vector: [], dots: [['c.1', 3]] });
    expect(sent()).toEqual([]);
    replica.drop('cart');
    sender.send('cart', [store], undefined, { vector: [], dots: [['a.1', 1]] });
    expect(sent()).toEqual([]);
  });

  test('[VER-3] of a new version is not sent on once the disk has refused the siblings that it was minted beside', () => {
    const before = replica.store('cart', [version('c.1', 3)], [], true) ?? 0;
    out.take(0);
    const put = { value: value(4), deleted: false, time: 0, op: 'op', context: emptyContext };
    const minted = replica.mint('cart', put, [], true, 0);
    sender.send('cart', [store], minted);
    const [read] = out.take(0).reads;
    replica.ended(before, false);
    replica.ended(minted?.write ?? 0, false);
    sender.read(read?.id ?? 0, [value(1), value(2)]);
    expect(sent()).toEqual([]);
  });

  test('what was being read belonged to the storage of then', () => {
    sender.send('cart', [fetched]);
    const [read] = out.take(0).reads;
    sender.clear();
    sender.read(read?.id ?? 0, [value(1), value(2)]);
    expect(sent()).toEqual([]);
  });

  test('[WATCH-1] waits for what is being written when it leaves, not when it was asked for', () => {
    const compose: Compose = (piece) => ({ type: 'changed', key: 'cart', ...piece, reaped: emptyContext });
    const changed = { to: 'watcher', compose };
    sender.send('cart', [changed]);
    const [read] = out.take(0).reads;
    const write = replica.store('cart', [version('c.1', 3)], [], true);
    out.take(0);
    sender.read(read?.id ?? 0, [value(1), value(2)]);
    const [told] = out.take(0).sends;
    expect(told?.message).toMatchObject({ type: 'changed' });
    expect(told?.after).toBe(write);
    expect(write).toBeDefined();
  });

  test('is one message for all who are sent the same, so that it is encoded once', () => {
    for (const _ of replica.open({ storeId: 'store', epoch: 2, history: [], entries: [] }, '', 16));
    replica.store('cart', [version('c.1', 3)], [], true);
    out.take(0);
    sender.send('cart', [fetched, { ...fetched, to: 'second' }, fetch(2, 'third')]);
    const [first, second, third] = out.take(0).sends;
    expect(first).toMatchObject({ to: 'peer', message: { id: 1, siblings: [{ dot: ['c.1', 1] }] } });
    expect(second?.to).toBe('second');
    expect(second?.message).toBe(first?.message);
    expect(third).toMatchObject({ to: 'third', message: { id: 2, siblings: [{ dot: ['c.1', 1] }] } });
  });
});
