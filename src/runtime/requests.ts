/**
 * Client requests that wait or are under way, as promises by id ([OVR-1]). The invariant: each promise settles exactly
 * once: with its reply, its abort, or the close.
 */

import { ClosedError, OverloadedError, StorageError } from '../api/errors.ts';
import type { ClientReply, ClientRequest } from '../core/requests.ts';
import { Admission, type Load } from './admission.ts';

/** Requests that may be under way at once; an aborted one counts until its reply comes. */
export const requestsMax = 1000;
/** Bytes of theirs: half of what a link holds, so that a burst of large values ends none ([NET-1]). */
export const requestBytesMax = 16_777_216;
/** Bytes of requests that wait, and of updates. */
export const waitingBytesMax = 67_108_864;
/** Watchers of one store: they do not end by themselves, so nobody waits until one does. */
export const watchesMax = 1000;

/** What a request takes beside its key and value: a promise, a listener, entries in tables. */
const overhead = 512;

export const sizeOfRequest = (key: string, value?: Uint8Array): number =>
  overhead + 2 * key.length + (value?.length ?? 0);

interface Pending {
  readonly kind: ClientRequest['kind'];
  readonly since: number;
  /** Undefined: it does not count, and does not wait. */
  readonly bytes: number | undefined;
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
  readonly #admission = new Admission({
    requests: requestsMax,
    bytes: requestBytesMax,
    waitingBytes: waitingBytesMax,
  });
  /** Those who wait for room, by what ends it. */
  readonly #waitingForRoom = new Set<(error: ClosedError) => void>();
  #next = 1;
  #closed: ClosedError | undefined;

  get load(): Load {
    return this.#admission.load;
  }

  /**
   * `send` hands the request to the node under the id given, now or in its turn; it is not called if the request is
   * refused, or ends while it waits.
   */
  ask(request: ClientRequest, now: number, send: (id: number) => void, signal?: AbortSignal): Promise<ClientReply> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed;
      signal?.throwIfAborted();
      const bytes = bytesOf(request);
      if (bytes !== undefined) this.#admission.check(bytes);
      const id = this.#next++;
      let giveUp = (): boolean => false;
      const abort = (): void => {
        if (giveUp()) this.#pending.delete(id);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      const release = (): void => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, {
        kind: request.kind,
        since: now,
        bytes,
        resolve: (reply) => {
          release();
          resolve(reply);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      });
      if (bytes === undefined) send(id);
      else giveUp = this.#admission.enter(bytes, () => send(id));
    });
  }

  /** Resolves when a request would begin at once, in the turn of who asks. ClosedError, the signal's reason. */
  room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed;
      signal.throwIfAborted();
      const end = (error: unknown): void => {
        settle();
        giveUp();
        reject(error);
      };
      const abort = (): void => end(signal.reason);
      const settle = (): void => {
        signal.removeEventListener('abort', abort);
        this.#waitingForRoom.delete(end);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waitingForRoom.add(end);
      let giveUp = (): boolean => false;
      giveUp = this.#admission.room(() => {
        settle();
        resolve();
      });
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
    if (pending.bytes !== undefined) this.#admission.leave(pending.bytes);
    if (reply.kind === 'failed') pending.reject(failure(reply.error));
    else pending.resolve(reply);
    return pending;
  }

  close(error: ClosedError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#admission.close();
    for (const end of [...this.#waitingForRoom]) end(error);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    const watchers = [...this.#watchers.values()];
    this.#watchers.clear();
    for (const watcher of watchers) watcher.closed();
  }
}

/** What a request counts; undefined for those that change the ring, which are few and wait for nothing. */
function bytesOf(request: ClientRequest): number | undefined {
  if (request.kind === 'put') return sizeOfRequest(request.key, request.value);
  return request.kind === 'get' || request.kind === 'inspect' ? sizeOfRequest(request.key) : undefined;
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
