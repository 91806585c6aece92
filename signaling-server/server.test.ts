/** [SIG-1] and [SIG-2] over real sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Signal } from '../src/signaling/protocol.ts';
import type { Limits } from './limits.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import { TestClient } from './test-client.ts';

const ann = 'aaaaaaaaaaaa';
const bob = 'bbbbbbbbbbbb';
const cat = 'cccccccccccc';
const payload: Signal = { toInstance: '', attempt: 'a1', data: 'x' };

let server: RunningServer | undefined;

async function start(options: ServerOptions = {}): Promise<string> {
  server = await startServer(options);
  return server.url;
}

const startWith = (limits: Partial<Limits>) => start({ limits });

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Two members of a room, with what they hear at joining already heard. */
async function pair(url: string): Promise<[TestClient, TestClient]> {
  const first = await TestClient.join(url, 'room', ann);
  await first.hear();
  const second = await TestClient.join(url, 'room', bob);
  await second.hear();
  await first.hear();
  return [first, second];
}

/** The pair still works: a signal arrives, and nothing came before it. */
async function expectUnharmed([first, second]: [TestClient, TestClient]): Promise<void> {
  first.say({ type: 'signal', to: bob, payload });
  expect(await second.hear()).toEqual({ type: 'signal', from: { id: ann, instance: 'one' }, payload });
  expect(first.unheard).toBe(0);
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('[SIG-1] introductions', () => {
  it('a newcomer hears who is there, and they hear of it', async () => {
    const url = await start();
    const first = await TestClient.join(url, 'room', ann);
    expect(await first.hear()).toEqual({ type: 'welcome', peers: [] });
    const second = await TestClient.join(url, 'room', bob);
    expect(await second.hear()).toEqual({ type: 'welcome', peers: [{ id: ann, instance: 'one' }] });
    expect(await first.hear()).toEqual({ type: 'joined', peer: { id: bob, instance: 'one' } });
  });

  it('a signal is relayed with the name of its sender', async () => {
    const url = await start();
    await expectUnharmed(await pair(url));
    expect(await metric(url, 'tabring_relayed_total')).toBe(1);
  });

  it('a sender cannot name itself otherwise, and what a later build adds is no offence', async () => {
    const [first, second] = await pair(await start());
    const lie = { type: 'signal', to: bob, payload, from: { id: cat, instance: 'one' }, later: 1 };
    first.raw(`${JSON.stringify(lie).slice(0, -1)},"__proto__":{"from":1}}`);
    expect(await second.hear()).toEqual({ type: 'signal', from: { id: ann, instance: 'one' }, payload });
    await expectUnharmed([first, second]);
  });

  it('the others hear at once that a socket has closed', async () => {
    const [first, second] = await pair(await start());
    second.socket.terminate();
    expect(await first.hear()).toEqual({ type: 'left', peer: { id: bob, instance: 'one' } });
  });

  it('[SIG-3] a client that asks whether it is heard is answered, and nobody else hears of it', async () => {
    const members = await pair(await start());
    members[0].say({ type: 'ping' });
    expect(await members[0].hear()).toEqual({ type: 'pong' });
    await expectUnharmed(members);
  });

  it('rooms hear nothing of each other', async () => {
    const url = await start();
    const members = await pair(url);
    const stranger = await TestClient.join(url, 'other', cat);
    expect(await stranger.hear()).toEqual({ type: 'welcome', peers: [] });
    stranger.say({ type: 'signal', to: bob, payload });
    stranger.socket.close();
    await stranger.closed();
    await expectUnharmed(members);
    expect(await metric(url, 'tabring_relayed_total')).toBe(1);
  });

  it('a new instance of a node replaces the old one', async () => {
    const url = await start();
    const [first, second] = await pair(url);
    const closed = second.closed();
    const reloaded = await TestClient.join(url, 'room', bob, 'two');
    expect(await closed).toBe(4001);
    expect(await reloaded.hear()).toEqual({ type: 'welcome', peers: [{ id: ann, instance: 'one' }] });
    expect(await first.hear()).toEqual({ type: 'left', peer: { id: bob, instance: 'one' } });
    expect(await first.hear()).toEqual({ type: 'joined', peer: { id: bob, instance: 'two' } });
    first.say({ type: 'signal', to: bob, payload });
    expect((await reloaded.hear()).type).toBe('signal');
    expect(first.unheard).toBe(0);
  });

  it('the same instance comes back on another socket without a stir', async () => {
    const url = await start();
    const [first, second] = await pair(url);
    const closed = second.closed();
    const again = await TestClient.join(url, 'room', bob);
    expect(await closed).toBe(4001);
    await again.hear();
    await expectUnharmed([first, again]);
  });

  it('stops with clients connected, and starts again on the same port', async () => {
    const url = await start();
    const [first] = await pair(url);
    await fetch(`${url}/healthz`);
    const closed = first.closed();
    await server?.close();
    expect(await closed).toBe(1001);
    expect(await start({ port: Number(new URL(url).port) })).toBe(url);
    await pair(url);
  });

  it('a port that is taken is an error', async () => {
    const url = await start();
    await expect(startServer({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('[SIG-2] a bad frame costs its client the connection, and nobody else anything', () => {
  const join = JSON.stringify({ type: 'join', room: 'room', id: cat, instance: 'one' });
  const signal = { type: 'signal', to: bob, payload };

  it.each<[string, string | Buffer, number]>([
    ['malformed JSON', '{"type":', 1008],
    ['an unknown type', '{"type":"list"}', 1008],
    ['a type that it only inherits', `{"__proto__":${JSON.stringify(signal)}}`, 1008],
    ['a second join', join, 1008],
    ['a frame too long', JSON.stringify({ ...signal, padding: 'x'.repeat(65_536) }), 1009],
    ['a binary frame', Buffer.from(join), 1003],
    ['nesting', '['.repeat(60_000), 1008],
  ])('%s', async (_, frame, code) => {
    const url = await start();
    const members = await pair(url);
    const bad = await TestClient.join(url, 'room', cat);
    await bad.hear();
    await Promise.all(members.map((member) => member.hear()));
    const closed = bad.closed();
    bad.raw(frame);
    expect(await closed).toBe(code);
    const left = await Promise.all(members.map((member) => member.hear()));
    expect(left.map((message) => message.type)).toEqual(['left', 'left']);
    await expectUnharmed(members);
    expect(await metric(url, 'tabring_refused_total{reason="frame"}')).toBe(1);
  });

  it('a signal before the join', async () => {
    const client = await TestClient.open(await start());
    const closed = client.closed();
    client.say({ type: 'signal', to: bob, payload });
    expect(await closed).toBe(1008);
  });

  it('text that is not UTF-8', async () => {
    const client = await TestClient.open(await start());
    const closed = client.closed();
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await closed).toBe(1007);
  });

  it('a frame in too many pieces', async () => {
    const client = await TestClient.open(await startWith({ fragments: 2 }));
    const closed = client.closed();
    for (const piece of ['{', '"', 't']) client.socket.send(piece, { fin: false });
    expect(await closed).toBe(1008);
  });
});

describe('[SIG-2] limits', () => {
  it('a socket that does not join in time is closed', async () => {
    const client = await TestClient.open(await startWith({ joinTimeoutMs: 20 }));
    expect(await client.closed()).toBe(1008);
  });

  it('a full room and a server full of rooms answer alike', async () => {
    const url = await startWith({ peersPerRoom: 2, rooms: 1 });
    const members = await pair(url);
    const third = await TestClient.join(url, 'room', cat);
    expect(await third.closed()).toBe(1013);
    const elsewhere = await TestClient.join(url, 'second room', cat);
    expect(await elsewhere.closed()).toBe(1013);
    await expectUnharmed(members);
  });

  it('a member of a full room can come back', async () => {
    const url = await startWith({ peersPerRoom: 2 });
    await pair(url);
    const again = await TestClient.join(url, 'room', bob, 'two');
    expect((await again.hear()).type).toBe('welcome');
  });

  it.each<[string, Partial<Limits>]>([
    ['in all', { connections: 2 }],
    ['from one address', { connectionsPerAddress: 2 }],
  ])('connections are bounded %s, and freed when they close', async (_, limits) => {
    const url = await startWith(limits);
    const [first, second] = await pair(url);
    await expect(TestClient.open(url)).rejects.toThrow('503');
    second.socket.terminate();
    await first.hear();
    await TestClient.open(url);
  });

  it('an eager client is slowed to its rate, and loses nothing', async () => {
    const url = await startWith({ messagesPerSecond: 200, messageBurst: 5, messagesWaiting: 1000 });
    const [first, second] = await pair(url);
    const begun = performance.now();
    for (let count = 0; count < 45; count += 1) {
      first.say({ type: 'signal', to: bob, payload: { ...payload, attempt: String(count) } });
    }
    for (let count = 0; count < 45; count += 1) {
      expect(await second.hear()).toMatchObject({ payload: { attempt: String(count) } });
    }
    // 45 messages, of which at most 5 at once and 200 a second.
    expect(performance.now() - begun).toBeGreaterThan(190);
  });

  it('a flood ends the connection of the flooder', async () => {
    const url = await startWith({ messagesPerSecond: 1, messageBurst: 3, messagesWaiting: 10 });
    const members = await pair(url);
    const flooder = await TestClient.join(url, 'room', cat);
    await flooder.hear();
    await Promise.all(members.map((member) => member.hear()));
    const closed = flooder.closed();
    for (let count = 0; count < 500; count += 1) flooder.say({ type: 'signal', to: 'dddddddddddd', payload });
    expect(await closed).toBe(1008);
    await Promise.all(members.map((member) => member.hear()));
    await expectUnharmed(members);
    expect(await metric(url, 'tabring_refused_total{reason="flood"}')).toBe(1);
  });

  it('a receiver that does not read is dropped', async () => {
    const url = await startWith({ sendBufferBytes: 1024, messagesPerSecond: 10_000, messageBurst: 10_000 });
    const [first, second] = await pair(url);
    second.socket.pause();
    const big = { ...payload, data: 'x'.repeat(49_152) };
    const sending = setInterval(() => first.say({ type: 'signal', to: bob, payload: big }), 1);
    expect((await first.hear()).type).toBe('left');
    clearInterval(sending);
    expect(await metric(url, 'tabring_refused_total{reason="slow"}')).toBe(1);
  });

  it('a client that does not answer pings is dropped, one that does stays', async () => {
    const url = await startWith({ pingIntervalMs: 40 });
    const first = await TestClient.join(url, 'room', ann);
    await first.hear();
    const silent = await TestClient.open(url);
    silent.say({ type: 'join', room: 'room', id: bob, instance: 'one' });
    await first.hear();
    silent.socket.pause();
    expect(await first.hear()).toEqual({ type: 'left', peer: { id: bob, instance: 'one' } });
    expect(await metric(url, 'tabring_connections')).toBe(1);
    expect(await metric(url, 'tabring_refused_total{reason="silent"}')).toBe(1);
  });
});

describe('[SIG-2] origins', () => {
  it('only pages of the same host may connect', async () => {
    const url = await start();
    const { host } = new URL(url);
    await TestClient.open(url, { Origin: `https://${host}` });
    for (const origin of ['http://evil.example', 'null', `${url}.evil.example`, 'http://127.0.0.1']) {
      await expect(TestClient.open(url, { Origin: origin })).rejects.toThrow('403');
    }
    expect(await metric(url, 'tabring_refused_total{reason="origin"}')).toBe(4);
  });

  it('further origins can be allowed', async () => {
    const url = await start({ origins: ['https://shop.example'] });
    await TestClient.open(url, { Origin: 'https://shop.example' });
    await expect(TestClient.open(url, { Origin: 'http://shop.example' })).rejects.toThrow('403');
  });

  it('a client that is no page is refused, unless that is allowed', async () => {
    await expect(TestClient.open(await start(), {})).rejects.toThrow('403');
    await server?.close();
    await TestClient.open(await start({ allowNoOrigin: true }), {});
  });
});
