/**
 * A simulated room: hosts, the network between them, one clock, and what they are asked. Invariant:
 * nothing happens but by an event of the heap or by a call from one, and all chance is from `random`.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { ClientReply, ClientRequest } from '../../src/core/requests.ts';
import type { DiskImage } from './disk.ts';
import { EventHeap } from './events.ts';
import { type CreateCore, Host } from './host.ts';
import { Introducer } from './introducer.ts';
import { nodeName, shortName } from './names.ts';
import { Network } from './network.ts';
import type { Loss, Observer } from './observer.ts';
import { OperationLog } from './operation-log.ts';
import type { Plan } from './plan.ts';
import { SeededRandom } from './random.ts';
import { describeInput, describeReady, TraceHash } from './trace.ts';
import { Wire } from './wire.ts';

export interface Violation {
  readonly checker: string;
  /** Simulated ms. */
  readonly at: number;
  readonly text: string;
}

/** More than these say nothing new. */
const violationsKept = 20;

/** More steps in one ms than this: the cores spin. */
const stepsPerMs = 20_000;

export class World {
  readonly plan: Plan;
  readonly network: Network;
  readonly log: OperationLog;
  readonly hosts: Host[] = [];
  readonly violations: Violation[] = [];
  /** How often each thing worth reaching was reached. */
  readonly marks = new Map<string, number>();
  readonly hash = new TraceHash();
  /** Steps of cores so far. */
  steps = 0;
  /** A core has thrown, or enough was found: the run is over. */
  broken = false;
  /** The one host of the run whose disk may lose what it had promised to keep. */
  frail: Host | undefined;
  /** A link that carries nothing from the first to the second, for good. */
  oneWay: readonly [NodeId, NodeId] | undefined;
  readonly introducer = new Introducer(this);
  readonly #heap = new EventHeap();
  readonly #byId = new Map<NodeId, Host>();
  readonly #observers: Observer[] = [];
  readonly #create: CreateCore;
  readonly #wire: Wire;
  #random: SeededRandom;
  readonly #asked = new Map<number, (reply: ClientReply) => void>();
  #lastId = 0;
  #lastStep = { at: 0, count: 0 };

  constructor(plan: Plan, create: CreateCore) {
    this.plan = plan;
    this.#random = new SeededRandom(plan.seed ^ 0x5bd1e995);
    this.#create = create;
    this.#wire = new Wire((text) => this.report('codec', text));
    this.log = new OperationLog((checker, text) => this.report(checker, text));
    this.network = new Network(this.random, {
      now: () => this.now,
      at: (time, run) => this.at(time, run),
      lives: (node) => this.host(node)?.lives ?? false,
      awake: (node) => this.host(node)?.state === 'up',
      wanted: (a, b) => this.#wanted(a, b),
      introduced: (a, b) => this.introducer.introduces(a, b),
      up: (node, peer) => this.#up(node, peer),
      down: (node, peer) => this.host(node)?.feed({ type: 'peer-down', peer }),
      deliver: (to, from, message) => this.host(to)?.feed({ type: 'message', from, message }),
      overflowed: (from, to) => {
        this.note(`overflow ${shortName(from)} to ${shortName(to)}`);
        this.mark('link overflowed');
      },
    });
    this.network.delay = plan.delay;
    this.network.goodbye = plan.goodbye;
  }

  get now(): number {
    return this.#heap.now;
  }

  get random(): SeededRandom {
    return this.#random;
  }

