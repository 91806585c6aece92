import { expect, test } from 'vitest';
import { defaultOptions } from '../config.ts';
import { RingNode } from '../node.ts';

const self = 'aaaaaaaaaaaa';

test('[RING-2] a node that is opened again with another weight or zone says so, and nothing else', () => {
  const joined = [
    { stamp: [1, self], kind: 'found', partitions: 256, n: 3, r: 2, w: 2 },
    { stamp: [2, self], kind: 'join', node: self, weight: 1, zone: 'home' },
  ] as const;
  const resume = (weight: number, zone: string) => {
    const node = new RingNode({ ...defaultOptions, self, seed: 1, weight, zone });
    node.step(1, { type: 'opened', opened: { storeId: 'cccccccccccc', epoch: 2, history: joined, entries: [] } });
    node.step(2, { type: 'request', id: 1, request: { kind: 'join', time: 0 } });
    const { self: own, ring } = node.view();
    return { weight: own.weight, zone: own.zone, events: ring.history };
  };
  expect(resume(1, 'home')).toEqual({ weight: 1, zone: 'home', events: 2 });
  expect(resume(2, 'home')).toEqual({ weight: 2, zone: 'home', events: 3 });
  expect(resume(2, 'away')).toEqual({ weight: 2, zone: 'away', events: 4 });
});

test('[MEM-1] a member that runs and hears that it was removed, or left in an earlier life, joins again', () => {
  const other = 'bbbbbbbbbbbb';
  const joined = [
    { stamp: [1, self], kind: 'found', partitions: 256, n: 3, r: 2, w: 2 },
    { stamp: [2, self], kind: 'join', node: self, weight: 1, zone: 'home' },
    { stamp: [3, other], kind: 'join', node: other, weight: 1, zone: 'away' },
  ] as const;
  const node = new RingNode({ ...defaultOptions, join: 'now', self, seed: 1, zone: 'home' });
  node.step(1, { type: 'opened', opened: { storeId: 'cccccccccccc', epoch: 2, history: joined, entries: [] } });
  node.step(2, { type: 'request', id: 1, request: { kind: 'join', time: 0 } });
  node.step(3, { type: 'peer-up', peer: other });
  const events = [...joined, { stamp: [4, other], kind: 'remove', node: self }] as const;
  node.step(4, { type: 'message', from: other, message: { type: 'history', events } });
  expect(node.view().members.find(({ id }) => id === self)?.status).toBe('up');
  expect(node.view().ring.history).toBe(5);

  node.step(5, { type: 'request', id: 2, request: { kind: 'remove', node: self } });
  const { sends } = node.step(6, { type: 'message', from: other, message: { type: 'history', events } });
  expect(node.view().members.find(({ id }) => id === self)?.status).toBe('up');
  // The others are told at once.
  expect(sends.map(({ message }) => message.type)).toContain('status');

  node.step(7, { type: 'request', id: 3, request: { kind: 'leave' } });
  expect(node.view().members.find(({ id }) => id === self)?.status).toBe('left');
});
