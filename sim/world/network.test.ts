import { beforeEach, expect, test } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { EventHeap } from './events.ts';
import { Network } from './network.ts';
import { SeededRandom } from './random.ts';

let heap: EventHeap;
let network: Network;
let log: string[];
let dead: Set<string>;

beforeEach(() => {
  heap = new EventHeap();
  log = [];
  dead = new Set();
  network = new Network(new SeededRandom(7), {
    now: () => heap.now,
    at: (time, run) => heap.at(time, run),
    lives: (node) => !dead.has(node),
    awake: (node) => !dead.has(node),
    wanted: () => true,
    introduced: () => true,
    overflowed: (from, to) => log.push(`${from} overflows to ${to}`),
    up: (node, peer) => log.push(`${node} up ${peer}`),
    down: (node, peer) => log.push(`${node} down ${peer}`),
    deliver: (to, from, message) => log.push(`${to} got ${text(message)} from ${from}`),
  });
});

const ping = (seq: number): Message => ({ type: 'ping', seq });
const text = (message: Message): string => (message.type === 'ping' ? `${message.seq}` : message.type);

function pass(ms: number): void {
  const until = heap.now + ms;
  heap.at(until, () => undefined);
  while (heap.nextTime <= until) heap.runNext();
}

function connect(): void {
  network.meet('a', 'b');
  pass(5000);
  log = [];
}

test('two nodes that meet are both told that the link is up', () => {
  network.meet('a', 'b');
  pass(5000);
  expect(log.toSorted()).toEqual(['a up b', 'b up a']);
});

test('messages of one direction arrive in the order sent', () => {
  connect();
  for (let seq = 0; seq < 50; seq++) network.send('a', 'b', ping(seq));
  pass(5000);
  expect(log).toEqual(Array.from({ length: 50 }, (_, seq) => `b got ${seq} from a`));
});

test('a message sent as soon as the link is up does not overtake the other side of it', () => {
  network.meet('a', 'b');
  while (!log.includes('a up b')) heap.runNext();
  network.send('a', 'b', ping(1));
  pass(5000);
  expect(log.indexOf('b got 1 from a')).toBeGreaterThan(log.indexOf('b up a'));
});

test('without a link nothing is sent', () => {
  network.send('a', 'b', ping(1));
  pass(5000);
  expect(log).toEqual([]);
});

test('behind a wall messages wait, and arrive in order if it falls soon', () => {
  connect();
  network.cut('a', 'b', 'wall');
  network.send('a', 'b', ping(1));
  network.send('a', 'b', ping(2));
  network.send('b', 'a', ping(3));
  pass(5000);
  expect(log).toEqual(['a got 3 from b']);
  network.cut('a', 'b', undefined);
  pass(1000);
  expect(log).toEqual(['a got 3 from b', 'b got 1 from a', 'b got 2 from a']);
});

test('a wall that stays brings the link down on both sides, and up again when it falls', () => {
  connect();
  network.cut('a', 'b', 'wall');
  network.send('a', 'b', ping(1));
  pass(14_000);
  expect(log).toEqual([]);
  pass(30_000);
  expect(log.toSorted()).toEqual(['a down b', 'b down a']);
  log = [];
  network.cut('a', 'b', undefined);
  pass(10_000);
  expect(log.toSorted()).toEqual(['a up b', 'b up a']);
});

test('behind a filter messages are lost, and the link stays up', () => {
  connect();
  network.cut('a', 'b', 'filter');
  network.send('a', 'b', ping(1));
  network.send('b', 'a', ping(2));
  pass(60_000);
  network.cut('a', 'b', undefined);
  network.send('a', 'b', ping(3));
  pass(1000);
  expect(log).toEqual(['a got 2 from b', 'b got 3 from a']);
});

test('a goodbye is heard at once', () => {
  connect();
  dead.add('a');
  network.stop('a', true);
  pass(1000);
  expect(log).toEqual(['b down a']);
});

test('[MEM-3] one that comes back after a silent end replaces its old link', () => {
  connect();
  dead.add('a');
  network.stop('a', false);
  network.send('b', 'a', ping(1));
  pass(1000);
  expect(log).toEqual([]);
  dead.delete('a');
  network.meet('a', 'b');
  pass(3000);
  expect(log.toSorted()).toEqual(['a up b', 'b down a', 'b up a']);
  expect(log.indexOf('b down a')).toBeLessThan(log.indexOf('b up a'));
});

test('loss loses some, duplication repeats some', () => {
  connect();
  network.loss = 0.5;
  for (let seq = 0; seq < 100; seq++) network.send('a', 'b', ping(seq));
  pass(5000);
  expect(log.length).toBeGreaterThan(20);
  expect(log.length).toBeLessThan(80);
  network.loss = 0;
  network.duplicate = 0.5;
  log = [];
  for (let seq = 0; seq < 100; seq++) network.send('a', 'b', ping(seq));
  pass(5000);
  expect(log.length).toBeGreaterThan(120);
  expect(new Set(log).size).toBe(100);
});
