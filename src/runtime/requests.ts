/**
 * Client requests under way, as promises by id ([OVR-1]). The invariant: each promise settles exactly
 * once: with its reply, its abort, or the close.
 */

import { ClosedError, OverloadedError, StorageError } from '../api/errors.ts';
import type { ClientReply, ClientRequest } from '../core/requests.ts';

/** Requests that may wait for their replies at once; an aborted one counts until its reply comes. */
export const requestsMax = 1000;
/** Watchers of one store. */
export const watchesMax = 1000;

interface Pending {
  readonly kind: ClientRequest['kind'];
  readonly since: number;
  readonly resolve: (reply: ClientReply) => void;
  readonly reject: (error: unknown) => void;
}

export interface Watcher {
  reply(reply: ClientReply): void;
  /** The store was closed. */
  closed(): void;
}

export class Requests {
  readonly #pending = new Map<number, Pending>();
  readonly #watchers = new Map<number, Watcher>();
  #next = 1;
  #closed: ClosedError | undefined;

  /** `send` hands the request to the node under the id given; it is not called if the request is refused. */
  ask(
    kind: ClientRequest['kind'],
    now: number,
    send: (id: number) => void,
    signal?: AbortSignal,
  ): Promise<ClientReply> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed;
      signal?.throwIfAborted();
      if (this.#pending.size >= requestsMax) {
        throw new OverloadedError(`${requestsMax} requests of this store are under way: wait for some of them`);
      }
      const id = this.#next++;
      const abort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const release = (): void => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, {
        kind,
        since: now,
        resolve: (reply) => {
          release();
          resolve(reply);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      });
      send(id);
    });
  }

  watch(watcher: Watcher): number {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#watchers.size >= watchesMax)
      throw new OverloadedError(`${watchesMax} watchers are open: end some of them`);
    const id = this.#next++;
    this.#watchers.set(id, watcher);
    return id;
  }

  /** Whether it was watching. */
  unwatch(id: number): boolean {
    return this.#watchers.delete(id);
  }

  /** Returns what was asked and when, if this reply was waited for. */
  settle(id: number, reply: ClientReply): { readonly kind: ClientRequest['kind']; readonly since: number } | undefined {
    const watcher = this.#watchers.get(id);
    if (watcher !== undefined) {
      watcher.reply(reply);
      return undefined;
    }
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (reply.kind === 'failed') pending.reject(failure(reply.error));
    else pending.resolve(reply);
    return pending;
  }

  close(error: ClosedError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    const watchers = [...this.#watchers.values()];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.closed();
  }
}

export function failure(error: 'storage' | 'closed' | 'history'): StorageError | ClosedError | OverloadedError {
  switch (error) {
    case 'storage':
      return new StorageError('no storage that could take this is open: see the alarms of view()');
    case 'closed':
      return new ClosedError('this node is not in the ring, or is leaving it');
    case 'history':
      return new OverloadedError(
        'the membership history is full: it gets shorter once all members are within reach, so open the tabs that are ' +
          'away, or remove the nodes that are gone for good',
      );
    default:
      return error satisfies never;
  }
}
