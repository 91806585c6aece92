import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PeerName, Signal } from '../signaling/protocol.ts';
import { Pair, type Path } from './pair.ts';
import { defaultTimings } from './pair-timings.ts';
import type { LinkEvents, PeerLink } from './webrtc-link.ts';

const small: PeerName = { id: 'aaaaaaaaaaaa', instance: 'first' };
const large: PeerName = { id: 'bbbbbbbbbbbb', instance: 'second' };

/** A link whose negotiation is: offer, answer, open at both ends. Links find each other by the sdp. */
class FakeLink implements PeerLink {
  static readonly all: FakeLink[] = [];
  readonly sdp = `link ${FakeLink.all.length}`;
  readonly events: LinkEvents;
  readonly seen: string[] = [];
  closed = false;
  other: FakeLink | undefined;

  constructor(initiator: boolean, events: LinkEvents) {
    this.events = events;
    FakeLink.all.push(this);
    if (initiator) queueMicrotask(() => events.signal({ type: 'offer', sdp: this.sdp }));
  }

  signal(steps: readonly { type: string; sdp?: string }[]): void {
    for (const { type, sdp } of steps) {
      this.seen.push(type);
      this.other = FakeLink.all.find((link) => link.sdp === sdp);
      if (type === 'offer') this.events.signal({ type: 'answer', sdp: this.sdp });
      if (type !== 'answer' || this.closed || this.other?.closed !== false) continue;
      this.events.open();
      this.other.events.open();
    }
  }

  send(): void {}
  sendPayload(): void {}
  cut(): void {}
  close(): void {
    this.closed = true;
  }
}

/** One end of the pair and what it says and does; posts wait in `posted` until a test delivers them. */
class Side {
  readonly pair: Pair;
  readonly self: PeerName;
  readonly log: string[] = [];
  readonly links: FakeLink[] = [];
  readonly rejected: string[] = [];
  posted: { signal: Signal; paths: readonly Path[] }[] = [];
  paths: readonly Path[] = ['room'];
  mayStart = true;

  constructor(self: PeerName, peer: PeerName) {
    this.self = self;
    this.pair = new Pair(peer.id, {
      self,
      random: () => 0.5,
      timings: defaultTimings,
      makeLink: (initiator, events) => {
        const link = new FakeLink(initiator, events);
        this.links.push(link);
        return link;
      },
      paths: () => this.paths,
      post: (_, signal, paths) => this.posted.push({ signal, paths }),
      mayStart: () => this.mayStart,
      up: () => this.log.push('up'),
      down: () => this.log.push('down'),
      message: () => true,
      payload: () => true,
      rejected: (reason) => this.rejected.push(reason),
      changed: () => {},
    });
  }

  get last(): FakeLink {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error('no link was made');
    return link;
  }

  take(): Signal[] {
    return this.posted.splice(0).map(({ signal }) => signal);
  }

  hear(from: PeerName, signals: readonly Signal[], path: Path = 'room'): void {
    for (const signal of signals) this.pair.receive(from, signal, path);
  }
}

/** Delivers all that is posted, until there is silence; false if there never is. */
async function exchange(one: Side, other: Side): Promise<boolean> {
  for (let turn = 0; turn < 50; turn++) {
    await Promise.resolve();
    const [ones, others] = [one.take(), other.take()];
    other.hear(one.self, ones);
    one.hear(other.self, others);
    if (turn > 3 && ones.length === 0 && others.length === 0) return true;
  }
  return false;
}

async function open(): Promise<[Side, Side]> {
  const [a, b] = [new Side(small, large), new Side(large, small)];
  a.pair.want(true);
  b.pair.want(true);
  await exchange(a, b);
  return [a, b];
}

const ask = (attempt: number, toInstance = ''): Signal => ({ toInstance, attempt: String(attempt), data: '' });
const offer = (attempt: number): Signal => ({
  toInstance: '',
  attempt: String(attempt),
  data: JSON.stringify([{ type: 'offer', sdp: `offer ${attempt}` }]),
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  FakeLink.all.length = 0;
});

