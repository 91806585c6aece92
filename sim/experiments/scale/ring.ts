/**
 * A large ring without faults, clients or checkers, for measuring: real cores, simulated links and disks.
 * Invariant: like every run it is a function of its seed.
 */
import { defaultOptions } from '../../../src/core/config.ts';
import type { NodeId } from '../../../src/core/ids.ts';
import { RingNode } from '../../../src/core/node.ts';
import type { Input, Ready } from '../../../src/core/ready.ts';
import type { ClientRequest } from '../../../src/core/requests.ts';
import { lengthOf, type MembershipHistory, type RingEvent } from '../../../src/core/ring/history.ts';
import { EventHeap } from '../../world/events.ts';
import { Host } from '../../world/host.ts';
import { nodeName } from '../../world/names.ts';
import { type Barrier, Network } from '../../world/network.ts';
import { SeededRandom } from '../../world/random.ts';
import { bytesOf } from '../../world/text.ts';
import { Meter } from './meter.ts';

/** In ms. */
const diskLatency = 5;
const delay = 20;
const opened = 1000;

export interface Size {
  readonly nodes: number;
  readonly partitions: number;
}

export class ScaleRing {
  readonly hosts: Host[] = [];
  readonly meter = new Meter();
  readonly #heap = new EventHeap();
  readonly #random = new SeededRandom(1);
  readonly #byId = new Map<NodeId, Host>();
  readonly #network: Network;
  readonly #partitions: number;
  /** How many events of the ring's history each node knows. */
  readonly #events = new Map<NodeId, number>();
  #lastRequest = 0;
  steps = 0;

  /** All nodes are members from the first, as if they had been closed and are opened within a second. */
  constructor({ nodes, partitions }: Size) {
    this.#partitions = partitions;
    const is = (node: NodeId, state: 'up'): boolean => this.#byId.get(node)?.state === state;
    this.#network = new Network(this.#random, {
      now: () => this.now,
      at: (time, run) => this.#heap.at(time, run),
      lives: (node) => is(node, 'up'),
      awake: (node) => is(node, 'up'),
      wanted: (a, b) => is(a, 'up') && is(b, 'up'),
      introduced: () => true,
      up: (node, peer) => this.#byId.get(node)?.feed({ type: 'peer-up', peer }),
      down: (node, peer) => this.#byId.get(node)?.feed({ type: 'peer-down', peer }),
      deliver: (to, from, message) => this.#byId.get(to)?.feed({ type: 'message', from, message }),
      overflowed: () => undefined,
    });
    this.#network.delay = delay;
    const names = Array.from({ length: nodes }, (_, index) => nodeName(index));
    const history = this.#history(names);
    for (const name of names) this.#add(name, history);
    this.pass(opened);
    for (const host of this.hosts) {
      this.#heap.after(this.#random.int(0, opened), () => {
        this.#open(host);
        for (const { id } of this.hosts) this.#network.meet(host.id, id);
      });
    }
    this.pass(opened);
  }

  get now(): number {
    return this.#heap.now;
  }

  pass(ms: number): void {
    const until = this.now + ms;
    this.#heap.at(until, () => undefined);
    while (this.#heap.nextTime <= until) this.#heap.runNext();
  }

  /** Runs until that holds, looking every so many ms; how long it took, Infinity after `boundMs`. */
  until(holds: () => boolean, everyMs: number, boundMs: number): number {
    const start = this.now;
    while (this.now - start < boundMs) {
      if (holds()) return this.now - start;
      this.pass(everyMs);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** A new node, which meets all and joins. */
  join(): Host {
    const host = this.#add(nodeName(this.hosts.length), undefined);
    this.#open(host);
    for (const { id } of this.hosts) this.#network.meet(host.id, id);
    // It has met most by then, as a newcomer has whom it waits for.
    this.#heap.after(500, () => this.#ask(host, { kind: 'join', time: this.now }));
    return host;
  }

  put(host: Host, key: string, value: string): void {
    const request = {
      kind: 'put',
      key,
      value: bytesOf(value),
      deleted: false,
      context: { vector: [], dots: [] },
    } as const;
    this.#ask(host, { ...request, fastest: '', w: 0, time: this.now });
  }

  /** Cuts the even nodes off from the odd ones. Returns what ends it. */
  split(): () => void {
    const side = new Map(this.hosts.map(({ id }, index) => [id, index % 2]));
    const sideOf = (node: NodeId): number => side.get(node) ?? this.hosts.findIndex(({ id }) => id === node) % 2;
    const barrier: Barrier = { kind: 'wall', between: (from, to) => sideOf(from) !== sideOf(to) };
    this.#network.raise(barrier);
    return () => this.#network.lift(barrier);
  }

  /** How many hosts know of so many events of the ring's history. */
  knowing(events: number): number {
    return [...this.#events.values()].filter((known) => known >= events).length;
  }

  /** How many there are. */
  get events(): number {
    return Math.max(...this.#events.values());
  }

  /** Whether the primaries of the key hold the same of it. */
  agreeOn(key: string): boolean {
    const walk = this.hosts[0]?.core?.explain(key).walk ?? [];
    const primaries = walk.flatMap(({ node, role }) => (role === 'primary' ? [this.#byId.get(node)?.core] : []));
    return new Set(primaries.map((core) => JSON.stringify(core?.versions(key).map(({ dot }) => dot)))).size === 1;
  }

  #history(names: readonly NodeId[]): MembershipHistory {
    const [first = ''] = names;
    const found = { stamp: [1, first], kind: 'found', partitions: this.#partitions, ...defaultOptions.replication };
    const joins = names.map(
      (node, index): RingEvent => ({ stamp: [index + 2, node], kind: 'join', node, weight: 1, zone: node }),
    );
    return [{ ...found, stamp: [1, first], kind: 'found' }, ...joins];
  }

  #add(self: NodeId, history: MembershipHistory | undefined): Host {
    const host = new Host(
      { ...defaultOptions, self, seed: 0 },
      diskLatency,
      (options) => new RingNode(options),
      this.#random,
      {
        now: () => this.now,
        at: (time, run) => this.#heap.at(time, run),
        send: (from, to, message) => {
          this.meter.add(message);
          this.#network.send(from, to, message);
        },
        dialled: () => undefined,
        replied: () => undefined,
        stepped: (stepped, input, ready) => this.#stepped(stepped, input, ready),
        committed: () => undefined,
      },
    );
    this.hosts.push(host);
    this.#byId.set(self, host);
    if (history) {
      host.disk.open();
      host.disk.write({ id: 1, strict: true, writes: [{ kind: 'history', history }] }, () => undefined);
    }
    return host;
  }

  #open(host: Host): void {
    this.#events.set(host.id, lengthOf(host.start().history));
  }

  #ask(host: Host, request: ClientRequest): void {
    host.request(++this.#lastRequest, request);
  }

  #stepped(host: Host, _input: Input, ready: Ready): void {
    this.steps += 1;
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind === 'history') this.#events.set(host.id, lengthOf(write.history));
    }
  }
}
