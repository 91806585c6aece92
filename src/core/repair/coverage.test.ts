import { expect, test } from 'vitest';
import { defaultOptions } from '../config.ts';
import { Node } from '../node.ts';
import { Outbox } from '../outbox.ts';
import { Replica } from '../replica/replica.ts';
import type { RingEvent } from '../ring/history.ts';
import { Coverage } from './coverage.ts';

const names = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd', 'eeeeeeeeeeee'];

test('[XFER-1] what a peer has taken over counts until the ring changes: it may have handed it on meanwhile', () => {
  const [self = ''] = names;
  const node = new Node({ ...defaultOptions, self, seed: 1 });
  const history: RingEvent[] = [
    { stamp: [1, self], kind: 'found', partitions: 16, n: 3, r: 2, w: 2 },
    ...names.map((name, i): RingEvent => ({ stamp: [i + 2, name], kind: 'join', node: name, weight: 1, zone: name })),
  ];
  const opened = { storeId: self, epoch: 1, history, entries: [] };
  node.step(1, { type: 'opened', opened });
  const replica = new Replica(new Outbox(self), { cacheBytes: 1000, clockLength: 50 });
  replica.open(opened, 16);
  const coverage = new Coverage(node, replica);
  const isForeign = (key: string) => !node.preference(replica.place(key).partition).primaries.includes(self);
  const key = Array.from({ length: 50 }, (_, i) => `key${i}`).find(isForeign) ?? '';
  const { partition } = replica.place(key);
  const version = { dot: ['x.1', 1], context: [], beyond: [], deleted: true, size: 0, time: 0, op: 'op' } as const;
  replica.written(replica.store(key, [{ ...version, value: new Uint8Array() }], [], true) ?? 0);

  const { primaries } = node.preference(partition);
  expect(coverage.uncovered()).toEqual(new Set(primaries));
  for (const peer of primaries) coverage.cover(peer, partition, replica.revision(partition));
  expect(coverage.uncovered()).toEqual(new Set());
  coverage.ringChanged();
  expect(coverage.uncovered()).toEqual(new Set(primaries));
});
