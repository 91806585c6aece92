/**
 * A small simulated room for scenarios: nodes are told what to do one thing at a time, and time runs
 * until a condition holds. Invariant: a scenario is a function of its seed, and a broken assertion or a
 * message that the codec refuses ends it.
 */
import { defaultOptions, defaultTimes, type NodeOptions, type Times } from '../../src/core/config.ts';
import type { NodeId } from '../../src/core/ids.ts';
import type { Message, MessageOf, MessageType, PutOutcome } from '../../src/core/message.ts';
import { RingNode } from '../../src/core/node.ts';
import type { ClientReply, ClientRequest, GetOutcome } from '../../src/core/requests.ts';
import type { WriteBatch } from '../../src/core/storage.ts';
import type { CausalContext } from '../../src/core/version/context.ts';
import { emptyContext } from '../../src/core/version/context.ts';
import type { Siblings } from '../../src/core/version/siblings.ts';
import type { CoreView } from '../../src/core/view.ts';
import type { Host } from '../world/host.ts';
import type { Cut } from '../world/link.ts';
import { makePlan } from '../world/plan.ts';
import { bytesOf, textOf } from '../world/text.ts';
import { World } from '../world/world.ts';

export interface Setup extends Partial<Omit<NodeOptions, 'self' | 'seed' | 'weight' | 'zone' | 'times'>> {
  readonly times?: Partial<Times>;
  readonly seed?: number;
}

/** A message that left its sender's core, or reached its receiver's. Times are simulated ms. */
interface Passage {
  readonly at: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

interface Sent extends Passage {
  /** Whether it was to leave only after a write. */
  readonly waits: boolean;
}

interface Committed {
  readonly at: number;
  readonly node: NodeId;
  readonly batch: WriteBatch;
}

/** A request under way; the answers come in as time runs. */
export interface Asked {
  readonly id: number;
  readonly replies: readonly ClientReply[];
}

export interface Watching {
  readonly id: number;
  /** The values of the newest state that was told; undefined before the first. */
  readonly latest: () => string[] | undefined;
}

type Written = Extract<PutOutcome, { ok: true }>;

export interface PutOptions {
  readonly context?: CausalContext;
  readonly w?: number;
  readonly fastest?: NodeId;
}

/** In simulated ms. */
const patience = 60_000;

export class Cluster {
  readonly world: World;
  /** What was handed to a driver to be sent, at once or after a write. */
  readonly sent: Sent[] = [];
  readonly arrived: Passage[] = [];
  readonly committed: Committed[] = [];
  #time = 1_800_000_000_000;

  /** All of `nodes` have joined, one after the other, and agree on the ring. */
  constructor(nodes: number, { seed = 1, times = {}, ...options }: Setup = {}) {
    const plan = makePlan(seed, nodes, 0);
    this.world = new World(
      {
        ...plan,
        node: { ...defaultOptions, join: 'now', partitions: 16, ...options, times: { ...defaultTimes, ...times } },
        zones: 100,
        weights: [1],
        diskLatency: 2,
        delay: 5,
        goodbye: 0,
      },
      (of) => new RingNode(of),
    );
    this.world.observe({
      stepped: (host, input, ready) => {
        const at = this.world.now;
        for (const { to, message, after } of ready.sends) {
          this.sent.push({ at, from: host.id, to, message, waits: after !== undefined });
        }
        if (input.type === 'message') {
          this.arrived.push({ at, from: input.from, to: host.id, message: input.message });
        }
      },
      committed: (host, batch) => this.committed.push({ at: this.world.now, node: host.id, batch }),
    });
    for (let i = 0; i < nodes; i++) this.join();
  }

  // Nodes

  get hosts(): readonly Host[] {
    return this.world.hosts;
  }

  host(at: number): Host {
    return must(this.hosts[at], `a host number ${at}`);
  }

  of(node: NodeId): Host {
    return must(this.world.host(node), `host ${node}`);
  }

  /** A new node that has joined; everybody has heard of it. */
  join(): Host {
    const host = this.world.addHost();
    this.world.start(host);
    this.until(() => host.joined && this.agreed(), 'the ring to know the new node');
    return host;
  }

  view(host: Host): CoreView {
    return must(host.core, `${host.id} to run`).view();
  }

