import { expect, test } from 'vitest';
import { nameMembers } from '../animals.ts';
import { FixtureStore, type Scene } from '../fixtures/fixture-store.ts';
import type { CutState } from './cut-control.ts';
import { health } from './health.ts';
import { reachOf } from './reach.ts';

const talksToAll: CutState = { cut: new Set(), endsAt: undefined, splitting: false, awaiting: new Set() };

const nameOf = (letter: string): string => nameMembers([])(`fixture${letter.repeat(5)}`).name;

const healthOf = (statuses: Scene['members'][number]['status'][], more: Partial<Scene> = {}, cuts = talksToAll) =>
  health(new FixtureStore({ members: statuses.map((status) => ({ status })), ...more }).view(), cuts);

test('alone is said, and is no fault', () => {
  expect(healthOf(['up'])).toEqual({ level: 'good', sentence: 'Only you' });
});

test('hidden members are reachable, those that left do not count', () => {
  expect(healthOf(['up', 'hidden', 'up', 'left'])).toEqual({
    level: 'good',
    sentence: '3 nodes, all reachable; all keys writable',
  });
});

test('[MEM-7] a visitor says so, and a member that is out does not count', () => {
  expect(healthOf(['up', 'up', 'out'], { visits: true })).toEqual({
    level: 'good',
    sentence: 'You visit 2 nodes; all keys writable',
  });
  expect(healthOf(['up', 'unreachable'], { visits: true }).sentence).toContain('You visit 1 of 2 nodes');
});

test('a suspected member is not green', () => {
  expect(healthOf(['up', 'up', 'suspect'])).toEqual({
    level: 'degraded',
    sentence: `2 of 3 reachable; all keys writable; no answer from ${nameOf('c')} just now`,
  });
});

test('an unreachable member makes it amber, with the hints that wait', () => {
  expect(healthOf(['up', 'up', 'unreachable'], { hints: 3 })).toEqual({
    level: 'degraded',
    sentence: `2 of 3 reachable; all keys writable; ${nameOf('c')} out of reach; 3 hints waiting`,
  });
});

test('a node this tab cuts is out of reach before the ring has noticed', () => {
  const cuts = { ...talksToAll, cut: new Set(['fixturebbbbb']) };
  expect(healthOf(['up', 'up', 'up'], {}, cuts)).toEqual({
    level: 'degraded',
    sentence: `2 of 3 reachable; all keys writable; cut off here from ${nameOf('b')}`,
  });
});

test('[PUT-4] whether keys are writable is counted: W nodes that can take a write', () => {
  expect(healthOf(['up', 'unreachable', 'unreachable'])).toMatchObject({
    level: 'degraded',
    sentence: expect.stringContaining('a change is saved on 1 of the 2 nodes that it asks for'),
  });
  expect(healthOf(['up', 'unreachable', 'unreachable', 'suspect']).sentence).toContain('1 of the 2 nodes');
  expect(healthOf(['up', 'up', 'unreachable', 'unreachable']).sentence).toContain('all keys writable');
});

test('a link that works one way only is named with its direction, and is not green', () => {
  const view = new FixtureStore({ members: [{ status: 'up' }, { status: 'suspect' }, { status: 'up' }] }).view();
  const heard = (heardMsAgo: number, state: 'open' | 'closed' | 'cut') => ({
    ...view,
    members: view.members.map((member) => (member.status === 'suspect' ? { ...member, heardMsAgo } : member)),
    links: view.links.map((link) => (link.peer === 'fixturebbbbb' ? { ...link, state } : link)),
  });
  for (const state of ['open', 'cut'] as const) {
    expect(health(heard(300, state), talksToAll)).toEqual({
      level: 'degraded',
      sentence: `2 of 3 reachable; all keys writable; ${nameOf('b')} can be heard, but does not hear this tab`,
    });
  }
  const reach = (of: typeof view): string[] => of.members.map((member) => reachOf(member, of, talksToAll));
  expect(reach(heard(2000, 'open'))).toEqual(['reached', 'suspect', 'reached']);
  expect(reach(heard(300, 'closed'))).toEqual(['reached', 'suspect', 'reached']);
  expect(reach(heard(2000, 'cut'))).toEqual(['reached', 'cut', 'reached']);
});

test.each(['connecting', 'closed'] as const)('an introducer that is away is not green: %s', (signaling) => {
  const away = 'the introducer is away: new tabs cannot find the room just now';
  expect(healthOf(['up', 'up'], { signaling })).toEqual({
    level: 'degraded',
    sentence: `2 nodes, all reachable; all keys writable; ${away}`,
  });
  expect(healthOf(['up'], { signaling })).toEqual({
    level: 'degraded',
    sentence: `Only you; all keys writable; ${away}`,
  });
});

test('having left is red, and says how to join again', () => {
  expect(healthOf(['left', 'up', 'up'])).toEqual({
    level: 'bad',
    sentence: 'This tab has left the room and saves nothing: reload the page to join again',
  });
});

test('any alarm is at least amber; a node that has stopped is red', () => {
  expect(healthOf(['up', 'up'], { alarms: [{ code: 'hints-old', message: '' }] })).toMatchObject({
    level: 'degraded',
    sentence: expect.stringContaining('1 alarm'),
  });
  for (const code of ['crashed', 'taken'])
    expect(healthOf(['up', 'up'], { alarms: [{ code, message: 'It stopped.' }] }).level).toBe('bad');
});

test('trouble with storage is red and says what to do', () => {
  expect(healthOf(['up', 'up'], { alarms: [{ code: 'storage-full', message: 'The disk is full.' }] })).toEqual({
    level: 'bad',
    sentence: 'The disk is full.',
  });
});

test('[STO-5] [STO-6] a disk that is nearly full, or may be cleared, or was, is a warning: this tab still stores', () => {
  const said = (code: string) => healthOf(['up'], { alarms: [{ code, message: 'what it says' }] });
  for (const code of ['storage-nearfull', 'storage-evictable', 'storage-cleared']) {
    expect(said(code)).toEqual({ level: 'degraded', sentence: 'Only you; all keys writable; 1 alarm' });
  }
  for (const code of ['storage-full', 'storage-failed', 'storage-lost', 'crashed']) {
    expect(said(code)).toEqual({ level: 'bad', sentence: 'what it says' });
  }
});
