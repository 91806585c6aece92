/**
 * A run told in words, one line for each thing that happens: the time in seconds, the node by its letter,
 * what it took in and what it did about it. Keys and dots are as in the transcripts. What says nothing new
 * (pings, equal digests, equal roots, leases renewed) is left out, but for a line where it filled a second
 * or more. After the run each violation is told again, with all operations on the key that it is about.
 * Invariant: a story changes nothing of the run that it tells.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Message } from '../../src/core/message.ts';
import type { Input, Ready, Send } from '../../src/core/ready.ts';
import type { ClientReply } from '../../src/core/requests.ts';
import type { Opened, WriteBatch } from '../../src/core/storage.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { Observer } from '../world/observer.ts';
import type { ReadOperation, WriteOperation } from '../world/operation-log.ts';
import { Words } from '../world/words.ts';
import type { Violation, World } from '../world/world.ts';

/** A line that is longer says no more. */
const lineLength = 240;
/** Shorter silences need no explanation, in ms. */
const longSilence = 1000;
/** Violations whose keys are looked into. */
const told = 3;

interface Answer {
  readonly at: number;
  readonly reply: ClientReply;
}

export class Story implements Observer {
  readonly #world: World;
  readonly #write: (line: string) => void;
  readonly #words = new Words();
  readonly #statuses = new Map<NodeId, ReadonlyMap<NodeId, string>>();
  readonly #answers = new Map<number, Answer>();
  readonly #noise = new Set<string>();
  #lastAt = 0;

  constructor(world: World, write: (line: string) => void) {
    this.#world = world;
    this.#write = write;
  }

  noted(text: string): void {
    this.#line('', `-- ${text}`);
  }

  stepped(host: Host, input: Input, ready: Ready): void {
    if (input.type === 'opened') this.#opened(host, input.opened);
    const effects = [...this.#effects(host, ready), ...this.#verdicts(host, ready)];
    const noise = noiseOf(input);
    if (effects.length === 0 && noise !== undefined) this.#noise.add(noise);
    else this.#line(host.id, [this.#input(input), ...effects].filter((text) => text !== '').join('; '));
  }

  committed(host: Host, batch: WriteBatch): void {
    this.#line(host.id, `disk: ${this.#writes(batch)}${batch.strict ? '' : ', relaxed'}`);
  }

  answered(operation: ReadOperation | WriteOperation, reply: ClientReply): void {
    this.#answers.set(operation.index, { at: this.#world.now, reply });
  }

  /** The run is over. */
  end(): void {
    const keys = new Map<string, Violation>();
    for (const violation of this.#world.violations) {
      const key = /\b(?:key|cart|blind|duo|deleted|own|set)\d+\b/.exec(violation.text)?.[0] ?? '';
      if (!keys.has(key)) keys.set(key, violation);
    }
    for (const [key, { checker, at, text }] of [...keys].slice(0, told)) {
      this.#write(`\n${checker} is violated, found at ${seconds(at)}: ${text}`);
      if (key !== '') this.#operations(key);
    }
  }

  #operations(key: string): void {
    const { reads, writes } = this.#world.log;
    const operations = [...writes.values(), ...reads.values()].filter((operation) => operation.key === key);
    this.#write(`\nAll operations on ${key}, by the number of each:\n`);
    for (const operation of operations.sort((a, b) => a.index - b.index)) {
      const { index, invokedAt, node } = operation;
      const start = `${`#${index}`.padStart(6)} ${seconds(invokedAt)}  ${shortName(node).padEnd(3)}`;
      this.#write(cut(`${start} ${this.#operation(operation)}: ${this.#outcome(operation)}`));
    }
  }

