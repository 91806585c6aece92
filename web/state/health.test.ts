import { expect, test } from 'vitest';
import { FixtureStore, type Scene } from '../fixtures/fixture-store.ts';
import type { CutState } from './cut-control.ts';
import { health } from './health.ts';

const talksToAll: CutState = { cut: new Set(), endsAt: undefined, splitting: false, awaiting: new Set() };

const healthOf = (statuses: Scene['members'][number]['status'][], more: Partial<Scene> = {}, cuts = talksToAll) =>
  health(new FixtureStore({ members: statuses.map((status) => ({ status })), ...more }).view(), cuts);

test('alone is said, and is no fault', () => {
  expect(healthOf(['up'])).toEqual({ level: 'good', sentence: 'Only you' });
});

test('hidden and suspected members are still reachable, those that left do not count', () => {
  expect(healthOf(['up', 'hidden', 'suspect', 'left'])).toEqual({
    level: 'good',
    sentence: '3 nodes, all reachable; all keys writable',
  });
});

test('an unreachable member makes it amber, with the hints that wait', () => {
  expect(healthOf(['up', 'up', 'unreachable'], { hints: 3 })).toEqual({
    level: 'degraded',
    sentence: '2 of 3 reachable; all keys writable; 3 hints waiting',
  });
});

test('a node this tab cuts is out of reach before the ring has noticed', () => {
  const cuts = { ...talksToAll, cut: new Set(['fixturebbbbb']) };
  expect(healthOf(['up', 'up'], {}, cuts)).toMatchObject({
    level: 'degraded',
    sentence: '1 of 2 reachable; all keys writable',
  });
});

test('trouble with storage is red and says what to do', () => {
  expect(healthOf(['up', 'up'], { alarms: [{ code: 'storage-full', message: 'The disk is full.' }] })).toEqual({
    level: 'bad',
    sentence: 'The disk is full.',
  });
});
