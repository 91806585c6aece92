/**
 * The public face of a node: promises, iterators and events around a driver. The invariant: what is
 * malformed is refused here, before the driver hears of it; after `close` nothing is pending.
 */
import type {
  Codec,
  Context,
  KeyOutcome,
  NodeId,
  NodeView,
  Placement,
  PutEntry,
  Receipt,
  ReplicaState,
  RequestOptions,
  RingConfig,
  Store,
  Versions,
  WaitsFor,
} from '../api/api.ts';
import { ClosedError, MemberError, StorageError } from '../api/errors.ts';
import { StorageFailure } from '../api/ports.ts';
import type { RingNode } from '../core/node.ts';
import type { Notice } from '../core/ready.ts';
import type { GetOutcome } from '../core/requests.ts';
import type { HeldRole } from '../core/view.ts';
import { Driver } from '../runtime/driver.ts';
import type { StoreHost } from '../runtime/host.ts';
import { sizeOfRequest, waitingBytesMax } from '../runtime/requests.ts';
import { abortable } from './abortable.ts';
import { AlarmTimes } from './alarm-times.ts';
import { expectReply, receiptOf, replicaStateOf, seenIn, versionsOf } from './answers.ts';
import { checkKey, checkOptions, checkQuorum, checkSettled, checkSignal, copyOf, cutOf, told } from './bounds.ts';
import { firstContact } from './first-contact.ts';
import { Heirs, type HeirWorld } from './heirs.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { entryOf, type Many, outcomesOf, type Source } from './many.ts';
import { nodeView } from './node-view.ts';
import { changed } from './ring-config.ts';
import { Session } from './session.ts';
import { createNode, type StoreSettings } from './settings.ts';
import { StoreEventTarget } from './store-events.ts';
import { StoreNews } from './store-news.ts';
import { watchValues } from './watch-values.ts';

type WriteOptions = RequestOptions & { context?: Context; w?: number };
/** As options are once they were given: what is not asked for is undefined. */
type Given<O> = { readonly [K in keyof O]: O[K] | undefined };

export class NodeStore<T> extends StoreEventTarget implements Store<T> {
  readonly #codec: Codec<T>;
  readonly #host: StoreHost;
  readonly #driver: Driver;
  readonly #session = new Session();
  readonly #updates = new KeyedQueue(waitingBytesMax);
  readonly #alarmTimes: AlarmTimes;
  readonly #news: StoreNews;
  #heirs: Heirs | undefined;
  #node: RingNode | undefined;
  #unhide: () => void = () => undefined;
  #closing: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** Whether the database, if there is one, holds nothing that anybody may miss. */
  #leavesNothing: boolean;
  #whenClosed: () => void = () => undefined;

