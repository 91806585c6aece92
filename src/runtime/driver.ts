/**
 * Drives one node: gathers inputs, steps, performs each Ready as `core/ready.ts` demands. The
 * invariant: a message with `after` leaves only once storage has completed that write; nothing else waits.
 */

import { ClosedError } from '../api/errors.ts';
import type { Ports, TransportPort } from '../api/ports.ts';
import type { Alarm } from '../core/alarms.ts';
import { HeldSends } from '../core/held-sends.ts';
import type { NodeId } from '../core/ids.ts';
import type { Message } from '../core/message.ts';
import type { RingNode } from '../core/node.ts';
import type { Input, Notice, Ready, Send } from '../core/ready.ts';
import type { ClientReply, ClientRequest } from '../core/requests.ts';
import { decode, encode, isSendable } from '../wire/codec.ts';
import { laneOf } from '../wire/lanes.ts';
import { protocols } from '../wire/version.ts';
import type { Load } from './admission.ts';
import { EdgeAlarms } from './alarms.ts';
import { Deadlines } from './deadlines.ts';
import { DriverDisk } from './disk.ts';
import { Greetings } from './greetings.ts';
import type { NodeClaim } from './host.ts';
import { LatencyHistogram } from './latency.ts';
import { MessageFaults } from './message-faults.ts';
import { type Bucket, Quota } from './quota.ts';
import { Requests, type Watcher } from './requests.ts';

export interface DriverEvents {
  notice(notice: Notice): void;
  /** A link, or signaling, has another state. */
  linksChanged(): void;
  alarm(alarm: Alarm): void;
  /** Somebody has deleted the database while it was open, and it was made again ([STO-6]). */
  cleared(): void;
  /** The driver has closed itself: the node broke an invariant, or another tab has it. An alarm says which. */
  halted(): void;
}

interface DriverHost {
  readonly ports: Omit<Ports, 'random'>;
  readonly claim: NodeClaim | undefined;
  readonly bucket: Bucket | undefined;
}

/** Steps of one turn; what is left waits for the next, so that a turn cannot hold up the page. */
const turnSteps = 1000;

export class Driver {
  readonly deadlines: Deadlines;
  readonly quota: Quota;
  readonly latencies = { get: new LatencyHistogram(), put: new LatencyHistogram() };
  readonly #transport: TransportPort;
  readonly #disk: DriverDisk;
  readonly #greetings: Greetings;
  readonly #alarms: EdgeAlarms;
  readonly #faults: MessageFaults;
  readonly #events: DriverEvents;
  readonly #claim: NodeClaim | undefined;
  readonly #requests = new Requests();
  /** Fed before all inputs, see Ready. */
  #ended: { readonly write: number; readonly complete: boolean }[] = [];
  #inputs: Input[] = [];
  readonly #held = new HeldSends();
  /** Messages of this turn, encoded once for all their receivers. */
  readonly #encoded = new Map<Message, Uint8Array>();
  #node: Pick<RingNode, 'step'> | undefined;
  #self: NodeId = '';
  #unlinked: readonly NodeId[] = [];
  #turn: 'none' | 'due' | 'running' | 'closed' = 'none';
  #endOpening: (reason: ClosedError) => void = () => undefined;

