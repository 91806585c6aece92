/**
 * One simulated tab: a core, and the driver's duties of src/core/ready.ts. Invariant: the core is
 * stepped only while the host is up; a paused host does later, in order, all that happened to it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NodeOptions } from '../../src/core/config.ts';
import { HeldSends } from '../../src/core/held-sends.ts';
import type { NodeId } from '../../src/core/ids.ts';
import type { Message } from '../../src/core/message.ts';
import type { RingNode } from '../../src/core/node.ts';
import type { Input, Ready, Send } from '../../src/core/ready.ts';
import type { ClientReply, ClientRequest } from '../../src/core/requests.ts';
import type { Found, Opened, Read, WriteBatch } from '../../src/core/storage.ts';
import { soundHistory } from '../../src/wire/sound-history.ts';
import { soundEntry } from '../../src/wire/stored.ts';
import { Disk } from './disk.ts';
import { HostClock } from './host-clock.ts';
import type { SeededRandom } from './random.ts';

/** What the simulator asks of a core. */
export type Core = Pick<RingNode, 'step' | 'view' | 'explain' | 'held' | 'versions' | 'root'>;
export type CreateCore = (options: NodeOptions) => Core;

export interface HostEvents {
  now(): number;
  at(time: number, run: () => void): void;
  send(from: NodeId, to: NodeId, message: Message): void;
  dialled(host: Host): void;
  replied(host: Host, id: number, reply: ClientReply): void;
  stepped(host: Host, input: Input, ready: Ready): void;
  committed(host: Host, batch: WriteBatch): void;
}

/** `gone`: it has left, or was removed, and never comes back. */
export type HostState = 'down' | 'up' | 'paused' | 'gone';

export class Host {
  readonly id: NodeId;
  readonly disk: Disk;
  state: HostState = 'down';
  /** Counts starts: what belongs to an earlier process is void. */
  incarnation = 0;
  /** Whether it has entered the ring since its start. */
  joined = false;
  leaving = false;
  /** Its timers come late by up to so many ms, as a hidden page's do. */
  lateness = 0;
  /** Its timers come at whole multiples of so many ms, as throttled ones do; 0: when they are due. */
  timerGrid = 0;
  readonly clock: HostClock;
  dial: ReadonlySet<NodeId> = new Set();
  readonly #options: NodeOptions;
  readonly #create: CreateCore;
  readonly #random: SeededRandom;
  readonly #events: HostEvents;
  #core: Core | undefined;
  /** Inputs that wait: for the end of a pause, or for the processor. */
  #backlog: (() => void)[] = [];
  #stepMs = 0;
  #draining = false;
  readonly #held = new HeldSends();
  #reads = new Map<number, Read>();
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(options: NodeOptions, diskLatency: number, create: CreateCore, random: SeededRandom, events: HostEvents) {
    this.id = options.self;
    this.#options = options;
    this.#create = create;
    this.#random = random;
    this.#events = events;
    this.clock = new HostClock(() => events.now());
    this.disk = new Disk(random, diskLatency, {
      now: () => events.now(),
      after: (delay, run) => events.at(events.now() + delay, run),
      committed: (batch) => events.committed(this, batch),
    });
  }

  get zone(): string {
    return this.#options.zone;
  }

  /** Whether its process exists. */
  get lives(): boolean {
    return this.state === 'up' || this.state === 'paused';
  }

  /** The running core; a dead host has none. */
  get core(): Core | undefined {
    return this.#core;
  }

  /** Milliseconds by this host's own clock. */
  get localNow(): number {
    return this.clock.now;
  }

  /** Messages and answers that wait for a write of this host to end, and inputs that wait for it. */
  get waiting(): number {
    return this.#backlog.length + this.#reads.size + this.#held.size;
  }

  /** Mean ms from an input to its step: the processor is slow. 0 is at once. */
  set stepMs(ms: number) {
    this.#stepMs = ms;
    if (ms === 0 && this.state === 'up') this.#drain();
  }

  /** How fast its clock runs, 1 being true. Its timers run by it. */
  set clockRate(rate: number) {
    this.clock.rate = rate;
    const wakeAt = this.#wakeAt;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#scheduleWake(wakeAt);
  }