describe('[NET-1] one link per pair', () => {
  test('when both want it the smaller id starts, once, and the larger one need not ask', async () => {
    const [a, b] = await open();
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
    expect(FakeLink.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([a.take(), b.take()]).toEqual([[], []]);
    expect(FakeLink.all).toHaveLength(2);
  });

  test('the larger id asks, and the other starts even if it did not want to', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    b.pair.want(true);
    await vi.advanceTimersByTimeAsync(defaultTimings.askDelay);
    expect(b.links).toHaveLength(0);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
  });

  test('an attempt that takes too long is abandoned, and what still comes of it is ignored', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    a.pair.want(true);
    await Promise.resolve();
    b.hear(small, a.take());
    const late = b.take();
    expect(a.pair.link).toBe('connecting');
    await vi.advanceTimersByTimeAsync(defaultTimings.attempt);
    expect(a.links[0]?.closed).toBe(true);
    a.hear(large, late);
    expect(a.links[0]?.seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(a.links).toHaveLength(2);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
  });

  test('an ask that names the open link means that its other end is gone; an older one means nothing', async () => {
    const [a, b] = await open();
    a.hear(large, [ask(0)]);
    expect(a.log).toEqual(['up']);
    b.last.events.closed('failed');
    await vi.advanceTimersByTimeAsync(defaultTimings.backoffMin + defaultTimings.askDelay);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([
      ['up', 'down', 'up'],
      ['up', 'down', 'up'],
    ]);
    expect(a.links.map((link) => link.closed)).toEqual([true, false]);
  });

  test('an offer that was lost is sent again to a peer that asks, in the same attempt', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    a.pair.want(true);
    await Promise.resolve();
    a.take();
    await vi.advanceTimersByTimeAsync(1000);
    b.pair.want(true);
    await vi.advanceTimersByTimeAsync(defaultTimings.askDelay);
    await exchange(a, b);
    expect([a.log, b.log, a.links.length]).toEqual([['up'], ['up'], 1]);
  });

  test('an ask that crosses the offer does not make it be sent twice', async () => {
    const a = new Side(small, large);
    a.pair.want(true);
    await Promise.resolve();
    a.take();
    a.hear(large, [ask(0)]);
    expect(a.take()).toEqual([]);
  });

  test('a link that breaks is made again after the backoff, which grows up to its maximum', async () => {
    const [a] = await open();
    a.last.events.closed('ended');
    expect(a.log).toEqual(['up', 'down']);
    a.paths = [];
    const tries: number[] = [];
    const from = performance.now();
    Object.defineProperty(a, 'paths', {
      get: () => {
        tries.push(performance.now() - from);
        return [];
      },
    });
    await vi.advanceTimersByTimeAsync(30_000);
    const gaps = tries.map((time, i) => time - (tries[i - 1] ?? 0));
    expect(gaps.slice(0, 5)).toEqual([500, 1000, 2000, 4000, 5000]);
    expect(Math.max(...gaps)).toBe(5000);
  });

  test('a link that was replaced is not reported when it ends at last', async () => {
    const [a, b] = await open();
    const old = b.last;
    b.hear(small, [offer(5)]);
    expect(b.log).toEqual(['up', 'down']);
    old.events.closed('ended');
    old.events.open();
    expect(b.log).toEqual(['up', 'down']);
    expect(a.log).toEqual(['up']);
  });
});

describe('a crowd', () => {
  test('a start that has to wait goes on when it may, and asking does not hurry it', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    a.mayStart = false;
    a.pair.want(true);
    b.pair.want(true);
    await vi.advanceTimersByTimeAsync(10_000);
    a.hear(large, b.take());
    a.pair.resume();
    expect([a.links.length, a.pair.link]).toEqual([0, 'connecting']);
    a.mayStart = true;
    a.pair.resume();
    await exchange(a, b);
    expect([a.log, b.log, a.links.length]).toEqual([['up'], ['up'], 1]);
  });

  test('an answer that comes late gives the attempt its time again', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    a.pair.want(true);
    await vi.advanceTimersByTimeAsync(defaultTimings.attempt - 100);
    b.hear(small, a.take());
    b.last.close();
    a.hear(large, b.take());
    await vi.advanceTimersByTimeAsync(defaultTimings.attempt - 100);
    expect([a.pair.link, a.links.length]).toEqual(['connecting', 1]);
    await vi.advanceTimersByTimeAsync(100);
    expect([a.pair.link, a.last.closed]).toEqual(['closed', true]);
  });
});

