import { expect, test } from 'vitest';
import { parseClientMessage } from '../signaling/protocol.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { settingsOf } from './settings.ts';

const good = { room: 'r', signaling: 'ws://localhost:1' };

test('the defaults are those of the paper', () => {
  const { replication, weight, durability, underQuorum, join } = settingsOf(good);
  expect(replication).toEqual({ n: 3, r: 2, w: 2 });
  expect({ weight, durability, underQuorum, join }).toEqual({
    ...{ weight: 1, durability: 'strict', underQuorum: 'accept', join: 'auto' },
  });
});

test('R and W that are not given fit a smaller N', () => {
  expect(settingsOf({ ...good, replication: { n: 1 } }).replication).toEqual({ n: 1, r: 1, w: 1 });
});

test.each([
  [{ room: '' }, /room/],
  [{ signaling: 'http://localhost' }, /signaling/],
  [{ signaling: 'nonsense' }, /signaling/],
  [{ weight: 0 }, /weight/],
  [{ zone: 'z'.repeat(257) }, /zone/],
  [{ zone: 'a\ud800' }, /zone/],
  [JSON.parse('{"weight":"2"}'), /weight/],
  [JSON.parse('{"zone":7}'), /zone/],
  [JSON.parse('{"replication":{"n":"3"}}'), /replication\.n/],
  [{ secret: 's' }, /secret/],
  [{ weight: Number.NaN }, /weight/],
  [{ replication: { n: 0 } }, /replication\.n/],
  [{ replication: { n: 2, r: 3 } }, /replication\.r/],
  [{ replication: { w: 1.5 } }, /replication\.w/],
])('[API-1] an option out of its bounds is a TypeError that names it: %j', (change, name) => {
  expect(() => settingsOf({ ...good, ...change })).toThrow(TypeError);
  expect(() => settingsOf({ ...good, ...change })).toThrow(name);
});

test('with a transport of its own a store needs no introducer', () => {
  const transport = new MemoryHub().transport();
  expect(() => settingsOf({ room: 'r', signaling: '', ports: { transport } })).not.toThrow();
});

test.each([
  [{ room: 'r'.repeat(129) }, /room/],
  [{ room: 'a\ud800' }, /room/],
  [JSON.parse('{"replication":7}'), /replication/],
  [JSON.parse('{"iceServers":"stun:example.org"}'), /iceServers/],
  [{ iceServers: [{ urls: 'https://example.org' }] }, /iceServers/],
  [{ iceServers: [{ urls: ['turn:example.org'] }] }, /iceServers/],
  [JSON.parse('{"iceTransportPolicy":"none"}'), /iceTransportPolicy/],
  [JSON.parse('{"join":"later"}'), /join/],
  [JSON.parse('{"signal":{}}'), /signal/],
])('[API-1] what the introducer, the browser or a peer would refuse later is a TypeError now: %j', (change, name) => {
  expect(() => settingsOf({ ...good, ...change })).toThrow(TypeError);
  expect(() => settingsOf({ ...good, ...change })).toThrow(name);
});

test('[API-1] [SIG-1] a room has a name that the introducer takes, and no other', () => {
  const join = (room: string) =>
    parseClientMessage(JSON.stringify({ type: 'join', room, id: 'aaaaaaaaaaaa', instance: 'i' }));
  for (const room of ['r', 'r'.repeat(128), '💡', '']) {
    const isTaken = join(room) !== undefined;
    const settings = () => settingsOf({ ...good, room });
    if (isTaken) expect(settings).not.toThrow();
    else expect(settings).toThrow(TypeError);
  }
  expect(join('r'.repeat(129))).toBeUndefined();
});

test('[API-1] what is checked is what is used: an option is looked at once', () => {
  const zones = ['here', '\ud800'];
  const options = Object.defineProperty({ ...good }, 'zone', { get: () => zones.shift() });
  expect(settingsOf(options).zone).toBe('here');
});