  constructor({ ports, claim, bucket }: DriverHost, events: DriverEvents) {
    this.#claim = claim;
    this.#transport = ports.transport;
    this.#events = events;
    this.deadlines = new Deadlines(ports.clock);
    this.#alarms = new EdgeAlarms((alarm) => {
      if (alarm.code === 'storage-full') this.quota.look();
      events.alarm(alarm);
    });
    this.quota = new Quota(bucket, this.deadlines, this.#alarms);
    this.#faults = new MessageFaults(this.#alarms, this.deadlines);
    this.#disk = new DriverDisk(ports.storage, this.deadlines, this.#alarms, {
      opened: (opened) => this.#feed({ type: 'opened', opened }),
      ended: (write, complete) => {
        this.#ended.push({ write, complete });
        this.#schedule();
      },
      read: (id, found) => this.#feed({ type: 'read', id, found }),
      cleared: () => events.cleared(),
    });
    this.#greetings = new Greetings(protocols, this.deadlines, this.#alarms, {
      send: (peer, greeting) => this.#transport.send(peer, greeting, 'control'),
      up: (peer) => this.#feed({ type: 'peer-up', peer }),
      down: (peer) => this.#feed({ type: 'peer-down', peer }),
    });
  }

  /** Opens storage, which says who the node is, and starts to meet peers. Rejects with StorageFailure. */
  async start<N extends Pick<RingNode, 'step'>>(
    create: (storeId: string) => { readonly self: NodeId; readonly node: N },
  ): Promise<{ readonly node: N; readonly stored: 'history' | 'data' | 'nothing' }> {
    const opened = await this.#disk.open();
    if (this.#isClosed()) throw closedWhileOpening();
    const { self, node } = create(opened.storeId);
    this.#self = self;
    this.#node = node;
    this.quota.look();
    this.#feed({ type: 'opened', opened });
    this.#stake();
    this.#transport.start(self, {
      up: (peer) => this.#greetings.up(peer),
      down: (peer) => {
        this.#faults.down(peer);
        this.#greetings.down(peer);
      },
      message: (peer, bytes) => this.#message(peer, bytes),
      changed: () => this.#linksChanged(),
    });
    const { history, entries } = opened;
    return { node, stored: history.length > 0 ? 'history' : entries.length > 0 ? 'data' : 'nothing' };
  }

  /**
   * Resolves with who else is in the room, when it is known whom of them this node can talk with ([NET-5]). Rejects with
   * SignalingError ([SIG-3]), and with ClosedError at `close`: nobody may be there to answer.
   */
  async introduced(): Promise<readonly NodeId[]> {
    if (this.#isClosed()) throw closedWhileOpening();
    const closed = new Promise<never>((_, reject) => {
      this.#endOpening = reject;
    });
    const present = await Promise.race([this.#transport.introduced(), closed]);
    await Promise.race([this.#greetings.settled(), closed]);
    return present;
  }

  /**
   * Rejects with OverloadedError, StorageError, ClosedError, or the signal's reason. `atTurn`: the request as it is to be
   * when it has waited its turn ([OVR-1]).
   */
  request(request: ClientRequest, signal?: AbortSignal, atTurn = () => request): Promise<ClientReply> {
    const send = (id: number): void => this.#feed({ type: 'request', id, request: atTurn() });
    return this.#requests.ask(request, this.deadlines.now(), send, signal);
  }

  /** Resolves when a request would begin at once. */
  room(signal: AbortSignal): Promise<void> {
    return this.#requests.room(signal);
  }

  get load(): Load {
    return this.#requests.load;
  }

  /** The watcher is told each reply until the returned function is called. OverloadedError, ClosedError. */
  watch(key: string, watcher: Watcher): () => void {
    const watch = this.#requests.watch(watcher);
    this.#feed({ type: 'request', id: watch, request: { kind: 'watch', key } });
    return () => {
      if (this.#requests.unwatch(watch))
        this.#feed({ type: 'request', id: watch, request: { kind: 'unwatch', watch } });
    };
  }

  /** [MEM-4] */
  hidden(hidden: boolean): void {
    this.quota.hidden(hidden);
    this.#feed({ type: 'hidden', hidden });
  }

  alarms(): readonly Alarm[] {
    return this.#alarms.list();
  }

  /** Ends everything at once: all promises are settled before storage is closed. */
  async close(reason: ClosedError): Promise<void> {
    if (this.#turn === 'closed') return;
    this.#turn = 'closed';
    this.#inputs = [];
    this.#ended = [];
    this.#held.clear();
    this.#requests.close(reason);
    this.quota.close(reason);
    this.#endOpening(reason);
    this.deadlines.stop();
    this.#transport.stop();
    await this.#disk.close();
  }

  /** Deletes the database; after `close`. */
  destroy(): Promise<void> {
    return this.#disk.destroy();
  }

  /** The claim's alarms are raised, and the node stops when another tab has it ([ID-3]). */
  #stake(): void {
    for (const [code, message] of Object.entries(this.#claim?.alarms ?? {}))
      this.#alarms.raise(code, message, this.deadlines.now());
    void this.#claim?.lost.then(() => this.#halt('taken', taken, new ClosedError(taken)));
  }

  #linksChanged(): void {
    for (const [code, message] of Object.entries(this.#transport.troubles?.() ?? {})) {
      if (message === undefined) this.#alarms.clear(code);
      else this.#alarms.raise(code, message, this.deadlines.now());
    }
    const unlinked = this.#transport.unlinked?.() ?? [];
    if (unlinked.join() !== this.#unlinked.join()) this.#feed({ type: 'unlinked', peers: unlinked });
    this.#unlinked = unlinked;
    this.#events.linksChanged();
  }

  /** False: it was malformed, and counts against the link. */
  #message(peer: NodeId, bytes: Uint8Array): boolean {
    if (!this.#greetings.isForCore(peer, bytes)) return true;
    let unsound = 0;
    const message = decode(bytes, (events) => {
      unsound = events;
    });
    if (message.type === 'rejected') return message.reason === 'unknown-type' && this.#greetings.isNewer(peer);
    if (message.type === 'history') this.#faults.history(peer, unsound);
    this.#feed({ type: 'message', from: peer, message });
    return true;
  }

  #feed(input: Input): void {
    if (this.#turn === 'closed') return;
    this.#inputs.push(input);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turn !== 'none') return;
    this.#turn = 'due';
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    const node = this.#node;
    if (this.#turn !== 'due' || node === undefined) return;
    this.#turn = 'running';
    let wakeAt = Number.POSITIVE_INFINITY;
    try {
      for (let steps = 0; steps < turnSteps && this.#pending(); steps++) {
        wakeAt = this.#step(node) ?? wakeAt;
        if (this.#isClosed()) return;
      }
    } catch (error) {
      this.#crash(error);
      return;
    }
    this.#encoded.clear();
    this.#turn = 'none';
    if (this.#pending()) this.deadlines.set('turn', this.deadlines.now(), () => this.#schedule());
    this.deadlines.set('core', wakeAt, () => this.#feed({ type: 'wake' }));
  }

  /** Takes the next completion, else the next input. Returns the node's next deadline. */
  #step(node: Pick<RingNode, 'step'>): number | undefined {
    const ended = this.#ended.shift();
    if (ended !== undefined) {
      const type = ended.complete ? 'written' : 'write-failed';
      const ready = node.step(this.deadlines.now(), { type, id: ended.write });
      this.#perform(ready);
      for (const send of this.#held.release(ended.write, ended.complete)) this.#send(send);
      return ready.wakeAt;
    }
    const input = this.#inputs.shift();
    if (input === undefined) return undefined;
    const ready = node.step(this.deadlines.now(), input);
    this.#perform(ready);
    return ready.wakeAt;
  }

  #perform(ready: Ready): void {
    // Before the write: a replica's ack takes a round trip and a commit, this node's own a commit only.
    for (const send of this.#held.take(ready)) this.#send(send);
    if (ready.writes !== undefined) this.#disk.write(ready.writes);
    for (const read of ready.reads) this.#disk.read(read);
    if (ready.dial !== undefined) this.#transport.dial(ready.dial);
    for (const { id, reply } of ready.replies) this.#reply(id, reply);
    for (const notice of ready.notices) this.#events.notice(notice);
  }

  #send({ to, message }: Send): void {
    if (to === this.#self) {
      this.#inputs.push({ type: 'message', from: to, message });
      return;
    }
    if (!this.#greetings.talksWith(to)) return;
    let bytes = this.#encoded.get(message);
    if (bytes === undefined) {
      bytes = encode(message);
      if (!isSendable(message, bytes)) return this.#faults.unsendable(message.type);
      this.#encoded.set(message, bytes);
    }
    this.#transport.send(to, bytes, laneOf(message, bytes.length));
  }

  #reply(id: number, reply: ClientReply): void {
    const asked = this.#requests.settle(id, reply);
    if (asked?.kind === 'get') this.latencies.get.record(this.deadlines.now() - asked.since);
    if (asked?.kind === 'put') this.latencies.put.record(this.deadlines.now() - asked.since);
  }

  #pending(): boolean {
    return this.#ended.length > 0 || this.#inputs.length > 0;
  }

  /** Any effect may lead to `close`, by way of its caller. */
  #isClosed(): boolean {
    return this.#turn === 'closed';
  }

  /**
   * A node that broke an invariant may be half changed: it must not say another word. Its data is
   * safe: the next opening starts from storage, as after a crash.
   */
  #crash(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const reason = new ClosedError(`the node stopped itself: ${message}`, { cause: error });
    this.#halt('crashed', `this node stopped itself (${message}): open the store again`, reason);
  }

  #halt(code: string, message: string, reason: ClosedError): void {
    if (this.#isClosed()) return;
    this.#alarms.raise(code, message, this.deadlines.now());
    this.close(reason).catch(() => undefined);
    this.#events.halted();
  }
}

const taken =
  'another tab of this browser has this node now, so it has stopped here: reload this page to join as another node';

const closedWhileOpening = (): ClosedError => new ClosedError('the store was closed while it opened');
