/**
 * Watches a cluster and notes what happens as entries of a transcript: each message that leaves a node,
 * each commit, each request and its answer. What says nothing new (pings, equal digests, equal roots,
 * leases renewed) is noted as noise. Invariant: a transcript is a function of the story alone.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Message, MessageOf } from '../../src/core/message.ts';
import type { Input, Ready } from '../../src/core/ready.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { Cluster } from '../scenarios/cluster.ts';
import type { Host } from '../world/host.ts';
import type { Observer } from '../world/observer.ts';
import type { Words } from '../world/words.ts';

export type TranscriptEntry = { readonly kind: 'say'; readonly text: string } | Passing | Aside;

/** What a node thinks of another, or that it has or has not a link to it. */
export type Aside =
  | { readonly kind: 'verdict'; readonly at: number; readonly who: string; readonly about: string; readonly is: string }
  | { readonly kind: 'link'; readonly at: number; readonly is: 'up' | 'down'; readonly pair: string };

/** A message, a commit, a request or an answer. */
export interface Passing {
  readonly kind: 'passing';
  readonly at: number;
  readonly from: string;
  /** Empty for what a node does by itself. */
  readonly to: string;
  readonly text: string;
  /** The name of the noise; undefined for what is shown. */
  noise: string | undefined;
  /** Whether it has not arrived (yet). */
  missing: boolean;
}

export interface Detail {
  /** Shows how failures are detected: probes, and what is said to them. */
  readonly probes?: boolean;
  /** Shows how two replicas go down their Merkle trees to the keys that differ. */
  readonly tree?: boolean;
}

type Events = ReadonlyMap<string, RingEvent>;

const stampOf = ({ stamp }: RingEvent): string => stamp.join();

export class Recorder implements Observer {
  readonly entries: TranscriptEntry[] = [];
  readonly #cluster: Cluster;
  readonly #words: Words;
  readonly #detail: Detail;
  readonly #begunAt: number;
  #isOver = false;
  /** Messages that wait for a write, by node and write. */
  readonly #waiting = new Map<string, { readonly to: NodeId; readonly message: Message }[]>();
  readonly #batches = new Map<string, WriteBatch>();
  readonly #underWay = new Map<string, { readonly words: string; readonly entry: Passing }[]>();
  /** Roots that were sent and not answered, by asker and id. */
  readonly #compares = new Map<string, Passing>();
  /** Askers of comparisons in which something differed. */
  readonly #differing = new Set<string>();
  readonly #known = new Map<NodeId, Events>();
  readonly #stored = new Map<NodeId, Events>();
  readonly #statuses = new Map<NodeId, Map<NodeId, string>>();
  /** What each node has told each other that it holds without owning it. */
  readonly #extras = new Map<string, string>();
  readonly #leases = new Map<string, string>();

  constructor(cluster: Cluster, words: Words, detail: Detail) {
    this.#cluster = cluster;
    this.#words = words;
    this.#detail = detail;
    this.#begunAt = cluster.world.now;
    for (const host of cluster.hosts) {
      words.opens(host.id, cluster.view(host).self.actor.split('.')[0] ?? '');
      const events = new Map(host.disk.history.map((event) => [stampOf(event), event]));
      this.#known.set(host.id, events);
      this.#stored.set(host.id, events);
      this.#statuses.set(host.id, this.#statusesOf(host));
    }
    cluster.world.observe(this);
  }

  say(text: string): void {
    this.entries.push({ kind: 'say', text });
  }

