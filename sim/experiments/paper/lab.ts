/**
 * A ring of real cores for latency figures: machines with timed disks, links whose delays are drawn from a
 * distribution, one clock of fractional milliseconds, no failures. The invariant: a run is a function of its
 * settings, and messages of one direction of a link arrive in the order sent.
 */
import { defaultOptions, type NodeOptions } from '../../../src/core/config.ts';
import type { NodeId } from '../../../src/core/ids.ts';
import type { PutOutcome } from '../../../src/core/message.ts';
import type { ClientReply, ClientRequest, GetOutcome } from '../../../src/core/requests.ts';
import { type CausalContext, emptyContext } from '../../../src/core/version/context.ts';
import { EventHeap } from '../../world/events.ts';
import { nodeName } from '../../world/names.ts';
import { SeededRandom } from '../../world/random.ts';
import { exponential } from './chance.ts';
import { Machine } from './machine.ts';
import { historyOf } from './strategies.ts';
import type { DiskTimes } from './timed-disk.ts';

export interface LabSettings {
  readonly seed: number;
  readonly machines: number;
  readonly node: Partial<Pick<NodeOptions, 'durability' | 'cacheBytes'>>;
  /** Milliseconds that one message takes. */
  readonly hop: (random: SeededRandom) => number;
  readonly disk: (random: SeededRandom) => DiskTimes;
  /** How long a machine stands still, and how long it runs in between; in ms. */
  readonly pause?: { readonly length: (random: SeededRandom) => number; readonly every: number };
}

/** Until all nodes have compared their partitions, and know that they lack nothing. */
const warmUp = 15_000;

export class Lab {
  readonly random: SeededRandom;
  readonly machines: readonly Machine[];
  readonly #settings: LabSettings;
  readonly #heap = new EventHeap();
  readonly #arrivals = new Map<string, number>();
  readonly #asked = new Map<number, (reply: ClientReply) => void>();
  #lastId = 0;

  constructor(settings: LabSettings) {
    this.#settings = settings;
    this.random = new SeededRandom(settings.seed);
    const names = Array.from({ length: settings.machines }, (_, index) => nodeName(index));
    this.machines = names.map((self) => this.#machine(self));
    const history = historyOf(names, defaultOptions.replication.n, defaultOptions.partitions);
    for (const machine of this.machines) machine.open(history);
    for (const machine of this.machines) {
      for (const peer of names) if (peer !== machine.id) machine.feed({ type: 'peer-up', peer });
      this.ask(machine, { kind: 'join', time: 0 }, () => undefined);
    }
    this.run(warmUp);
    if (settings.pause) for (const machine of this.machines) this.#pauses(machine, settings.pause);
  }

  get now(): number {
    return this.#heap.now;
  }

  after(delay: number, run: () => void): void {
    this.#heap.after(delay, run);
  }

  /** Time that one message takes now. */
  hop(): number {
    return this.#settings.hop(this.random);
  }

  ask(machine: Machine, request: ClientRequest, answered: (reply: ClientReply) => void): void {
    const id = ++this.#lastId;
    this.#asked.set(id, answered);
    machine.feed({ type: 'request', id, request });
  }

  get(machine: Machine, key: string, answered: (outcome: GetOutcome) => void): void {
    this.ask(machine, { kind: 'get', key, r: 0, session: emptyContext }, (reply) => {
      if (reply.kind === 'get') answered(reply.outcome);
    });
  }

  put(
    machine: Machine,
    key: string,
    context: CausalContext,
    fastest: NodeId,
    answered: (outcome: PutOutcome) => void,
  ): void {
    const put = { kind: 'put', key, value: new Uint8Array(valueBytes), deleted: false, w: 0, time: 0 } as const;
    this.ask(machine, { ...put, context, fastest }, (reply) => {
      if (reply.kind === 'put') answered(reply.outcome);
    });
  }

  /** Calls again and again, at random moments, so many times in a second. */
  often(perSecond: () => number, call: () => void): void {
    this.after(exponential(this.random, 1000 / perSecond()), () => {
      call();
      this.often(perSecond, call);
    });
  }

  /** Runs for so many ms. */
  run(ms: number): void {
    const until = this.now + ms;
    this.#heap.at(until, () => undefined);
    while (this.#heap.nextTime <= until) this.#heap.runNext();
  }

  #machine(self: NodeId): Machine {
    const { node, disk } = this.#settings;
    const options = { ...defaultOptions, ...node, self, zone: self, seed: this.random.int(0, 0x7fff_ffff) };
    return new Machine(options, disk(this.random), {
      now: () => this.now,
      at: (time, run) => this.#heap.at(time, run),
      send: (from, to, message) => {
        const link = `${from} ${to}`;
        const arrival = Math.max(this.#arrivals.get(link) ?? 0, this.now + this.hop());
        this.#arrivals.set(link, arrival);
        const receiver = this.machines.find(({ id }) => id === to);
        this.#heap.at(arrival, () => receiver?.feed({ type: 'message', from, message }));
      },
      replied: (id, reply) => {
        const answered = this.#asked.get(id);
        this.#asked.delete(id);
        answered?.(reply);
      },
    });
  }

  #pauses(machine: Machine, pause: NonNullable<LabSettings['pause']>): void {
    this.after(exponential(this.random, pause.every), () => {
      machine.pause(this.now + pause.length(this.random));
      this.#pauses(machine, pause);
    });
  }
}

/** As in the paper's services, small objects. */
const valueBytes = 300;
