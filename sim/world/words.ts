/**
 * What nodes say and store, in words: the vocabulary of the transcripts. Invariant: equal things have equal
 * words, whatever the random ids of the run, and every kind of message and request has some.
 */
import type { Actor, Dot, NodeId } from '../../src/core/ids.ts';
import type { Message, MessageOf, PutOutcome } from '../../src/core/message.ts';
import type { ClientReply, ClientRequest, GetOutcome } from '../../src/core/requests.ts';
import type { RingEvent } from '../../src/core/ring/history.ts';
import type { Write } from '../../src/core/storage.ts';
import { type CausalContext, contextSize } from '../../src/core/version/context.ts';
import type { Siblings, VersionMetadata } from '../../src/core/version/siblings.ts';
import { textOf } from './text.ts';

/** The letters of a store id; those of the run follow in an actor's name. */
const STORE = 12;

export class Words {
  readonly #nodes = new Map<NodeId, string>();
  readonly #stores = new Map<string, string>();

  /** The letter by which a node goes, and each store that it opens. */
  call(node: NodeId, letter: string): void {
    this.#nodes.set(node, letter);
  }

  /** The first store of a node has the node's letter; one made after a loss has a `*` more. */
  opens(node: NodeId, storeId: string): void {
    const store = storeId.slice(0, STORE);
    if (this.#stores.has(store)) return;
    let name = this.node(node);
    while ([...this.#stores.values()].includes(name)) name += '*';
    this.#stores.set(store, name);
  }

  node(node: NodeId): string {
    return this.#nodes.get(node) ?? node;
  }

  nodes(nodes: readonly NodeId[]): string {
    return nodes
      .map((node) => this.node(node))
      .sort()
      .join(' ');
  }

  /** `a` for the first epoch of a's store, `a.2` for its second. */
  actor(actor: Actor): string {
    const [storeId = '', epoch = ''] = actor.split('.');
    const name = this.#stores.get(storeId.slice(0, STORE)) ?? storeId;
    return epoch === '1' ? name : `${name}.${epoch}`;
  }

  dot([actor, seq]: Dot): string {
    return `${this.actor(actor)}:${seq}`;
  }

  context(context: CausalContext): string {
    const vector = this.#sorted(context.vector, (dot) => dot).map((dot) => this.dot(dot));
    const alone = this.#sorted(context.dots, (dot) => dot).map((dot) => `+${this.dot(dot)}`);
    const ops = context.ops?.length ? [`and ${many(context.ops.length, 'write')} by name`] : [];
    return [...vector, ...alone, ...ops].join(' ') || 'nothing';
  }

  /** `{a:1}`, or `{a:1 | b:1}` for siblings. */
  versions(versions: readonly VersionMetadata[]): string {
    const sorted = this.#sorted(versions, ({ dot }) => dot);
    return braced(sorted.map(({ dot, deleted }) => `${this.dot(dot)}${deleted ? ' deleted' : ''}`));
  }

  /** The same with the values and with what each writer had seen. */
  siblings(siblings: Siblings): string {
    return braced(
      this.#sorted(siblings, ({ dot }) => dot).map((version) => {
        const value = version.deleted ? 'deleted' : quoted(version.value);
        const after = isEmpty(version.context) ? '' : ` after ${this.context(version.context)}`;
        return `${this.dot(version.dot)} ${value}${after}`;
      }),
    );
  }

  /** By the names that are shown: ids are random. */
  #sorted<T>(list: readonly T[], dotOf: (each: T) => Dot): T[] {
    return list.toSorted((a, b) => {
      const [[one, first], [other, second]] = [dotOf(a), dotOf(b)];
      if (one === other) return first - second;
      return this.actor(one) < this.actor(other) ? -1 : 1;
    });
  }

  request(request: ClientRequest): string {
    switch (request.kind) {
      case 'get': {
        const seen = isEmpty(request.session) ? '' : `; this session has seen ${this.context(request.session)}`;
        return `get ${request.key}${request.r > 0 ? `, R = ${request.r}` : ''}${seen}`;
      }
      case 'put':
        return `${this.#put(request)}${request.fastest === '' ? '' : `, fastest is ${this.node(request.fastest)}`}`;
      case 'inspect':
      case 'watch':
        return `${request.kind} ${request.key}`;
      case 'unwatch':
        return 'end the watch';
      case 'join':
      case 'leave':
        return request.kind;
      case 'remove':
        return `remove ${this.node(request.node)}`;
      case 'configure':
        return `from now on N ${request.config.n} R ${request.config.r} W ${request.config.w}`;
      default:
        return request satisfies never;
    }
  }

