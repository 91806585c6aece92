/** A page that holds one WebRTC transport and tells the test what it does. */
import { createWebRtcTransport } from '../../src/browser/webrtc.ts';
import { Station, transportContract } from '../../src/testing/transport.contract.ts';
import { keepLinks } from '../page-scripts.ts';

keepLinks();

const signaling = `ws://${location.host}/`;
const { channels, connections } = links;

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

let room = '';
let station: Station | undefined;
let startedAt = 0;

function started(): Station {
  if (station === undefined) throw new Error('not started');
  return station;
}

/** What the first byte of a message asks of its receiver. */
const echo = 1;
const malformed = 2;

function quantile(sorted: readonly number[], q: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2));
}

const harnessOfPage = {
  start(inRoom: string, id: string, dial: string[] = []): void {
    room = inRoom;
    startedAt = performance.now();
    station = new Station(createWebRtcTransport({ signaling, room }), id);
    station.onMessage = (from, bytes) => {
      if (bytes[0] === echo) station?.transport.send(from, bytes.slice().fill(0, 0, 1), 'control');
      return bytes[0] !== malformed;
    };
    station.transport.dial(dial);
  },
  introduced: () => started().transport.introduced(),
  dial: (peers: string[]) => started().transport.dial(peers),
  events: () => [...started().events],
  links: () => started().transport.links(),
  open: () =>
    started()
      .transport.links()
      .filter(({ state }) => state === 'open').length,
  signaling: () => started().transport.signaling(),
  rejected: () => started().transport.rejected(),
  received: () => started().received.map(({ from, bytes }) => ({ from, first: bytes[0] ?? -1, length: bytes.length })),
  cut: (peer: string, direction: 'both' | 'send' | 'receive') => started().transport.cut([peer], direction),
  heal: () => started().transport.heal(),
  stop: () => started().transport.stop(),

  /** Connections of this page that are not closed. */
  alive: () => connections.filter(({ connectionState }) => connectionState !== 'closed').length,
  made: () => connections.length,
  breakChannel: (index: number) => channels[index]?.close(),
  sendRaw(index: number, frames: (number[] | string)[]): void {
    for (const frame of frames) {
      if (typeof frame === 'string') channels[index]?.send(frame);
      else channels[index]?.send(Uint8Array.from(frame));
    }
  },

  send: (peer: string, first: number, length: number, lane: 'control' | 'bulk') =>
    started().transport.send(peer, new Uint8Array(length).with(0, first), lane),

  /** 1,000 numbered messages in each lane and a long one between them; all in one turn. */
  sendMany(peer: string, longBytes: number): void {
    const { transport } = started();
    for (let i = 0; i < 1000; i++) {
      transport.send(peer, Uint8Array.of(100, i >> 8, i & 255), 'bulk');
      if (i === 500) transport.send(peer, new Uint8Array(longBytes).map((_, at) => at % 251).with(0, 102), 'bulk');
      transport.send(peer, Uint8Array.of(101, i >> 8, i & 255), 'control');
    }
  },

  /** Whether what `sendMany` sent is here, whole and in order; undefined while it is not complete. */
  gotMany(longBytes: number): { inOrder: boolean; longIsWhole: boolean } | undefined {
    const of = (first: number) => started().received.filter(({ bytes }) => bytes[0] === first);
    const [bulk, control, long] = [of(100), of(101), of(102)];
    if (bulk.length < 1000 || control.length < 1000 || long.length < 1) return undefined;
    const inOrder = [bulk, control].every((lane) =>
      lane.every(({ bytes }, i) => bytes[1] === i >> 8 && bytes[2] === (i & 255)),
    );
    const bytes = long[0]?.bytes ?? new Uint8Array();
    const longIsWhole = bytes.length === longBytes && bytes.every((byte, at) => at === 0 || byte === at % 251);
    return { inOrder, longIsWhole };
  },

  /** Milliseconds of round trips of 300 bytes, one at a time. */
  async roundTrips(peer: string, count: number): Promise<{ p50: number; p99: number }> {
    const { transport } = started();
    const before = started().onMessage;
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const sentAt = performance.now();
      await new Promise<void>((resolve) => {
        started().onMessage = () => {
          times.push(performance.now() - sentAt);
          resolve();
          return true;
        };
        transport.send(peer, new Uint8Array(300).with(0, echo), 'control');
      });
    }
    started().onMessage = before;
    times.sort((a, b) => a - b);
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  },

  /** Echoes per second with this many under way, sent `perTurn` at a time. */
  async echoesPerSecond(peer: string, count: number, window: number): Promise<number> {
    const { transport } = started();
    const before = started().onMessage;
    const message = new Uint8Array(300).with(0, echo);
    const startAt = performance.now();
    let sent = 0;
    let back = 0;
    await new Promise<void>((resolve) => {
      const feed = () => {
        for (; sent < count && sent - back < window; sent++) transport.send(peer, message, 'control');
      };
      started().onMessage = () => {
        back++;
        if (back === count) resolve();
        else feed();
        return true;
      };
      feed();
    });
    started().onMessage = before;
    return Math.round((count * 1000) / (performance.now() - startAt));
  },

  /** Megabytes per second of this many messages of 1 MiB, from the first to the answer to the last. */
  async bulkPerSecond(peer: string, count: number): Promise<number> {
    const { transport, received } = started();
    const before = received.length;
    const startAt = performance.now();
    for (let i = 1; i <= count; i++) {
      transport.send(peer, new Uint8Array(1_048_576).with(0, i === count ? echo : 100), 'bulk');
    }
    await until('the echo', () => received.length > before);
    return Number(((count * 1.048576 * 1000) / (performance.now() - startAt)).toFixed(1));
  },

  /** Milliseconds from `start` until so many links were open. */
  async connected(count: number): Promise<number> {
    await until(`${count} links`, () => harnessOfPage.open() === count);
    return Math.round(performance.now() - startedAt);
  },

  contractTitles: () => transportContract.map(({ title }) => title),
  async runScenario(title: string, inRoom: string): Promise<void> {
    const made: { stop(): void }[] = [];
    const scenario = transportContract.find((other) => other.title === title);
    try {
      await scenario?.run({
        until,
        transport() {
          const transport = createWebRtcTransport({ signaling, room: inRoom });
          made.push(transport);
          return transport;
        },
      });
    } finally {
      for (const transport of made) transport.stop();
    }
  },
};

export type Harness = typeof harnessOfPage;

Object.assign(globalThis, { harness: harnessOfPage });