  /** From now on only arrivals count. */
  end(): void {
    this.#isOver = true;
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    this.#input(host, input);
    for (const write of ready.writes?.writes ?? []) {
      if (write.kind === 'history') this.#known.set(host.id, eventsOf(write.history));
    }
    if (ready.writes !== undefined) this.#batches.set(`${host.id} ${ready.writes.id}`, ready.writes);
    for (const { to, message, after } of ready.sends) {
      if (to === host.id) continue;
      const write = `${host.id} ${after}`;
      if (after === undefined) this.#sent(host, to, message);
      else this.#waiting.set(write, [...(this.#waiting.get(write) ?? []), { to, message }]);
    }
    if (input.type === 'written') this.#release(host, input.id);
    for (const { reply } of ready.replies) this.#note(host, 'client', this.#words.reply(reply));
    if (ready.notices.some(({ kind }) => kind === 'membership')) this.#verdicts(host);
  }

  committed(host: Host, batch: WriteBatch): void {
    if (batch.writes.every(({ kind }) => kind === 'alive')) return;
    this.#note(host, '', `disk: ${this.#batch(host, batch)}${batch.strict ? '' : ', relaxed'}`);
    for (const write of batch.writes) {
      if (write.kind === 'history') this.#stored.set(host.id, eventsOf(write.history));
    }
  }

  stopped(host: Host): void {
    for (const waiting of [this.#waiting, this.#batches]) {
      for (const write of waiting.keys()) if (write.startsWith(host.id)) waiting.delete(write);
    }
    this.#statuses.delete(host.id);
  }

  #input(host: Host, input: Input): void {
    switch (input.type) {
      case 'message':
        return this.#arrived(host, input.from, input.message);
      case 'request':
        this.#add('client', this.#words.node(host.id), this.#words.request(input.request));
        return;
      case 'opened': {
        const { storeId, epoch, entries } = input.opened;
        this.#words.opens(host.id, storeId);
        const keys = entries.length === 1 ? '1 key' : `${entries.length} keys`;
        return this.#note(host, '', `opens store ${this.#words.actor(`${storeId}.1`)}, epoch ${epoch}, with ${keys}`);
      }
      case 'write-failed': {
        const batch = this.#batches.get(`${host.id} ${input.id}`);
        this.#waiting.delete(`${host.id} ${input.id}`);
        return this.#note(host, '', `disk REFUSES ${batch === undefined ? 'a write' : this.#batch(host, batch)}`);
      }
      case 'peer-up':
      case 'peer-down': {
        const pair = [this.#words.node(host.id), this.#words.node(input.peer)].sort().join('–');
        const is = input.type === 'peer-up' ? 'up' : 'down';
        if (!this.#isOver) this.entries.push({ kind: 'link', at: this.#now, is, pair });
        return;
      }
      case 'hidden':
        return this.#note(host, '', input.hidden ? 'is hidden' : 'is shown');
      case 'unlinked':
      case 'written':
      case 'read':
      case 'wake':
        return;
      default:
        input satisfies never;
    }
  }

  get #now(): number {
    return this.#cluster.world.now - this.#begunAt;
  }

  #note(host: Host, to: string, text: string): void {
    this.#add(this.#words.node(host.id), to, text);
  }

  #add(from: string, to: string, text: string, noise?: string): Passing {
    const entry: Passing = { kind: 'passing', at: this.#now, from, to, text, noise, missing: false };
    if (!this.#isOver) this.entries.push(entry);
    return entry;
  }

  #release(host: Host, write: number): void {
    const name = `${host.id} ${write}`;
    for (const { to, message } of this.#waiting.get(name) ?? []) this.#sent(host, to, message);
    this.#waiting.delete(name);
    this.#batches.delete(name);
  }

  #sent(host: Host, to: NodeId, message: Message): void {
    const words = this.#words;
    const text = message.type === 'history' ? this.#news(to, message) : words.message(message);
    const noise = this.#noise(host.id, to, message, text);
    const entry = this.#add(words.node(host.id), words.node(to), text, noise);
    if (message.type === 'compare') this.#compares.set(`${host.id} ${message.id}`, entry);
    if (noise !== undefined && message.type !== 'compare') return;
    entry.missing = true;
    const link = `${host.id} ${to}`;
    const underWay = this.#underWay.get(link) ?? [];
    this.#underWay.set(link, [...underWay, { words: words.message(message), entry }]);
  }