  /** Opens the disk and starts a new process. Returns what was found there. */
  start(): Opened {
    this.incarnation += 1;
    this.state = 'up';
    this.clock.start(this.#random.int(0, 100_000));
    this.#core = this.#create({ ...this.#options, seed: this.#random.int(0, 0x7fff_ffff) });
    const opened = this.#open();
    this.feed({ type: 'opened', opened });
    return opened;
  }

  /** The process is gone; what is to become of the disk is the caller's choice. */
  stop(state: 'down' | 'gone'): void {
    this.incarnation += 1;
    this.state = state;
    this.joined = false;
    this.leaving = false;
    this.lateness = 0;
    this.timerGrid = 0;
    this.#stepMs = 0;
    this.clock.rate = 1;
    this.clock.stopped = false;
    this.dial = new Set();
    this.#core = undefined;
    this.#backlog = [];
    this.#draining = false;
    this.#held.clear();
    this.#reads = new Map();
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  pause(): void {
    if (this.state === 'up') this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'up';
    this.clock.stopped = false;
    this.#drain();
  }

  /** The machine sleeps. */
  sleep(): void {
    this.pause();
    this.clock.stopped = true;
  }

  /** It wakes; if its clock ran on, that many ms have passed by it. Timers that are due come at once. */
  wake(leap: number): void {
    if (this.state !== 'paused') return;
    this.clock.leap(leap);
    this.resume();
    this.feed({ type: 'wake' });
  }

  /** One step of the core, at once or after the pause. */
  feed(input: Input): void {
    this.#whenUp(() => this.#step(input));
  }

  request(id: number, request: ClientRequest): void {
    this.feed({ type: 'request', id, request });
  }

  /**
   * The database went away under the running process, with some or all that was in it or not, and is opened
   * again: at once, or after `awayMs` in which every attempt fails.
   */
  loseDisk(loss: 'closed' | 'vanished' | 'wiped', awayMs = 0): void {
    const writes = this.#held.writes();
    if (loss === 'wiped') this.disk.wipe();
    else this.disk.crash();
    if (loss === 'vanished') this.disk.vanish();
    for (const id of writes) this.#whenUp(() => this.#ended(id, false));
    const reopen = this.#later(() => {
      // All that was asked of the lost database has ended before the next one is open.
      for (const id of this.#held.writes()) this.#ended(id, false);
      this.#step({ type: 'opened', opened: this.#open() });
      for (const read of [...this.#reads.values()]) this.#read(read);
    });
    this.#events.at(this.#events.now() + awayMs + this.#random.int(0, 500), reopen);
  }

  #whenUp(run: () => void): void {
    if (!this.lives) return;
    if (this.state === 'up' && this.#stepMs === 0 && this.#backlog.length === 0) {
      run();
      return;
    }
    this.#backlog.push(run);
    if (this.state === 'up') this.#drain();
  }

  /** Does what waits, in order: all at once, or one after the other as the processor gets to it. */
  #drain(): void {
    const { incarnation } = this;
    while (this.state === 'up' && this.#stepMs === 0 && this.incarnation === incarnation) {
      const run = this.#backlog.shift();
      if (run === undefined) return;
      run();
    }
    if (this.#draining || this.state !== 'up' || this.incarnation !== incarnation) return;
    this.#draining = true;
    this.#events.at(this.#events.now() + this.#random.around(this.#stepMs), () => {
      if (this.incarnation !== incarnation) return;
      this.#draining = false;
      if (this.state !== 'up') return;
      this.#backlog.shift()?.();
      if (this.#backlog.length > 0 && this.incarnation === incarnation) this.#drain();
    });
  }

  /** The driver leaves out what is not sound ([STO-4]); of what a core writes that must be nothing. */
  #open(): Opened {
    const opened = this.disk.open();
    const isSound = soundHistory(opened.history).unsound === 0;
    const [lost] = opened.entries.find(([, entry]) => !isDeepStrictEqual(soundEntry(entry), entry)) ?? [];
    if (!isSound || lost !== undefined) throw new Error(`${lost ?? 'the history'} would be left out at opening`);
    return opened;
  }

  /** For callbacks of the disk and of timers, which may outlive the process. */
  #later(run: () => void): () => void {
    const incarnation = this.incarnation;
    return () => {
      if (incarnation === this.incarnation) this.#whenUp(run);
    };
  }

  #step(input: Input): void {
    if (this.#core === undefined) return;
    const ready = this.#core.step(this.localNow, input);
    // Who looks on knows what the step has done before anybody has an answer of it.
    this.#events.stepped(this, input, ready);
    this.#perform(ready);
    this.#scheduleWake(ready.wakeAt);
  }

  #perform(ready: Ready): void {
    const { writes } = ready;
    const leaving = this.#held.take(ready);
    if (writes !== undefined) {
      const incarnation = this.incarnation;
      this.disk.write(writes, (ok) => {
        if (incarnation === this.incarnation) this.#whenUp(() => this.#ended(writes.id, ok));
      });
    }
    for (const read of ready.reads) this.#read(read);
    for (const send of leaving) this.#send(send);
    if (ready.dial !== undefined) {
      this.dial = new Set(ready.dial);
      this.#events.dialled(this);
    }
    for (const { id, reply } of ready.replies) this.#events.replied(this, id, reply);
  }

  /** A read that a loss interrupts is asked again of what is opened then. */
  #read(read: Read): void {
    this.#reads.set(read.id, read);
    const incarnation = this.incarnation;
    this.disk.read(read, (found) => {
      if (incarnation === this.incarnation) this.#whenUp(() => this.#answer(read.id, found));
    });
  }

  #send(send: Send): void {
    if (send.to !== this.id) this.#events.send(this.id, send.to, send.message);
    else {
      const deliver = this.#later(() => this.#step({ type: 'message', from: this.id, message: send.message }));
      this.#events.at(this.#events.now(), deliver);
    }
  }

  /** The core hears of the end of a write first; then leaves what waited for it. */
  #ended(id: number, ok: boolean): void {
    if (!this.#held.isUnderWay(id)) return;
    this.#step({ type: ok ? 'written' : 'write-failed', id });
    for (const send of this.#held.release(id, ok)) this.#send(send);
  }

  #answer(id: number, found: Found): void {
    if (this.#reads.delete(id)) this.#step({ type: 'read', id, found });
  }

  #scheduleWake(wakeAt: number): void {
    if (wakeAt === this.#wakeAt || wakeAt === Number.POSITIVE_INFINITY) return;
    this.#wakeAt = wakeAt;
    const late = this.lateness === 0 ? 0 : this.#random.int(0, this.lateness);
    // A deadline in the past is met one millisecond later: a core cannot stop the clock.
    const due = Math.max(this.clock.worldTimeOf(wakeAt), this.#events.now() + 1) + late;
    const time = this.timerGrid === 0 ? due : Math.ceil(due / this.timerGrid) * this.timerGrid;
    const wake = this.#later(() => {
      if (this.#wakeAt !== wakeAt) return;
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#step({ type: 'wake' });
    });
    this.#events.at(time, wake);
  }
}
