import { expect, test } from 'vitest';
import { defaultOptions } from '../config.ts';
import { Node } from '../node.ts';

const self = 'aaaaaaaaaaaa';

test('[RING-2] a node that is opened again with another weight or zone says so, and nothing else', () => {
  const joined = [
    { stamp: [1, self], kind: 'found', partitions: 256, n: 3, r: 2, w: 2 },
    { stamp: [2, self], kind: 'join', node: self, weight: 1, zone: 'home' },
  ] as const;
  const resume = (weight: number, zone: string) => {
    const node = new Node({ ...defaultOptions, self, seed: 1, weight, zone });
    node.step(1, { type: 'opened', opened: { storeId: 'cccccccccccc', epoch: 2, history: joined, entries: [] } });
    node.step(2, { type: 'request', id: 1, request: { kind: 'join' } });
    const { self: own, ring } = node.view();
    return { weight: own.weight, zone: own.zone, events: ring.history };
  };
  expect(resume(1, 'home')).toEqual({ weight: 1, zone: 'home', events: 2 });
  expect(resume(2, 'home')).toEqual({ weight: 2, zone: 'home', events: 3 });
  expect(resume(2, 'away')).toEqual({ weight: 2, zone: 'away', events: 4 });
});