  reply(reply: ClientReply): string {
    switch (reply.kind) {
      case 'put':
        return this.#outcome(reply.outcome);
      case 'get':
      case 'watch': {
        const { outcome } = reply;
        const context = isEmpty(outcome.context) ? '' : `, context ${this.context(outcome.context)}`;
        const from = reply.kind === 'get' ? `, from ${this.nodes(outcome.replicas)}` : '';
        return `${this.#answer(outcome)}${context}${from}${outcome.quorum === 'under' ? ', UNDER quorum' : ''}`;
      }
      case 'inspect':
        return reply.replicas.map(({ node, versions }) => `${this.node(node)} ${this.versions(versions)}`).join(', ');
      case 'done':
        return 'done';
      case 'failed':
        return `failed: ${reply.error}`;
      default:
        return reply satisfies never;
    }
  }

  write(write: Write): string {
    switch (write.kind) {
      case 'key': {
        if (write.entry === undefined) return `drops ${write.key}`;
        const { versions, hintFor, reapRecord } = write.entry;
        if (reapRecord) {
          const left = versions.length > 0 ? `, and has ${this.versions(versions)}` : '';
          return `reaps ${write.key}, and remembers ${this.versions(reapRecord.versions)}${left}`;
        }
        return `${write.key} ${this.versions(versions)}${hintFor.length > 0 ? `, kept for ${this.nodes(hintFor)}` : ''}`;
      }
      case 'epoch':
        return `epoch ${write.epoch}`;
      case 'history':
        return 'the history';
      case 'alive':
        return 'how long it has run';
      default:
        return write satisfies never;
    }
  }

  event(event: RingEvent): string {
    switch (event.kind) {
      case 'config':
        return `N ${event.n} R ${event.r} W ${event.w} from now on`;
      case 'checkpoint':
        return `${event.folded} events folded, with ${many(event.members.length, 'member')}`;
      case 'found':
        return `a ring of ${event.partitions} partitions, N ${event.n} R ${event.r} W ${event.w}`;
      case 'join':
      case 'leave':
        return `${this.node(event.node)} ${event.kind === 'join' ? 'joins' : 'leaves'}`;
      case 'remove':
        return `${this.node(event.stamp[1])} removes ${this.node(event.node)}`;
      case 'out':
        return `${this.node(event.node)} is out, says ${this.node(event.stamp[1])}`;
      case 'weight':
        return `${this.node(event.node)} has weight ${event.weight}`;
      case 'zone':
        return `${this.node(event.node)} is in ${event.zone}`;
      default:
        return event satisfies never;
    }
  }

  message(message: Message): string {
    switch (message.type) {
      case 'store':
        return this.#store(message);
      case 'stored':
        return message.strict ? 'stored' : 'stored, relaxed';
      case 'refused':
        return 'refused';
      case 'fetch':
        return `what do you have of ${message.key}?`;
      case 'fetched':
        return [
          `have ${this.siblings(message.siblings)}`,
          isEmpty(message.reaped) ? '' : ` and have reaped ${this.context(message.reaped)}`,
          message.settled ? '' : ', but may lack something',
        ].join('');
      case 'pull':
        return `the siblings of ${message.key} from place ${message.from} on?`;
      case 'pulled':
        return `further ${this.siblings(message.siblings)}`;
      case 'forward':
        return `please coordinate${message.retried ? ', another one may have' : ''}: ${this.#put(message)}`;
      case 'accepted':
        return 'I coordinate it';
      case 'forwarded':
        return this.#outcome(message.outcome);
      case 'inspect':
        return `inspect ${message.key}`;
      case 'inspected':
        return `hold ${this.versions(message.versions)}`;
      case 'watch':
        if (message.lease === 0) return `end of the lease on ${message.key}`;
        return `lease on ${message.key} for ${message.lease / 1000} s, seen ${this.context(message.context)}`;
      case 'changed':
        return `changed: ${message.key} ${this.siblings(message.siblings)}`;
      default:
        return this.#upkeep(message);
    }
  }

