/**
 * What is measured of a ring of a given size. Invariant: what is timed begins and ends in simulated time,
 * so the figures do not depend on the machine.
 */
import { ScaleRing, type Size } from './ring.ts';

export interface Figures extends Size {
  /** Per node and second, when nothing is asked of the ring. */
  readonly idle: { readonly messages: number; readonly bytes: number };
  /** Of a join: ms until half of the nodes, and all, know of it; bytes that it costs each node. */
  readonly join: { readonly halfMs: number; readonly allMs: number; readonly bytes: number };
  readonly splits: readonly Split[];
  /** Of this measurement, on this machine. */
  readonly seconds: number;
  readonly steps: number;
}

export interface Split {
  readonly seconds: number;
  /** From its end: ms until all know all members again, and until the replicas of all keys are equal. */
  readonly ringMs: number;
  readonly dataMs: number;
}

const keys = Array.from({ length: 200 }, (_, index) => `key${index}`);
/** In ms. */
const times = { meet: 8000, idle: 8000, rest: 4000, look: 100, bound: 300_000 };
const joins = 2;

export function measure(size: Size, splits: readonly number[], say: (line: string) => void): Figures {
  const started = performance.now();
  const ring = new ScaleRing(size);
  const said = (what: string): void =>
    say(`${size.nodes} nodes, ${Math.round((performance.now() - started) / 1000)} s: ${what}`);
  ring.pass(times.meet);
  said('all have met');
  const idle = idleTraffic(ring);
  said(`idle: ${idle.messages.toFixed(1)} messages, ${idle.bytes.toFixed(0)} bytes`);
  const join = joinTimes(ring, idle.bytes);
  said(`join: ${join.allMs} ms, ${join.bytes.toFixed(0)} bytes`);
  const measured = splits.map((seconds) => {
    const split = splitTimes(ring, seconds);
    said(`split of ${seconds} s: ${split.ringMs} ms, ${split.dataMs} ms`);
    return split;
  });
  const seconds = (performance.now() - started) / 1000;
  return { ...size, idle, join, splits: measured, seconds, steps: ring.steps };
}

function idleTraffic(ring: ScaleRing): Figures['idle'] {
  ring.meter.take();
  ring.pass(times.idle);
  const { messages, bytes } = ring.meter.take();
  const share = (ring.hosts.length * times.idle) / 1000;
  return { messages: messages / share, bytes: bytes / share };
}

/** The slowest of a few. */
function joinTimes(ring: ScaleRing, idleBytes: number): Figures['join'] {
  const all: Figures['join'][] = [];
  for (let count = 0; count < joins; count++) {
    const events = ring.events + 1;
    ring.meter.take();
    const start = ring.now;
    ring.join();
    ring.until(() => ring.knowing(events) > 0, 1, times.bound);
    const halfMs = ring.until(() => ring.knowing(events) >= ring.hosts.length / 2, 1, times.bound);
    const allMs = halfMs + ring.until(() => ring.knowing(events) === ring.hosts.length, 1, times.bound);
    ring.pass(times.rest);
    const bytes = ring.meter.take().bytes / ring.hosts.length - (idleBytes * (ring.now - start)) / 1000;
    all.push({ halfMs, allMs, bytes });
  }
  return all.reduce((slowest, each) => (each.allMs > slowest.allMs ? each : slowest));
}

/** During the split a node joins on either side, and keys are written on both. */
function splitTimes(ring: ScaleRing, seconds: number): Split {
  const writer = (index: number) => ring.hosts[index % ring.hosts.length];
  keys.forEach((key, index) => {
    const host = writer(7 * index);
    if (host) ring.put(host, key, 'before');
  });
  ring.pass(times.rest);
  const events = ring.events + 2;
  const heal = ring.split();
  ring.pass((seconds * 1000) / 2);
  ring.join();
  ring.join();
  keys.forEach((key, index) => {
    for (const side of [0, 1]) {
      const host = writer(2 * index + side);
      if (host) ring.put(host, key, `side ${side}`);
    }
  });
  ring.pass((seconds * 1000) / 2);
  heal();
  const ringMs = ring.until(() => ring.knowing(events) === ring.hosts.length, times.look, times.bound);
  const dataMs = ringMs + ring.until(() => keys.every((key) => ring.agreeOn(key)), times.look, times.bound);
  ring.pass(times.rest);
  return { seconds, ringMs, dataMs };
}