  constructor(codec: Codec<T>, host: StoreHost) {
    super();
    this.#codec = codec;
    this.#host = host;
    this.#leavesNothing = host.fresh;
    this.#driver = new Driver(host, {
      notice: (notice) => this.#notice(notice),
      linksChanged: () => this.#news.membership(),
      alarm: () => this.#news.alarms(),
      cleared: () => host.remember(),
      halted: () => void this.close(),
    });
    const { deadlines } = this.#driver;
    this.#alarmTimes = new AlarmTimes(() => Date.now() - deadlines.now());
    this.#news = new StoreNews(deadlines, {
      membership: () => this.#closing === undefined && this.emit('membership'),
      alarm: (alarm) => this.emit('alarm', alarm),
      alarms: () => (this.#node === undefined ? [] : this.view().alarms),
    });
  }

  /** Calls once, when the store is closed by whatever means. */
  whenClosed(call: () => void): void {
    this.#whenClosed = call;
  }

  /**
   * Makes the node a member. StorageError, SignalingError; ClosedError if it is closed meanwhile. False: a node that has a
   * history has become free, and is to be opened in place of this one, which has none ([ID-1]).
   */
  async enter(settings: StoreSettings, zone: string, waitsFor: (what: WaitsFor) => void): Promise<boolean> {
    const stored = await this.#start(settings, zone);
    if (stored !== 'history') {
      waitsFor('introducer');
      if (!(await firstContact(this.#driver, this.#host.histories))) return false;
    }
    waitsFor('ring');
    this.#throwIfClosed();
    // From here on others may know this node as a member.
    this.#leavesNothing = false;
    expectReply(await this.#driver.request({ kind: 'join', time: Date.now() }), 'done');
    this.#throwIfClosed();
    this.#news.alarms();
    return true;
  }

  /** Takes out of its ring what a closed tab left, with its database, if others are there to take what it holds ([ID-2]). */
  async retire(settings: StoreSettings): Promise<void> {
    await this.#start(settings, '');
    if ((await this.#driver.introduced()).length === 0)
      throw new ClosedError('nobody is there to take what this node holds');
    await this.leave();
  }

  async #start(settings: StoreSettings, zone: string): Promise<'history' | 'data' | 'nothing'> {
    const create = (storeId: string) => createNode(storeId, this.#host, { ...settings, zone });
    const { node, stored } = await this.#driver.start(create).catch((error: unknown) => {
      throw error instanceof StorageFailure ? new StorageError(error.message, { cause: error }) : error;
    });
    this.#leavesNothing = stored === 'nothing';
    this.#throwIfClosed();
    this.#node = node;
    this.#unhide = this.#host.onHidden((hidden) => this.#driver.hidden(hidden));
    return stored;
  }

  /** From now on it is the heir of what closed tabs of its profile left ([ID-2]); `retire` takes one out of the ring. */
  inheritBy(retire: HeirWorld['retire']): void {
    const { estates, ports } = this.#host;
    if (estates === undefined) return;
    this.#heirs = new Heirs({
      estates,
      deadlines: this.#driver.deadlines,
      after: () => this.#opened().view().ring.times.heirAfter,
      isConnected: () => ports.transport.signaling() === 'open',
      retire,
      changed: () => this.#news.membership(),
    });
  }

  async get(key: string, options: RequestOptions & { r?: number } = {}): Promise<Versions<T>> {
    checkOptions(options);
    return this.#get(key, options);
  }

  async #get(key: string, options: Given<RequestOptions & { r?: number }>): Promise<Versions<T>> {
    checkKey(key);
    const { r, signal } = options;
    if (r !== undefined) checkQuorum('r', r, this.view().ring.n);
    return this.#versions(key, await this.#read(key, r ?? 0, signal));
  }

  async put(key: string, value: T, options: WriteOptions = {}): Promise<Receipt> {
    checkOptions(options);
    return this.#put(key, value, options);
  }

  async #put(key: string, value: T, options: Given<WriteOptions>): Promise<Receipt> {
    checkKey(key);
    checkSettled(value);
    return this.#write(key, copyOf(this.#codec.encode(value)), false, options);
  }

  async delete(key: string, options: WriteOptions = {}): Promise<Receipt> {
    checkOptions(options);
    checkKey(key);
    return this.#write(key, new Uint8Array(), true, options);
  }

  putMany(
    entries: Source<PutEntry<T>>,
    options: RequestOptions & { w?: number } = {},
  ): AsyncIterable<KeyOutcome<Receipt>> {
    checkOptions(options);
    const { signal, w } = options;
    if (w !== undefined) checkQuorum('w', w, this.view().ring.n);
    return this.#many(entries, signal, (entry: PutEntry<T>) => {
      const [key, value, context] = entryOf(entry);
      return { key, request: (signal) => this.#put(key, value, { context, signal, w }) };
    });
  }

  getMany(keys: Source<string>, options: RequestOptions & { r?: number } = {}): AsyncIterable<KeyOutcome<Versions<T>>> {
    checkOptions(options);
    const { signal, r } = options;
    if (r !== undefined) checkQuorum('r', r, this.view().ring.n);
    return this.#many(keys, signal, (key: string) => ({ key, request: (signal) => this.#get(key, { r, signal }) }));
  }

  async update(
    key: string,
    change: (siblings: T[]) => T,
    options: RequestOptions & { w?: number } = {},
  ): Promise<Receipt> {
    checkKey(key);
    checkOptions(options);
    if (typeof change !== 'function') throw new TypeError(`update: change must be a function, not ${told(change)}`);
    const { signal, w } = options;
    checkSignal(signal);
    if (w !== undefined) checkQuorum('w', w, this.view().ring.n);
    const task = async (): Promise<Receipt> => {
      const { values, context } = await this.#get(key, { signal });
      return this.#put(key, change(values), { context, signal, w });
    };
    const turn = this.#updates.run(key, task, sizeOfRequest(key));
    return abortable(turn, signal);
  }

  watch(key: string, options: RequestOptions = {}): AsyncIterable<Versions<T>> {
    checkKey(key);
    checkOptions(options);
    const { signal } = options;
    checkSignal(signal);
    const read = () => this.#read(key, 0, undefined);
    const versions = (outcome: GetOutcome) => this.#versions(key, outcome);
    return { [Symbol.asyncIterator]: () => watchValues({ driver: this.#driver, read, versions }, key, signal) };
  }

  view(): NodeView {
    const core = this.#opened().view();
    const heirOf = this.#heirs?.list(core.ring.times.heirAfter) ?? [];
    return nodeView(core, this.#driver, this.#host.ports.transport, this.#alarmTimes, this.#updates.tasks, heirOf);
  }

  explain(key: string): Placement {
    checkKey(key);
    const { position, partition, walk } = this.#opened().explain(key);
    return { position, partition, walk: walk.map((step) => ({ ...step })) };
  }

  async inspect(key: string): Promise<ReplicaState[]> {
    checkKey(key);
    const { replicas } = expectReply(await this.#driver.request({ kind: 'inspect', key }), 'inspect');
    return replicas.map(replicaStateOf);
  }

  async *held(): AsyncIterable<{ key: string; role: HeldRole }> {
    for (const { key, role } of this.#opened().held()) {
      this.#throwIfClosed();
      yield { key, role };
    }
  }

  readonly faults: Store<T>['faults'] = {
    cut: (nodes, options = {}) => this.#host.ports.transport.cut(...cutOf(nodes, options)),
    heal: () => this.#host.ports.transport.heal(),
  };

  persist(): Promise<boolean> {
    return this.#driver.quota.persist();
  }

  async configure(change: Partial<RingConfig>): Promise<void> {
    const config = changed(change, this.view().ring.config);
    expectReply(await this.#driver.request({ kind: 'configure', config }), 'done');
  }

  async remove(node: NodeId): Promise<void> {
    const isMember = this.view().members.some(({ id, status }) => id === node && status !== 'left');
    if (!isMember) throw new MemberError(`${told(node)} is no member of this ring: view() has their ids`);
    expectReply(await this.#driver.request({ kind: 'remove', node }), 'done');
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave().finally(() => {
      this.#leaving = undefined;
    });
    return this.#leaving;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(new ClosedError('the store was closed'));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #read(key: string, r: number, signal: AbortSignal | undefined): Promise<GetOutcome> {
    checkSignal(signal);
    const request = () => ({ kind: 'get', key, r, session: this.#session.seen(key) }) as const;
    return expectReply(await this.#driver.request(request(), signal, request), 'get').outcome;
  }

  async #write(key: string, value: Uint8Array, deleted: boolean, options: Given<WriteOptions>): Promise<Receipt> {
    const { context, signal, w } = options;
    checkSignal(signal);
    if (w !== undefined) checkQuorum('w', w, this.view().ring.n);
    const seen = seenIn(context, key);
    const request = { kind: 'put', key, value, deleted, w: w ?? 0, time: Date.now(), ...seen } as const;
    const { outcome } = expectReply(await this.#driver.request(request, signal), 'put');
    const receipt = receiptOf(key, outcome);
    if (outcome.ok) this.#session.saw(key, outcome.context);
    return receipt;
  }

  #versions(key: string, outcome: GetOutcome): Versions<T> {
    this.#session.saw(key, outcome.context);
    return versionsOf(key, outcome, this.#codec);
  }

  #many<E, R>(source: Source<E>, signal: AbortSignal | undefined, take: Many<E, R>['take']) {
    return outcomesOf(source, { signal, room: (signal) => this.#driver.room(signal), take });
  }

  async #leave(): Promise<void> {
    expectReply(await this.#driver.request({ kind: 'leave' }), 'done');
    this.#closing ??= this.#close(new ClosedError('this node has left the ring'), true);
    await this.#closing;
  }

  async #close(reason: ClosedError, destroy = false): Promise<void> {
    this.#unhide();
    this.#heirs?.stop();
    try {
      await this.#driver.close(reason);
      if (destroy) await this.#driver.destroy();
      // Somebody else may find it, and remove it then.
      else if (this.#leavesNothing) await this.#driver.destroy().catch(() => undefined);
    } finally {
      this.#host.release();
      this.#whenClosed();
    }
  }

  /** What is awaited may take until after `close`. */
  #throwIfClosed(): void {
    if (this.#closing !== undefined) throw new ClosedError('the store was closed');
  }

  #opened(): RingNode {
    if (this.#node === undefined) throw new ClosedError('the store is not open');
    return this.#node;
  }

  #notice(notice: Notice): void {
    if (notice.kind === 'changed') this.emit('change', { key: notice.key });
    else if (notice.kind === 'membership') this.#news.membership();
  }
}
