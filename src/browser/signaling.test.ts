import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closeCodes } from '../signaling/protocol.ts';
import { SignalingClient } from './signaling.ts';
import { stepsMax } from './steps.ts';

const self = { id: 'aaaaaaaaaaaa', instance: 'mine' };
const peer = { id: 'bbbbbbbbbbbb', instance: 'theirs' };
const welcome = { type: 'welcome', peers: [peer] };

class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  readyState = 0;
  readonly sent: { type: string; to?: string; payload?: { data: string; attempt: string } }[] = [];

  constructor() {
    super();
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  says(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
  ends(code = 1006): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

function client() {
  const events = {
    welcome: vi.fn(),
    joined: vi.fn(),
    left: vi.fn(),
    signal: vi.fn(),
    changed: vi.fn(),
    rejected: vi.fn(),
  };
  const url = new URL('ws://127.0.0.1/');
  const signaling = new SignalingClient({ url, room: 'room', self, random: () => 0.5 }, events);
  return { signaling, events };
}

function last(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error('no socket');
  return socket;
}

function opened() {
  const made = client();
  last().opens();
  last().says(welcome);
  return { ...made, socket: last() };
}

const step = (data: string, attempt = '1') => ({ toInstance: '', attempt, data });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('[SIG-1] the signaling client', () => {
  test('joins by name and instance, and is open once it is welcomed', () => {
    const { signaling, events, socket } = opened();
    expect(socket.sent).toEqual([{ type: 'join', room: 'room', ...self }]);
    expect(signaling.state).toBe('open');
    expect(events.welcome).toHaveBeenCalledExactlyOnceWith([peer]);
    socket.says({ type: 'left', peer });
    socket.says({ type: 'joined', peer });
    socket.says({ type: 'signal', from: peer, payload: step('x') });
    expect(events.left).toHaveBeenCalledWith(peer);
    expect(events.joined).toHaveBeenCalledWith(peer);
    expect(events.signal).toHaveBeenCalledWith(peer, step('x'));
  });

  test('comes back for ever: the first time at once, then at most every 5 s', async () => {
    const { signaling, socket } = opened();
    socket.ends();
    expect(signaling.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(200);
    expect(FakeSocket.all).toHaveLength(2);
    for (let i = 0; i < 30; i++) {
      last().ends();
      const before = FakeSocket.all.length;
      await vi.advanceTimersByTimeAsync(5000);
      expect(FakeSocket.all).toHaveLength(before + 1);
    }
    last().opens();
    last().says(welcome);
    expect(signaling.state).toBe('open');
  });

  test('does not fight a newer instance for its place', async () => {
    const { signaling, socket } = opened();
    socket.ends(closeCodes.replaced);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([signaling.state, FakeSocket.all.length]).toEqual(['closed', 1]);
  });

  test('a server that accepts but does not welcome is left, and tried again', async () => {
    const { signaling } = client();
    last().opens();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.all.length).toBe(2);
    expect(FakeSocket.all[0]?.readyState).toBe(3);
    expect(signaling.state).toBe('connecting');
  });

  test('is silent after stop', async () => {
    const { signaling, events, socket } = opened();
    signaling.stop();
    socket.says({ type: 'joined', peer });
    socket.ends();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.joined).not.toHaveBeenCalled();
    expect(FakeSocket.all).toHaveLength(1);
  });
});

test('[NET-3] what is no message of the server is counted', () => {
  const { events, socket } = opened();
  socket.says({ type: 'joined' });
  socket.dispatchEvent(new MessageEvent('message', { data: new ArrayBuffer(3) }));
  expect(events.rejected.mock.calls).toEqual([['signaling'], ['signaling']]);
});

test('[SIG-2] a crowd of signals keeps to the rate of the server, and steps of one attempt travel together', async () => {
  const { signaling, socket } = opened();
  for (let i = 0; i < 100; i++) {
    signaling.send(`peer ${i}`, step('[1]'));
    signaling.send(`peer ${i}`, step('[2]'));
  }
  const data = () => socket.sent.map((message) => message.payload?.data);
  expect(data().length).toBeLessThan(60);
  await vi.advanceTimersByTimeAsync(1000);
  expect(data().length).toBeLessThan(80);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(data()).toContain('[1,2]');
  const steps = data().flatMap((text): number[] => (text === undefined ? [] : JSON.parse(text)));
  expect(steps).toHaveLength(200);
});

test('[SIG-2] steps of one attempt that are too many for one signal travel in several, in their order', async () => {
  const { signaling, socket } = opened();
  for (let i = 0; i < 60; i++) signaling.send(`peer ${i}`, step('[1]'));
  for (let i = 0; i < 200; i++) signaling.send(peer.id, step(JSON.stringify([i])));
  await vi.advanceTimersByTimeAsync(20_000);
  const sent = socket.sent
    .filter(({ to }) => to === peer.id)
    .map(({ payload }): number[] => JSON.parse(payload?.data ?? '[]'));
  expect(sent.flat()).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(Math.max(...sent.map((steps) => steps.length))).toBe(stepsMax);
});

test('what waits of an earlier attempt with the same peer gives way to the next one', async () => {
  const { signaling, socket } = opened();
  for (let i = 0; i < 60; i++) signaling.send(`peer ${i}`, step('[1]'));
  for (const attempt of ['1', '2', '3']) signaling.send(peer.id, step('[1]', attempt));
  await vi.advanceTimersByTimeAsync(20_000);
  const attempts = socket.sent.filter(({ to }) => to === peer.id).map(({ payload }) => payload?.attempt);
  expect(attempts).toEqual(['3']);
});
