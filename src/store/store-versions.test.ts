/** Stores beside peers of other builds: these are bare transports in the same room, of which the test says what they say. */
import { encode as pack } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import type { TransportHandlers, TransportPort } from '../api/ports.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { decode, encode } from '../wire/codec.ts';
import { decodeGreeting, encodeGreeting, type Protocols } from '../wire/greeting.ts';
import { protocols } from '../wire/version.ts';
import { openStore } from './open-store.ts';
import { idOf, newDisk, open, optionsOn, ring, until, within } from './store.fixture.ts';

const id = 'aaaaaaaaaaaa';
const { protocol, oldest } = protocols;

/** `of`: what it greets with; undefined for the build before, which says its status at once. */
function peerOf(hub: MemoryHub, of: Protocols | undefined) {
  const transport: TransportPort = hub.transport();
  const heard: Uint8Array[] = [];
  const downs: string[] = [];
  const say = (to: string, message: object): void => transport.send(to, pack(message), 'control');
  const status = { type: 'status', digest: '', stored: true, extras: [], hints: [], hidden: false, looks: ['old'] };
  transport.start(id, {
    up: (peer) => {
      if (of === undefined) say(peer, status);
      else transport.send(peer, encodeGreeting({ ...of, heard: true }), 'control');
    },
    down: (peer) => downs.push(peer),
    message: (_, bytes) => {
      heard.push(bytes);
      return true;
    },
    changed: () => undefined,
  });
  return { transport, heard, downs, say, status };
}

test.each([
  ['the build before', undefined, /^Tab aaaaaaaaaaaa has an older .* reload that tab/],
  ['an older one', { protocol: oldest - 1, oldest: 1 }, /^Tab aaaaaaaaaaaa has an older .* reload that tab/],
  ['a newer one', { protocol: protocol + 1, oldest: protocol + 1 }, /^This tab has an older .* reload this tab/],
])('[NET-5] beside %s a store goes on by itself, and an alarm says which tab to reload', async (_, of, message) => {
  const hub = new MemoryHub();
  const other = peerOf(hub, of);
  const store = await open(hub);
  await until(() => store.view().alarms.length > 0);
  expect(store.view().alarms).toMatchObject([{ code: 'other-version', message: expect.stringMatching(message) }]);
  expect((await within(store.put('cart', ['tea']))).acks).toEqual([idOf(store)]);
  for (let count = 0; count < 40; count++) other.say(idOf(store), other.status);
  await within(store.update('cart', (carts) => [...carts.flat(), 'milk']));
  expect((await within(store.get('cart'))).values).toEqual([['tea', 'milk']]);
  const { links, rejected, members } = store.view();
  expect({ links, rejected, members: members.map((member) => member.id) }).toEqual({
    links: [{ peer: id, state: 'open' }],
    rejected: {},
    members: [idOf(store)],
  });
  expect(other.downs).toEqual([]);
  // It has heard greetings, and nothing else.
  expect(other.heard.map(decodeGreeting)).not.toContain(undefined);
  other.transport.stop();
  await until(() => store.view().alarms.length === 0);
});

test('[NET-5] when the other tab is loaded again, as the same node of this build, the alarm ends', async () => {
  const hub = new MemoryHub();
  peerOf(hub, undefined);
  const store = await open(hub);
  await until(() => store.view().alarms.length > 0);
  peerOf(hub, protocols);
  await until(() => store.view().alarms.length === 0);
  expect(store.view().links).toEqual([{ peer: id, state: 'open' }]);
});

test('[NET-5] a newer peer that can talk with this build may say more than is known here', async () => {
  const hub = new MemoryHub();
  const newer = peerOf(hub, { protocol: protocol + 1, oldest: protocol });
  const store = await open(hub);
  for (let count = 0; count < 40; count++) {
    newer.say(idOf(store), { type: 'of a later build', count });
    newer.say(idOf(store), { type: 'ping', seq: count, later: { deep: [count] } });
  }
  const pongs = () => newer.heard.map((bytes) => decode(bytes)).filter(({ type }) => type === 'pong');
  await until(() => pongs().length >= 40);
  expect(pongs().slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, seq) => ({ type: 'pong', seq })));
  expect(store.view()).toMatchObject({ rejected: {}, alarms: [], links: [{ peer: id, state: 'open' }] });
  expect(newer.downs).toEqual([]);
});

test('[NET-5] what is of no newer build, and not known, is still counted', async () => {
  const hub = new MemoryHub();
  const same = peerOf(hub, protocols);
  const store = await open(hub);
  same.say(idOf(store), { type: 'of a later build' });
  same.transport.send(idOf(store), encode({ type: 'ping', seq: 7 }), 'control');
  await until(() =>
    same.heard.map((bytes) => decode(bytes)).some((message) => message.type === 'pong' && message.seq === 7),
  );
  expect(store.view().rejected).toEqual({ message: 1 });
});

test('[NET-5] [MEM-1] who joins waits for the greetings of those present, and founds no ring beside theirs', async () => {
  const { hub, a } = await ring(2);
  const events = a.view().ring.history;
  const transport = hub.transport();
  const start = transport.start.bind(transport);
  // A link over which all takes a while.
  const slow = (handlers: TransportHandlers) => (peer: string, bytes: Uint8Array) => {
    setTimeout(() => handlers.message(peer, bytes), 300);
    return true;
  };
  transport.start = (self, handlers) => start(self, { ...handlers, message: slow(handlers) });
  const later = await within(openStore({ ...optionsOn(hub), ports: { ...optionsOn(hub).ports, transport } }));
  await until(() => a.view().members.length === 3);
  // One event more: it joined. Two would be a founding of its own as well.
  expect([a.view().ring.history, later.view().ring.history]).toEqual([events + 1, events + 1]);
  await within(later.close());
});

test('[NET-5] a member that was opened with another build is out of reach until it comes back with this one', async () => {
  const hub = new MemoryHub();
  const disks = [newDisk(), newDisk()];
  const [a, b] = [await open(hub, disks[0]), await open(hub, disks[1])];
  await until(() => a.view().members.filter(({ status }) => status === 'up').length === 2);
  await within(a.put('cart', ['tea']));
  await within(b.close());
  const transport = hub.transport();
  transport.start(idOf(b), {
    up: (peer) => transport.send(peer, pack({ type: 'status' }), 'control'),
    down: () => undefined,
    message: () => true,
    changed: () => undefined,
  });
  await until(() => a.view().members.some(({ id, status }) => id === idOf(b) && status === 'unreachable'));
  await within(a.update('cart', (carts) => [...carts.flat(), 'milk']));
  const again = await open(hub, disks[1]);
  await until(() => again.view().members.every(({ status }) => status === 'up'));
  await until(async () => (await within(again.get('cart', { r: 1 }))).values.flat().includes('milk'));
  await until(() => a.view().alarms.length === 0);
});
