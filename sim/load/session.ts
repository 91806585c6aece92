/**
 * A store object of one tab, from its opening to the end of the tab: what it has seen, and its
 * requests as the public store makes them. Invariant: an operation that the tab did not live to see
 * answered is `unknown`: it may have been applied.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { PutError } from '../../src/core/message.ts';
import type { ClientReply, GetOutcome } from '../../src/core/requests.ts';
import type { Host } from '../world/host.ts';
import {
  nothingTracked,
  type ReadOperation,
  type TrackedContext,
  type WriteOperation,
} from '../world/operation-log.ts';
import { joinContexts } from '../world/oracle.ts';
import { bytesOf } from '../world/text.ts';
import type { World } from '../world/world.ts';

/** Errors that say that nothing was written. */
const definite: ReadonlySet<PutError> = new Set<PutError>(['siblings', 'busy', 'closed']);

interface WriteOptions {
  readonly token?: TrackedContext;
  readonly w?: number;
  readonly fastest?: NodeId;
}

export class ClientSession {
  readonly host: Host;
  readonly number: number;
  /** The last context got for each key, from a get or a receipt. */
  readonly tokens = new Map<string, TrackedContext>();
  /** Keys in an update: those of one key are done one after the other. */
  readonly busy = new Set<string>();
  readonly #world: World;
  readonly #pending = new Set<ReadOperation | WriteOperation>();
  readonly #seen = new Map<string, TrackedContext>();

  constructor(world: World, host: Host) {
    this.#world = world;
    this.host = host;
    this.number = world.log.newSession();
  }

  get pending(): ReadonlySet<ReadOperation | WriteOperation> {
    return this.#pending;
  }

  get(key: string, r: number, then?: (outcome: GetOutcome, token: TrackedContext) => void): void {
    const seen = this.#seen.get(key) ?? nothingTracked;
    const about = { key, node: this.host.id, session: this.number, invokedAt: this.#world.now, r, seen };
    const read = this.#world.log.beginRead(about);
    this.#pending.add(read);
    this.#world.ask(this.host, { kind: 'get', key, r, session: seen.context }, (reply) => {
      this.#pending.delete(read);
      read.status = reply.kind === 'get' ? 'ok' : 'unknown';
      if (reply.kind === 'get' && reply.outcome.isPart) {
        // As the public API says it: an error, with values that nobody reads here.
        read.status = 'unknown';
        this.#world.mark('read in part');
      } else if (reply.kind === 'get') {
        const { context, siblings } = reply.outcome;
        const token = { context, past: this.#world.log.pastOf(key, siblings, context) };
        this.#saw(key, token);
        this.#world.tell((observer) => observer.answered?.(read, reply));
        then?.(reply.outcome, token);
      } else this.#world.tell((observer) => observer.answered?.(read, reply));
    });
  }

  put(key: string, value: (index: number) => string, options: WriteOptions, then?: () => void): WriteOperation {
    return this.#write('put', key, value, options, then);
  }

  delete(key: string, options: WriteOptions): void {
    this.#write('delete', key, () => '', options);
  }

  /** The tab is gone. */
  end(): void {
    for (const operation of this.#pending) operation.status = 'unknown';
    this.#pending.clear();
  }

  #write(
    kind: 'put' | 'delete',
    key: string,
    value: (index: number) => string,
    { token = nothingTracked, w = 0, fastest = '' }: WriteOptions,
    then?: () => void,
  ): WriteOperation {
    const { log, now } = this.#world;
    const about = { kind, key, node: this.host.id, session: this.number, invokedAt: now, w, token };
    const write = log.beginWrite(about, value, this.host.clock.wall);
    this.#pending.add(write);
    const { context } = token;
    const { time } = write;
    const request = { kind: 'put', key, value: bytesOf(write.value), deleted: kind === 'delete' } as const;
    this.#world.ask(this.host, { ...request, context, fastest, w, time }, (reply) => {
      this.#pending.delete(write);
      this.#ended(write, reply);
      this.#world.tell((observer) => observer.answered?.(write, reply));
      then?.();
    });
    return write;
  }

  #ended(write: WriteOperation, reply: ClientReply): void {
    if (reply.kind !== 'put' || !reply.outcome.ok) {
      const isDefinite = reply.kind === 'put' && !reply.outcome.ok && definite.has(reply.outcome.error);
      write.status = isDefinite ? 'failed' : 'unknown';
      return;
    }
    const { context } = reply.outcome;
    write.status = 'ok';
    write.receipt = reply.outcome;
    this.#saw(write.key, { context, past: new Set([...write.token.past, write.index]) });
  }

  #saw(key: string, token: TrackedContext): void {
    this.tokens.set(key, token);
    const seen = this.#seen.get(key) ?? nothingTracked;
    this.#seen.set(key, {
      context: joinContexts(seen.context, token.context),
      past: new Set([...seen.past, ...token.past]),
    });
  }
}
