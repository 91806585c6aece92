import { expect, test } from 'vitest';
import { compose } from '../compose.ts';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';
import { Replica } from '../replica/replica.ts';
import { SiblingSender } from '../replica/sibling-sender.ts';
import type { RingEvent } from '../ring/history.ts';
import { Backoff } from './backoff.ts';
import { Hints } from './hints.ts';

const self = 'aaaaaaaaaaaa';
const dead = 'bbbbbbbbbbbb';
const back = 'cccccccccccc';

class CountingReplica extends Replica {
  looks = 0;

  override held(key: string) {
    this.looks += 1;
    return super.held(key);
  }
}

function setUp(hints: readonly { readonly key: string; readonly owner: string; readonly size: number }[]) {
  const options = { ...defaultOptions, self, seed: 1 };
  const parts = compose(options);
  const node = new RingNode(options, parts);
  const join = (name: string, at: number): RingEvent => {
    return { stamp: [at, name], kind: 'join', node: name, weight: 1, zone: name };
  };
  const history: RingEvent[] = [
    { stamp: [1, self], kind: 'found', partitions: 16, n: 2, r: 2, w: 2 },
    ...[self, dead, back].map((name, i) => join(name, i + 2)),
  ];
  const opened = { storeId: self, epoch: 1, history, entries: [] };
  node.step(1, { type: 'opened', opened });
  node.step(2, { type: 'peer-up', peer: back });
  const replica = new CountingReplica(parts.env.out, { cacheBytes: 1e9, clockLength: 50 });
  for (const _ of replica.open(opened, '', 16));
  // Keys of which the other two are the owners.
  const isForeign = (key: string) => !parts.env.preferenceOf(key).primaries.includes(self);
  for (const { key: name, owner, size } of hints) {
    const key = Array.from({ length: 100 }, (_, i) => `${name}.${i}`).find(isForeign) ?? '';
    const version = {
      dot: ['x.1', 1],
      context: { vector: [], dots: [] },
      deleted: size === 0,
      size,
      time: 0,
      op: key,
    } as const;
    replica.ended(replica.store(key, [{ ...version, value: new Uint8Array(size) }], [owner], true) ?? 0, true);
    parts.env.out.take(0);
  }
  const sent = (): number[] => {
    return parts.env.out.take(0).sends.flatMap(({ message }) => (message.type === 'store' ? [message.id] : []));
  };
  return {
    replica,
    sent,
    delivery: new Hints(parts.env, replica, new SiblingSender(parts.env, replica), new Backoff()),
  };
}

test('[HINT-1] one owner’s hints are not looked for again among all others’ at each ack', () => {
  const of = (owner: string, count: number) => {
    return Array.from({ length: count }, (_, i) => ({ key: `${owner}${i}`, owner, size: 0 }));
  };
  const { replica, sent, delivery } = setUp([...of(dead, 1000), ...of(back, 100)]);
  replica.looks = 0;
  delivery.deliver(back);
  let delivered = 0;
  for (let ids = sent(); ids.length > 0; ids = sent()) {
    delivered += ids.length;
    for (const id of ids) delivery.answered(back, { type: 'stored', id: id, strict: true });
  }
  expect([delivered, replica.hints.size]).toEqual([100, 1000]);
  expect(replica.looks).toBeLessThan(1500);
});

test('[HINT-1] what is under way to an owner is bounded in bytes too', () => {
  const large = Array.from({ length: 16 }, (_, i) => ({ key: `large${i}`, owner: back, size: 1_000_000 }));
  const { replica, sent, delivery } = setUp(large);
  delivery.deliver(back);
  let ids = sent();
  expect(ids).toHaveLength(5);
  for (; ids.length > 0; ids = sent())
    for (const id of ids) delivery.answered(back, { type: 'stored', id: id, strict: true });
  expect(replica.hints.size).toBe(0);
});
