import { expect, test } from 'vitest';
import { defaultOptions } from './config.ts';
import type { Message } from './message.ts';
import { RingNode } from './node.ts';
import type { Input, Ready } from './ready.ts';

const self = 'aaaaaaaaaaaa';
const peer = 'bbbbbbbbbbbb';

/** A node of a ring of two, whose peer is up. */
function start(seed: number): { step: (input: Input) => Ready } {
  const node = new RingNode({ ...defaultOptions, self, seed });
  let now = 0;
  const step = (input: Input): Ready => {
    now += 1;
    return node.step(now, input);
  };
  const join = { kind: 'join', weight: 1 } as const;
  const history = [
    { stamp: [1, self], kind: 'found', partitions: 256, n: 2, r: 1, w: 2 },
    { ...join, stamp: [2, self], node: self, zone: 'a' },
    { ...join, stamp: [3, self], node: peer, zone: 'b' },
  ] as const;
  step({ type: 'opened', opened: { storeId: 'cccccccccccc', epoch: seed, history, entries: [] } });
  step({ type: 'peer-up', peer });
  return { step };
}

function put(key: string): Input {
  const request = {
    kind: 'put',
    key,
    value: new Uint8Array(1),
    deleted: false,
    context: { vector: [], dots: [] },
  } as const;
  return { type: 'request', id: 1, request: { ...request, fastest: '', w: 0, time: 0 } };
}

const storeIn = (ready: Ready): number => {
  const store = ready.sends.map(({ message }) => message).find(({ type }) => type === 'store');
  if (store?.type !== 'store') throw new Error('no store was sent');
  return store.id;
};

test('[PUT-3] an ack for an earlier process of this node is none for this one', () => {
  const before = start(1);
  const late = storeIn(before.step(put('k')));
  const after = start(2);
  const written = after.step(put('other'));
  expect(storeIn(written)).not.toBe(late);
  const own: Message = { type: 'stored', id: storeIn(written), strict: true };
  after.step({ type: 'written', id: written.writes?.id ?? 0 });
  expect(after.step({ type: 'message', from: self, message: own }).replies).toEqual([]);
  const stale: Message = { type: 'stored', id: late, strict: true };
  expect(after.step({ type: 'message', from: peer, message: stale }).replies).toEqual([]);
  expect(after.step({ type: 'message', from: peer, message: own }).replies).toHaveLength(1);
});

test('[PUT-2] the other replicas are asked before the own commit, and only the own ack waits for it', () => {
  const { step } = start(1);
  const ready = step(put('k'));
  const [toPeer, toSelf] = [peer, self].map((to) => ready.sends.filter((send) => send.to === to));
  expect(toPeer?.find(({ message }) => message.type === 'store')?.after).toBeUndefined();
  expect(toSelf?.map(({ message, after }) => [message.type, after])).toEqual([['stored', ready.writes?.id]]);
});