  #operation(operation: ReadOperation | WriteOperation): string {
    if (operation.kind === 'get') return `get${operation.r > 0 ? `, R = ${operation.r}` : ''}`;
    const seen = [...operation.token.past].sort((a, b) => a - b).map((index) => `#${index}`);
    const what = operation.kind === 'delete' ? 'delete' : `put ${JSON.stringify(operation.value.slice(0, 20))}`;
    return `${what} by one who had seen ${seen.slice(-8).join(' ') || 'nothing'}`;
  }

  #outcome(operation: ReadOperation | WriteOperation): string {
    const dots = operation.kind === 'get' ? [] : operation.dots.map((dot) => this.#words.dot(dot));
    const as = dots.length > 0 ? `, is ${dots.join(' and ')}` : '';
    const excused = operation.kind !== 'get' && operation.excused ? ', EXCUSED' : '';
    const answer = this.#answers.get(operation.index);
    const end = answer ? `at ${seconds(answer.at)} ${this.#words.reply(answer.reply)}` : operation.status;
    return `${end}${as}${excused}`;
  }

  #opened(host: Host, { storeId }: Opened): void {
    this.#words.call(host.id, shortName(host.id));
    this.#words.opens(host.id, storeId);
    this.#statuses.delete(host.id);
  }

  #input(input: Input): string {
    switch (input.type) {
      case 'opened': {
        const { storeId, epoch, entries } = input.opened;
        const keys = entries.map(([key, { versions }]) => `${key} ${this.#words.versions(versions)}`).join(', ');
        return `opens its store ${this.#words.actor(`${storeId}.${epoch}`)} with ${keys || 'nothing in it'}`;
      }
      case 'message':
        return `${this.#words.node(input.from)} says: ${this.#message(input.message)}`;
      case 'request':
        return `client asks (${input.id}): ${this.#words.request(input.request)}`;
      case 'written':
        return '';
      case 'write-failed':
        return `disk REFUSES write ${input.id}`;
      case 'read':
        return 'disk has read';
      case 'peer-up':
      case 'peer-down':
        return `link to ${this.#words.node(input.peer)} is ${input.type === 'peer-up' ? 'up' : 'down'}`;
      case 'unlinked':
        return `there are ${this.#words.nodes(input.peers)}, says the introducer, and no link`;
      case 'hidden':
        return input.hidden ? 'is hidden' : 'is shown';
      case 'wake':
        return 'timer';
      default:
        return input satisfies never;
    }
  }

  #effects(host: Host, ready: Ready): string[] {
    const effects: string[] = [];
    if (ready.writes) effects.push(`writes ${this.#writes(ready.writes)}`);
    for (const { key } of ready.reads) effects.push(`reads ${key} from disk`);
    for (const [text, to] of this.#sends(host, ready.sends)) effects.push(`→ ${this.#words.nodes([...to])} ${text}`);
    for (const { id, reply } of ready.replies) effects.push(`answers client (${id}): ${this.#words.reply(reply)}`);
    return effects;
  }

  /** To whom each thing is said. */
  #sends(host: Host, sends: readonly Send[]): Map<string, Set<NodeId>> {
    const said = new Map<string, Set<NodeId>>();
    for (const { to, message, after } of sends) {
      if (to === host.id || noiseOfMessage(message) !== undefined) continue;
      const text = `${after === undefined ? '' : '(once that is on disk) '}${this.#message(message)}`;
      said.set(text, (said.get(text) ?? new Set<NodeId>()).add(to));
    }
    return said;
  }

  #writes({ writes }: WriteBatch): string {
    return writes.map((write) => this.#words.write(write)).join(', ');
  }

  #message(message: Message): string {
    if (message.type !== 'history') return this.#words.message(message);
    const last = message.events.at(-1);
    return `history of ${message.events.length} events${last ? `, the last: ${this.#words.event(last)}` : ''}`;
  }

  /** What the node now thinks of others, where that has changed. */
  #verdicts(host: Host, ready: Ready): string[] {
    if (host.core === undefined || !ready.notices.some(({ kind }) => kind === 'membership')) return [];
    const before = this.#statuses.get(host.id);
    const members = host.core.view().members.filter(({ id }) => id !== host.id);
    this.#statuses.set(host.id, new Map(members.map(({ id, status }) => [id, status])));
    const changed = members.filter(({ id, status }) => (before?.get(id) ?? 'unreachable') !== status);
    return changed.map(({ id, status }) => `${this.#words.node(id)} is ${status}`);
  }

  #line(node: NodeId, text: string): void {
    const { now } = this.#world;
    if (this.#noise.size > 0 && now - this.#lastAt >= longSilence) {
      this.#write(`             … ${[...this.#noise].sort().join(', ')}`);
    }
    this.#noise.clear();
    this.#lastAt = now;
    this.#write(cut(`${seconds(now)}  ${this.#words.node(node).padEnd(3)} ${text.replaceAll(/\.{6,}/g, '…')}`));
  }
}

/** What kind of nothing new an input is, if it has no effects; undefined if it is always told. */
function noiseOf(input: Input): string | undefined {
  switch (input.type) {
    case 'message':
      return noiseOfMessage(input.message);
    case 'wake':
      return 'timers';
    case 'written':
    case 'read':
      return 'disks';
    default:
      return undefined;
  }
}

function noiseOfMessage(message: Message): string | undefined {
  switch (message.type) {
    case 'ping':
    case 'pong':
      return 'pings';
    case 'status':
      return 'digests';
    case 'watch':
      return 'leases';
    case 'compare':
    case 'synced':
      return 'equal roots';
    case 'compared':
      return message.differ.length === 0 ? 'equal roots' : undefined;
    default:
      return undefined;
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3).padStart(9);

const cut = (line: string): string => (line.length > lineLength ? `${line.slice(0, lineLength - 2)} …` : line);
