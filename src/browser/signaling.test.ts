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
  ends(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
  }
  get pings(): number {
    return this.sent.filter(({ type }) => type === 'ping').length;
  }
}

function client(answers = false) {
  const events = {
    welcome: vi.fn(),
    joined: vi.fn(),
    left: vi.fn(),
    signal: vi.fn(),
    changed: vi.fn(),
    rejected: vi.fn(),
  };
  const url = new URL('ws://127.0.0.1/');
  const options = { url, room: 'room', self, random: () => 0.5, answers: async () => answers };
  const signaling = new SignalingClient(options, events);
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

describe('[SIG-3] a socket that nobody has closed', () => {
  /** Time passes, and each ping is answered. */
  async function answeredFor(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      const before = last().pings;
      await vi.advanceTimersByTimeAsync(500);
      if (last().pings > before) last().says({ type: 'pong' });
    }
  }

  test('is asked at a bounded rate, and stays while it answers', async () => {
    const { signaling, events } = opened();
    await answeredFor(600_000);
    expect([signaling.state, FakeSocket.all.length, last().pings]).toEqual(['open', 1, 60]);
    expect(events.rejected).not.toHaveBeenCalled();
  });

  test('and is dead is left within 15 s, and made again', async () => {
    const { signaling, socket } = opened();
    await answeredFor(60_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect([signaling.state, socket.readyState, FakeSocket.all.length]).toEqual(['connecting', 3, 2]);
    last().opens();
    last().says(welcome);
    expect(signaling.state).toBe('open');
  });

  test('though the others still speak: what this tab says must come back', async () => {
    opened();
    for (let second = 0; second < 16; second++) {
      last().says({ type: 'joined', peer });
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('is asked as soon as the machine has slept', async () => {
    const { socket } = opened();
    await answeredFor(1000);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(2500);
    expect(socket.pings).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('is asked at once when somebody looks at the page, and only once at a time', async () => {
    const { signaling, socket } = opened();
    signaling.check();
    signaling.check();
    expect(socket.pings).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a page that stood still has not missed the answer', async () => {
    const { signaling, socket } = opened();
    signaling.check();
    // The timers of a page that stood still come late, and one of each.
    vi.advanceTimersToNextTimer();
    socket.says({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(5000);
    expect([signaling.state, FakeSocket.all.length]).toEqual(['open', 1]);
  });

  test('is given up at once when the network is another one, also while it is being made', () => {
    const { signaling } = opened();
    signaling.redial();
    expect([signaling.state, FakeSocket.all.length]).toEqual(['connecting', 2]);
    signaling.redial();
    expect(FakeSocket.all.map(({ readyState }) => readyState)).toEqual([3, 3, 0]);
    signaling.stop();
    signaling.redial();
    expect([signaling.state, FakeSocket.all.length, vi.getTimerCount()]).toEqual(['closed', 3, 0]);
  });

  test('to an introducer that knows no ping is made again, and no ping is said to it again', async () => {
    const { signaling } = opened();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last().pings).toBe(1);
    last().ends(1008, 'bad frame');
    await vi.advanceTimersByTimeAsync(1000);
    last().opens();
    last().says(welcome);
    expect([signaling.state, signaling.trouble]).toEqual(['open', undefined]);
    await vi.advanceTimersByTimeAsync(50_000);
    last().says({ type: 'joined', peer });
    await vi.advanceTimersByTimeAsync(50_000);
    expect([FakeSocket.all.length, last().pings]).toEqual([2, 0]);
    await vi.advanceTimersByTimeAsync(13_000);
    expect(FakeSocket.all).toHaveLength(3);
  });
});

describe('[SIG-3] an introducer that is there, and lets nobody in', () => {
  const refuse: Record<string, () => void> = {
    'closes with a code': () => {
      last().opens();
      last().ends(1008, 'bad frame');
    },
    'has no place in the room': () => {
      last().opens();
      last().ends(closeCodes.busy, 'try again later');
    },
    'takes no socket, though something answers there': () => last().ends(),
  };
  const causes = [/refuses this tab \(1008 bad frame\): reload/, /no place: the room is full/, /TABRING_ORIGINS/];

  test.each(Object.keys(refuse))('%s: it is known why, and is tried again all the same', async (how) => {
    const { signaling, events } = client(true);
    for (let waited = 0; waited < 10_000; waited += 100) {
      if (last().readyState === 0) refuse[how]?.();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(signaling.refused).toBe(true);
    expect(signaling.trouble?.message).toMatch(causes[Object.keys(refuse).indexOf(how)] ?? /never/);
    expect(events.changed).toHaveBeenCalled();
    const tries = FakeSocket.all.length;
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.all.length).toBeGreaterThan(tries);
    last().opens();
    last().says(welcome);
    expect([signaling.state, signaling.trouble, signaling.refused]).toEqual(['open', undefined, false]);
  });

  test('takes sockets, and never says a word', async () => {
    const { signaling } = client();
    for (let waited = 0; waited < 30_000; waited += 100) {
      if (last().readyState === 0) last().opens();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect([signaling.refused, signaling.trouble?.reason]).toEqual([true, 'silent']);
  });

  test('once is nothing: a server that starts again is not blamed', async () => {
    const { signaling } = client(true);
    last().ends();
    await vi.advanceTimersByTimeAsync(0);
    expect([signaling.trouble, signaling.refused]).toEqual([undefined, false]);
  });

  test('one that is away is no such thing, however long', async () => {
    const { signaling } = client(false);
    for (let i = 0; i < 100; i++) {
      last().ends();
      await vi.advanceTimersByTimeAsync(5000);
    }
    expect([signaling.trouble, signaling.refused]).toEqual([undefined, false]);
  });

  test('a node that another page is, too: said, and not fought over', () => {
    const { signaling, socket } = opened();
    socket.ends(closeCodes.replaced);
    expect([signaling.refused, signaling.trouble?.reason]).toEqual([true, 'replaced']);
  });

  test('a browser that makes no such socket does not throw at the page', async () => {
    class Forbidden {
      constructor() {
        throw new DOMException('mixed content', 'SecurityError');
      }
    }
    vi.stubGlobal('WebSocket', Forbidden);
    const { signaling } = client();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([signaling.refused, signaling.trouble?.message]).toEqual([true, expect.stringMatching('mixed content')]);
  });
});