  /** Whether all running nodes have the same ring, of which each is a member, and links to each other. */
  agreed(hosts: readonly Host[] = this.world.live()): boolean {
    const rings = new Set(hosts.map((host) => host.core?.view().ring.hash));
    return rings.size === 1 && hosts.every((a) => hosts.every((b) => a === b || this.world.network.whole(a.id, b.id)));
  }

  /** The walk of a key: three owners, then who stands in first and last. Needs five nodes. */
  roles(key: string): { first: Host; second: Host; third: Host; spare: Host; outsider: Host } {
    const of = (nodes: readonly Host[], at: number) => must(nodes.at(at), `a ring of five for ${key}`);
    const owners = this.owners(key);
    const others = this.others(key);
    const [first, second, third] = [of(owners, 0), of(owners, 1), of(owners, 2)];
    return { first, second, third, spare: of(others, 0), outsider: of(others, -1) };
  }

  owners(key: string): Host[] {
    return this.#walk(key, 'primary');
  }

  /** The fallbacks, in the order in which they stand in. */
  others(key: string): Host[] {
    return this.#walk(key, 'fallback');
  }

  #walk(key: string, role: string): Host[] {
    const looker = must(this.world.live().find(({ joined }) => joined)?.core, 'a running node');
    const steps = looker.explain(key).walk.filter((step) => step.role === role);
    return steps.map(({ node }) => this.of(node));
  }

  /** A key whose owners are these, in any order. */
  keyOwnedBy(test: (owners: readonly Host[]) => boolean): string {
    for (let i = 0; i < 1000; i++) if (test(this.owners(`key${i}`))) return `key${i}`;
    throw new Error('no key has such owners');
  }

  // Faults

  /** Cuts what goes from one group to the other, and back unless `oneWay`. */
  cut(some: readonly Host[], others: readonly Host[], how: Cut = 'filter', oneWay = false): void {
    for (const a of some) {
      for (const b of others) {
        if (a === b) continue;
        this.world.network.cut(a.id, b.id, how);
        if (!oneWay) this.world.network.cut(b.id, a.id, how);
      }
    }
  }

  /** The others than these. */
  except(...hosts: readonly Host[]): Host[] {
    return this.hosts.filter((host) => !hosts.includes(host));
  }

  isolate(host: Host, how: Cut = 'filter'): void {
    this.cut([host], this.except(host), how);
  }

  heal(): void {
    this.world.network.heal();
  }

  /** Ends the process; the others notice by themselves, which this waits for. */
  crash(host: Host): void {
    this.world.stop(host, 'crash');
    const others = this.world.live();
    this.until(
      () => others.every((other) => ['unreachable', 'left', 'unknown'].includes(this.status(other, host))),
      'the crash to be noticed',
    );
  }

  /** Its disk takes what is written and never completes it, until the process starts again. */
  freeze(host: Host): void {
    host.disk.latency = 1e12;
  }

  thaw(host: Host): void {
    host.disk.latency = 2;
  }

  /** Its database is lost under the running process, which opens a new one. */
  wipe(host: Host): void {
    const { actor } = this.view(host).self;
    this.world.damage(host, 'wiped');
    this.until(() => this.view(host).self.actor !== actor, 'the new store');
  }

  /** Starts a process that has ended, on the disk that it left. */
  restart(host: Host): void {
    this.world.start(host);
    this.until(() => host.joined && this.agreed(), 'the node to be back');
  }

  status(of: Host, about: Host): string {
    return this.view(of).members.find(({ id }) => id === about.id)?.status ?? 'unknown';
  }

  // Requests

  ask(host: Host, request: ClientRequest): Asked {
    const replies: ClientReply[] = [];
    return { id: this.world.ask(host, request, (reply) => replies.push(reply)), replies };
  }

  /** A get that is under way. */
  beginGet(host: Host, key: string, r = 0, session: CausalContext = emptyContext): Asked {
    return this.ask(host, { kind: 'get', key, r, session });
  }

  answer(host: Host, request: ClientRequest): ClientReply {
    const asked = this.ask(host, request);
    this.until(() => asked.replies.length > 0, `the answer to a ${request.kind}`);
    return must(asked.replies[0], 'a reply');
  }