  /**
   * All that `run` draws before it returns comes from a generator of its own, so that what is decided there
   * is the same whatever else happens or is left out before it.
   */
  apart(stream: number, index: number, run: () => void): void {
    const shared = this.#random;
    this.#random = new SeededRandom(
      this.plan.seed ^ Math.imul(stream + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b),
    );
    try {
      run();
    } finally {
      this.#random = shared;
    }
  }

  at(time: number, run: () => void): void {
    this.#heap.at(time, run);
  }

  after(delay: number, run: () => void): void {
    this.#heap.after(delay, run);
  }

  observe(...observers: readonly Observer[]): void {
    this.#observers.push(...observers);
  }

  tell(what: (observer: Observer) => void): void {
    for (const observer of this.#observers) what(observer);
  }

  host(node: NodeId): Host | undefined {
    return this.#byId.get(node);
  }

  live(): Host[] {
    return this.hosts.filter((host) => host.lives);
  }

  /** Runs events until the condition holds or time is up. */
  run(done: () => boolean, until: number): void {
    while (!this.broken && !done() && this.#heap.nextTime <= until) this.attempt(() => this.#heap.runNext());
  }

  /** Does something by which cores may take steps: one that throws ends the run. */
  attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.broken = true;
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.report('assert', stack.split('\n').slice(0, 6).join(' | '));
    }
  }

  /** Runs all events of the next so many ms. */
  pass(ms: number): void {
    const until = this.now + ms;
    this.at(until, () => undefined);
    this.run(() => false, until);
  }

  report(checker: string, text: string): void {
    this.note(`VIOLATION ${checker}: ${text}`);
    if (this.violations.length < violationsKept) this.violations.push({ checker, at: this.now, text });
    if (this.plan.endsAtViolation) this.broken = true;
  }

  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  note(text: string): void {
    this.hash.add(`${this.now} ${text}`);
    this.tell((observer) => observer.noted?.(text));
  }

  /** The answers to a watch come again and again, those to all else once. */
  ask(host: Host, request: ClientRequest, answered: (reply: ClientReply) => void): number {
    const id = ++this.#lastId;
    this.#asked.set(id, (reply) => {
      if (request.kind !== 'watch') this.#asked.delete(id);
      answered(reply);
    });
    const { incarnation } = host;
    // By an event of its own: who asks may be in the midst of a host's step.
    this.after(0, () => {
      if (host.incarnation === incarnation) host.request(id, request);
    });
    return id;
  }

  /** A new node, not yet started, in a zone of its own or that of another tab of the same profile. */
  addHost(beside?: Host): Host {
    const index = this.hosts.length;
    const { plan } = this;
    const options = {
      ...plan.node,
      self: nodeName(index),
      seed: 0,
      durability: plan.mixed && index % 2 === 1 ? 'relaxed' : plan.node.durability,
      weight: plan.weights[index % plan.weights.length] ?? 1,
      zone: beside?.zone ?? `zone${index % plan.zones}`,
    };
    const host = new Host(options, plan.diskLatency, this.#create, this.random, {
      now: () => this.now,
      at: (time, run) => this.at(time, run),
      send: (from, to, message) => {
        const passed = this.#wire.pass(message);
        if (passed !== undefined) this.network.send(from, to, passed);
      },
      dialled: (dialling) => {
        for (const peer of dialling.dial) this.network.meet(dialling.id, peer);
      },
      replied: (asked, id, reply) => this.#replied(asked, id, reply),
      stepped: (stepped, input, ready) => this.#stepped(stepped, input, ready),
      committed: (owner, batch) => this.tell((observer) => observer.committed?.(owner, batch)),
    });
    this.hosts.push(host);
    this.#byId.set(host.id, host);
    return host;
  }

  /** Opens the tab. A node without a history joins once it has met somebody, or knows that it is alone. */
  start(host: Host): void {
    this.note(`start ${shortName(host.id)}`);
    const opened = host.start();
    this.tell((observer) => observer.started?.(host));
    for (const other of this.live()) this.network.meet(host.id, other.id);
    this.introducer.enter(host, opened.history.length > 0);
  }

  /** Ends the process. A power cut also takes what the disk had not synced. */
  stop(host: Host, how: 'crash' | 'power-cut' | 'close'): void {
    this.note(`${how} ${shortName(host.id)}`);
    const goodbye = how === 'close' || (how === 'crash' && this.random.chance(this.plan.goodbye));
    this.network.stop(host.id, goodbye);
    host.stop('down');
    this.introducer.left(host.id);
    if (how === 'power-cut') {
      this.#losing(host, 'power-cut', () => {
        if (host.disk.powerCut()) this.mark('power cut lost something');
      });
    } else host.disk.crash();
    this.tell((observer) => observer.stopped?.(host));
  }

  /** Takes all that the node stores, and the node with it: it never comes back. */
  destroy(host: Host, loss: 'removed' | 'handed-over'): void {
    this.note(`${loss} ${shortName(host.id)}`);
    this.network.stop(host.id, true);
    host.stop('gone');
    this.introducer.left(host.id);
    this.#losing(host, loss, () => host.disk.wipe());
    this.tell((observer) => observer.stopped?.(host));
  }

  /** The running node loses what is on its disk: `wiped` all, `vanished` some keys, `rotten` some values. */
  damage(host: Host, loss: 'wiped' | 'vanished' | 'rotten'): void {
    this.note(`${loss} ${shortName(host.id)}`);
    this.#losing(host, loss, () => {
      if (loss !== 'rotten') host.loseDisk(loss);
      else if (host.disk.rot() > 0) this.mark('values rotted');
    });
  }

  /** An older copy of the profile of a node that is not running is put in its place. */
  restore(host: Host, image: DiskImage): void {
    this.note(`restored ${shortName(host.id)}`);
    this.#losing(host, 'restored', () => host.disk.restore(image));
    this.mark('profile restored');
  }

  #losing(host: Host, loss: Loss, lose: () => void): void {
    this.tell((observer) => observer.losing?.(host, true, loss));
    lose();
    this.tell((observer) => observer.losing?.(host, false, loss));
  }

  /** Asks the node to hand everything over; it is gone when it has. */
  leave(host: Host): void {
    this.note(`leave ${shortName(host.id)}`);
    host.leaving = true;
    const incarnation = host.incarnation;
    this.ask(host, { kind: 'leave' }, (reply) => {
      if (reply.kind !== 'done') this.report('leave', `${shortName(host.id)} could not leave`);
      // Not within the step that answers: the driver has effects of it still to perform.
      this.after(0, () => {
        if (host.incarnation === incarnation) this.destroy(host, 'handed-over');
      });
    });
  }

  /** Some member says that this one will not come back; again, if that is heard of by nobody. */
  remove(gone: Host): void {
    const others = this.hosts.filter((host) => host !== gone && host.state === 'up' && host.joined && !host.leaving);
    const status = (host: Host) => host.core?.view().members.find(({ id }) => id === gone.id)?.status;
    // Somebody who does not think so, perhaps since the node had joined again after an earlier removal; and
    // who has heard of that may be away now, so this is looked at for as long as the run lasts.
    const by = this.random.pick(others.filter((host) => status(host) !== 'left'));
    if (by !== undefined) this.ask(by, { kind: 'remove', node: gone.id }, () => undefined);
    this.after(3000, () => {
      if (gone.state !== 'up') this.remove(gone);
    });
  }

  #stepped(host: Host, input: Input, ready: Ready): void {
    this.steps += 1;
    this.#lastStep = { at: this.now, count: this.#lastStep.at === this.now ? this.#lastStep.count + 1 : 1 };
    if (this.#lastStep.count > stepsPerMs) {
      this.broken = true;
      this.report('spin', `${shortName(host.id)} steps on and on in one ms: ${describeInput(input)}`);
    }
    this.hash.add(`${this.now} ${shortName(host.id)} ${describeInput(input)}${describeReady(ready)}`);
    for (const notice of ready.notices) if (notice.kind === 'mark') this.mark(notice.name);
    // Without a closure: there are more steps than anything else.
    for (const observer of this.#observers) observer.stepped?.(host, input, ready);
  }

  #replied(host: Host, id: number, reply: ClientReply): void {
    const answered = this.#asked.get(id);
    if (answered === undefined) this.report('answer', `${shortName(host.id)} answers #${id} again: ${reply.kind}`);
    else answered(reply);
  }

  #up(node: NodeId, peer: NodeId): void {
    const host = this.host(node);
    host?.feed({ type: 'peer-up', peer });
    if (host) this.introducer.linked(host, peer);
  }

  /** Members dial each other; while there is an introducer, all that are present meet. */
  #wanted(a: NodeId, b: NodeId): boolean {
    const left = this.host(a);
    const right = this.host(b);
    if (left === undefined || right === undefined || !left.lives || !right.lives) return false;
    return left.dial.has(b) || right.dial.has(a) || this.introducer.answers;
  }
}