describe('[NET-1] never a ghost', () => {
  test('a new instance takes the place of the old one, which is not listened to again', async () => {
    const [a] = await open();
    const again: PeerName = { id: large.id, instance: 'third' };
    const b = new Side(again, small);
    a.pair.met(again.instance);
    expect(a.log).toEqual(['up', 'down']);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([['up', 'down', 'up'], ['up']]);
    a.hear(large, [ask(99)]);
    a.pair.met(large.instance);
    expect(a.log).toEqual(['up', 'down', 'up']);
    expect(a.pair.instance).toBe('third');
  });

  test('[SIG-1] an instance that never was ends with the next honest word of the introducer', async () => {
    const [a, b] = await open();
    a.pair.met('never');
    b.pair.end();
    expect(a.log).toEqual(['up', 'down']);
    a.pair.met(large.instance);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([
      ['up', 'down', 'up'],
      ['up', 'down', 'up'],
    ]);
  });

  test('[SIG-1] made-up numbers of attempts do not part two nodes', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    b.hear(small, [offer(2 ** 53 - 1), offer(5000)]);
    expect(b.rejected).toEqual(['signal']);
    a.pair.want(true);
    b.pair.want(true);
    b.pair.end();
    for (let round = 0; round < 5 && !a.pair.open; round++) {
      await vi.advanceTimersByTimeAsync(defaultTimings.backoffMax);
      await exchange(a, b);
    }
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
  });

  test('signals for another instance of this node are ignored', async () => {
    const [a] = await open();
    a.hear(large, [ask(1, 'the page before the reload')]);
    expect(a.log).toEqual(['up']);
  });

  test('offers come at a bounded rate, whatever the other side does', () => {
    const b = new Side(large, small);
    for (let attempt = 1; attempt <= 100; attempt++) b.hear(small, [offer(attempt)]);
    expect(b.links.length).toBeLessThan(10);
  });

  test('[NET-3] a signal that is none is counted', async () => {
    const [a, b] = await open();
    a.hear(large, [{ toInstance: '', attempt: '1', data: 'null' }]);
    a.hear(large, [{ toInstance: '', attempt: 'x', data: '' }]);
    b.hear(small, [{ toInstance: '', attempt: '2', data: '[{"type":"renegotiate","renegotiate":true}]' }]);
    expect([a.rejected, b.rejected]).toEqual([['signal', 'signal'], ['signal']]);
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
  });
});

describe('away from the introducer', () => {
  test('[SIG-1] no connection is set up before the peer has answered a knock', async () => {
    const [a, b] = [new Side(small, large), new Side(large, small)];
    a.paths = ['cccccccccccc', 'dddddddddddd'];
    a.pair.want(true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(a.links).toHaveLength(0);
    expect(a.posted.length).toBeGreaterThan(4);
    b.hear(small, [ask(0)], 'dddddddddddd');
    expect(b.posted.map(({ paths }) => paths)).toEqual([['dddddddddddd']]);
    a.hear(large, b.take(), 'dddddddddddd');
    a.take();
    await Promise.resolve();
    expect(a.posted.map(({ paths }) => paths)).toEqual([['dddddddddddd']]);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([['up'], ['up']]);
  });
});

describe('[faults] cut', () => {
  test('nothing is tried and nothing is heard through a cut; the heal tries at once', async () => {
    const [a, b] = await open();
    a.pair.cut('both');
    expect(a.pair.link).toBe('cut');
    a.last.events.closed('ended');
    b.last.events.closed('ended');
    for (let seconds = 0; seconds < 20; seconds++) {
      await vi.advanceTimersByTimeAsync(1000);
      await exchange(a, b);
    }
    expect([a.log, b.log]).toEqual([
      ['up', 'down'],
      ['up', 'down'],
    ]);
    expect(a.links).toHaveLength(1);
    a.pair.cut(undefined);
    await exchange(a, b);
    expect([a.log, b.log]).toEqual([
      ['up', 'down', 'up'],
      ['up', 'down', 'up'],
    ]);
  });
});

test('[NET-3] a peer that sent rubbish is dialled again only after the longest backoff', async () => {
  const [a] = await open();
  a.last.events.closed('malformed');
  await vi.advanceTimersByTimeAsync(defaultTimings.backoffMax - 1);
  expect(a.links).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(a.links).toHaveLength(2);
});