  /** A put that is under way. */
  begin(host: Host, key: string, value: string | undefined, options: PutOptions = {}): Asked {
    const { context = emptyContext, fastest = '', w = 0 } = options;
    this.#time += 1;
    return this.ask(host, {
      kind: 'put',
      key,
      value: bytesOf(value ?? ''),
      deleted: value === undefined,
      context,
      fastest,
      w,
      time: this.#time,
    });
  }

  outcome(asked: Asked): PutOutcome {
    this.until(() => asked.replies.length > 0, 'the answer to a put');
    const [reply] = asked.replies;
    if (reply?.kind !== 'put') throw new Error(`not the answer to a put: ${reply?.kind}`);
    return reply.outcome;
  }

  /** Undefined deletes. */
  put(host: Host, key: string, value: string | undefined, options: PutOptions = {}): Written {
    const outcome = this.outcome(this.begin(host, key, value, options));
    if (!outcome.ok) throw new Error(`the put was refused: ${outcome.error}`);
    return outcome;
  }

  get(host: Host, key: string, r = 0, session: CausalContext = emptyContext): GetOutcome {
    const reply = this.answer(host, { kind: 'get', key, r, session });
    if (reply.kind !== 'get') throw new Error(`not the answer to a get: ${reply.kind}`);
    return reply.outcome;
  }

  watch(host: Host, key: string): Watching {
    const asked = this.ask(host, { kind: 'watch', key });
    return {
      id: asked.id,
      latest: () => {
        const reply = asked.replies.at(-1);
        return reply?.kind === 'watch' ? valuesOf(reply.outcome.siblings) : undefined;
      },
    };
  }

  read(host: Host, key: string, r = 0): string[] {
    return valuesOf(this.get(host, key, r).siblings);
  }

  // Time

  wait(ms: number): void {
    const end = this.world.now + ms;
    this.world.at(end, () => undefined);
    this.world.run(() => this.world.now >= end, end);
    this.#sound();
  }

  until(done: () => boolean, what: string, within = patience): void {
    this.world.run(done, this.world.now + within);
    this.#sound();
    if (!done()) throw new Error(`waited in vain for ${what}`);
  }

  /** Until hints, repairs and hand-overs have come to an end: each owner of each key holds the same, nobody else anything. */
  settle(): void {
    this.until(() => this.isSettled(), 'the replicas to be equal and in their places', 120_000);
  }

  isSettled(): boolean {
    const live = this.world.live();
    const held = live.flatMap((host) => [...must(host.core, 'a core').held()].map((of) => ({ ...of, host })));
    const keys = new Set(held.map(({ key }) => key));
    return (
      this.agreed() &&
      held.every(({ role }) => role === 'primary') &&
      [...keys].every((key) => {
        const states = this.owners(key).flatMap((host) => [this.dots(host, key).join(), this.onDisk(host, key).join()]);
        return new Set(states).size === 1;
      })
    );
  }

  #sound(): void {
    const [violation] = this.world.violations;
    if (violation) throw new Error(`${violation.checker}: ${violation.text}`);
  }

  // What there is

  /** The dots that the node holds of a key, as text. */
  dots(host: Host, key: string): string[] {
    return (host.core?.versions(key) ?? []).map(({ dot }) => dot.join(':'));
  }

  /** The same, of what its disk has committed. */
  onDisk(host: Host, key: string): string[] {
    return (host.disk.entry(key)?.versions ?? []).map(({ dot }) => dot.join(':'));
  }

  role(host: Host, key: string): string | undefined {
    return [...(host.core?.held() ?? [])].find((held) => held.key === key)?.role;
  }

  /** Messages of one type that have left since a moment. */
  sends<T extends MessageType>(type: T, since = 0): (Sent & { readonly message: MessageOf<T> })[] {
    return this.sent.filter(({ at }) => at >= since).filter(isOf(type));
  }

  arrivals<T extends MessageType>(type: T, since = 0): (Passage & { readonly message: MessageOf<T> })[] {
    return this.arrived.filter(({ at }) => at >= since).filter(isOf(type));
  }

  mark(name: string): number {
    return this.world.marks.get(name) ?? 0;
  }
}

export const valuesOf = (versions: Siblings): string[] =>
  versions.filter(({ deleted }) => !deleted).map(({ value }) => textOf(value));

function isOf<T extends MessageType>(type: T) {
  return <P extends Passage>(passage: P): passage is P & { readonly message: MessageOf<T> } =>
    passage.message.type === type;
}

export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there should be ${what}`);
  return value;
}