  #arrived(host: Host, from: NodeId, message: Message): void {
    const underWay = this.#underWay.get(`${from} ${host.id}`) ?? [];
    const words = this.#words.message(message);
    // The newest of its kind: an older one was lost.
    const at = underWay.findLastIndex((other) => other.words === words);
    for (const { entry } of at < 0 ? [] : underWay.splice(at, 1)) entry.missing = false;
  }

  /** What kind of noise a message is; undefined if it says something new. */
  #noise(from: NodeId, to: NodeId, message: Message, text: string): string | undefined {
    switch (message.type) {
      case 'ping':
      case 'pong':
        return 'pings';
      case 'probe':
      case 'probed':
        return this.#detail.probes ? undefined : 'probes';
      case 'status': {
        const extras = message.extras.join();
        const told = this.#extras.get(`${from} ${to}`) ?? '';
        this.#extras.set(`${from} ${to}`, extras);
        return told !== extras || !sameEvents(this.#known.get(from), this.#known.get(to)) ? undefined : 'digests';
      }
      case 'history':
        return text === '' ? 'digests' : undefined;
      case 'watch': {
        const lease = `${from} ${to} ${message.key}`;
        const same = this.#leases.get(lease) === text;
        this.#leases.set(lease, text);
        return same ? 'leases' : undefined;
      }
      case 'compare':
        return 'equal roots';
      case 'compared': {
        const asked = this.#compares.get(`${to} ${message.id}`);
        this.#compares.delete(`${to} ${message.id}`);
        if (message.differ.length === 0) return 'equal roots';
        if (asked !== undefined) asked.noise = undefined;
        this.#differing.add(`${to} ${from}`);
        return undefined;
      }
      case 'synced':
        return this.#differing.delete(`${from} ${to}`) ? undefined : 'equal roots';
      case 'descend':
      case 'leaves':
      case 'list':
      case 'listed':
        return this.#detail.tree ? undefined : 'down the tree';
      default:
        return undefined;
    }
  }

  /** The events that the receiver does not have, '' if it has all. */
  #news(to: NodeId, message: MessageOf<'history'>): string {
    const known = this.#known.get(to);
    const news = message.events.filter((event) => !known?.has(stampOf(event)));
    return news.length === 0 ? '' : `news: ${news.map((event) => this.#words.event(event)).join('; ')}`;
  }

  #batch(host: Host, batch: WriteBatch): string {
    const stored = this.#stored.get(host.id);
    const texts = batch.writes.map((write) => {
      if (write.kind !== 'history') return this.#words.write(write);
      const news = write.history.filter((event) => !stored?.has(stampOf(event)));
      if (news.length === 0) return 'the history as it was';
      return `history, new: ${news.map((event) => this.#words.event(event)).join('; ')}`;
    });
    return texts.join('; ');
  }

  #verdicts(host: Host): void {
    const before = this.#statuses.get(host.id);
    const statuses = this.#statusesOf(host);
    this.#statuses.set(host.id, statuses);
    for (const [about, is] of statuses) {
      const was = before?.get(about);
      if (was === undefined || was === is || is === 'left' || this.#isOver) continue;
      const [who, whom] = [this.#words.node(host.id), this.#words.node(about)];
      this.entries.push({ kind: 'verdict', at: this.#now, who, about: whom, is });
    }
  }

  #statusesOf(host: Host): Map<NodeId, string> {
    const members = host.core?.view().members ?? [];
    return new Map(members.filter(({ id }) => id !== host.id).map(({ id, status }) => [id, status]));
  }
}

const eventsOf = (history: readonly RingEvent[]): Events => new Map(history.map((event) => [stampOf(event), event]));

function sameEvents(a: Events | undefined, b: Events | undefined): boolean {
  return [...(a?.keys() ?? [])].join() === [...(b?.keys() ?? [])].join();
}