  #upkeep(message: Exclude<Message, { type: DataType }>): string {
    switch (message.type) {
      case 'status': {
        const extras = message.extras.length;
        return `digest of my history${extras > 0 ? `; I still hold ${many(extras, 'partition')} of others` : ''}`;
      }
      case 'history':
        return `history: ${message.events.map((event) => this.event(event)).join('; ')}`;
      case 'ping':
      case 'pong':
        return message.type;
      case 'probe':
        return `can you reach ${this.node(message.target)}?`;
      case 'probed':
        return `${message.alive ? 'yes, I reach' : 'no, nor do I reach'} ${this.node(message.target)}`;
      case 'absence':
        return `I have not heard of ${this.node(message.node)} for ${Math.round(message.ms / 1000)} s: have you?`;
      case 'absence-vote':
        return `${message.agrees ? 'no, nor have I heard of' : 'yes, I have heard of'} ${this.node(message.node)}`;
      case 'compare':
        return `compare: roots of ${many(message.roots.length, 'partition')}`;
      case 'compared': {
        const differ = message.differ.map(({ partition }) => partition).join(' ');
        return differ === '' ? 'equal' : `differ in partition ${differ}`;
      }
      case 'descend':
        return `partition ${message.partition}, leaves below ${many(message.branches.length, 'branch', 'branches')}?`;
      case 'leaves':
        return `partition ${message.partition}: ${message.leaves.length === 0 ? 'no leaves' : many(message.leaves.length, 'leaf', 'leaves')}`;
      case 'list':
        return `partition ${message.partition}, keys of ${many(message.leaves.length, 'leaf', 'leaves')}?`;
      case 'listed': {
        const keys = message.entries.map(({ key, versions }) => `${key} ${this.versions(versions)}`);
        return `partition ${message.partition}: ${keys.length === 0 ? 'no keys' : keys.join(', ')}`;
      }
      case 'want':
        return `please send ${message.keys.join(' ')}`;
      case 'synced':
        return 'now you lack nothing';
      case 'reap-prepare':
        return `may these be reaped: ${message.keys.map(([key]) => key).join(' ')}?`;
      case 'reap-vote':
        return message.keys.length === 0 ? 'not yet' : `I agree to ${message.keys.join(' ')}`;
      case 'reap-commit':
        return `reap ${message.keys.map(([key]) => key).join(' ')}`;
      default:
        return message satisfies never;
    }
  }

  #store({ key, siblings, hintFor, reason, strict }: MessageOf<'store'>): string {
    const verb = { put: 'store', repair: 'read repair', hint: 'hint', sync: 'you lack' }[reason];
    const hint = hintFor.length > 0 ? `, keep it for ${this.nodes(hintFor)}` : '';
    return `${verb}: ${key} ${this.siblings(siblings)}${hint}${strict ? '' : ', relaxed'}`;
  }

  #put(put: Pick<MessageOf<'forward'>, 'key' | 'value' | 'deleted' | 'context' | 'w'>): string {
    const what = put.deleted ? `delete ${put.key}` : `put ${put.key} = ${quoted(put.value)}`;
    const after = isEmpty(put.context) ? '' : ` after ${this.context(put.context)}`;
    return `${what}${after}${put.w > 0 ? `, W = ${put.w}` : ''}`;
  }

  #answer({ siblings, context }: GetOutcome): string {
    if (siblings.length === 0) return isEmpty(context) ? 'never written' : 'deleted';
    const values = this.#sorted(siblings, ({ dot }) => dot).filter(({ deleted }) => !deleted);
    return values.map(({ value }) => quoted(value)).join(' and ') || 'deleted';
  }

  #outcome(outcome: PutOutcome): string {
    if (!outcome.ok) return `failed: ${outcome.error}, on disk at ${this.nodes(outcome.acks) || 'nobody'}`;
    const hints = outcome.hinted.map((hint) => `, ${this.node(hint.by)} keeps it for ${this.node(hint.for)}`);
    const quorum = outcome.quorum === 'met' ? 'quorum met' : `UNDER quorum of ${outcome.needed}`;
    return `on disk at ${this.nodes(outcome.acks)}${hints.join('')}, ${quorum}, context ${this.context(outcome.context)}`;
  }
}

type DataType =
  | 'store'
  | 'stored'
  | 'refused'
  | 'fetch'
  | 'fetched'
  | 'pull'
  | 'pulled'
  | 'forward'
  | 'accepted'
  | 'forwarded'
  | 'inspect'
  | 'inspected'
  | 'watch'
  | 'changed';

export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

const isEmpty = (context: CausalContext): boolean => contextSize(context) === 0;

const quoted = (value: Uint8Array): string => JSON.stringify(textOf(value));

const braced = (all: readonly string[]): string => (all.length === 0 ? 'nothing' : `{${all.join(' | ')}}`);
