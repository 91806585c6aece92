/**
 * The replica's side of requests: stores, fetches, inspections, watches. The invariants: `stored` leaves
 * only when the write, and every earlier one of that key, is complete ([PUT-3]); if the disk refuses that
 * write, `refused` does ([STO-2]).
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { Message, MessageOf } from '../message.ts';
import type { Entry } from '../storage.ts';
import { covers, joinContexts, sameDot } from '../version/context.ts';
import type { Siblings } from '../version/siblings.ts';
import { contextOf, lacks, sameVersions, sizeOf } from '../version/siblings.ts';
import { metadataPieceOf } from './pieces.ts';
import { recentlyReaped } from './recently-reaped.ts';
import type { Replica } from './replica.ts';
import type { Compose, Piece, SiblingSender } from './sibling-sender.ts';
import { Watchers } from './watchers.ts';

type ReplicaRequest = MessageOf<'store' | 'fetch' | 'inspect' | 'watch'>;

/** What a hint takes on disk beside its values, roughly. */
const hintOverhead = 256;

export class ReplicaAnswers {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #isSettled: (partition: Partition) => boolean;
  readonly #watchers = new Watchers();
  /** Whose stores each write under way is to complete. */
  readonly #waiting = new Map<number, { readonly to: NodeId; readonly id: number }[]>();

  /** `isSettled`: whether this node lacks nothing of a partition ([XFER-1]). */
  constructor(env: Environment, replica: Replica, sender: SiblingSender, isSettled: (partition: Partition) => boolean) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
    this.#isSettled = isSettled;
  }

  receive(from: NodeId, message: ReplicaRequest): void {
    switch (message.type) {
      case 'store':
        return this.#store(from, message);
      case 'fetch':
        return this.#fetch(from, message);
      case 'inspect':
        return this.#inspect(from, message);
      case 'watch':
        return this.#watch(from, message);
      default:
        message satisfies never;
    }
  }

  #store(from: NodeId, message: MessageOf<'store'>): void {
    const { id, key, siblings, hintFor, reason, strict } = message;
    const { out } = this.#env;
    if (!this.#replica.isOpen) {
      out.send(from, { type: 'refused', id });
      return;
    }
    // An owner that is asked to hold a hint (the asker's ring is behind) holds its own copy instead.
    const mine = this.#env.owns(this.#replica.place(key).partition);
    const before = this.#replica.held(key)?.entry;
    // Another primary that has agreed to reap it, and has not been told yet to do so.
    const reaped = reason === 'sync' ? recentlyReaped(this.#env, this.#replica, key) : undefined;
    if (reaped && sameVersions(reaped, siblings)) {
      out.send(from, { type: 'stored', id, strict }, this.#replica.committing(key, strict));
      return;
    }
    if (hintFor.length > 0 && !mine && !this.#hasRoom(before, siblings)) {
      out.mark('hint-refused');
      out.send(from, { type: 'refused', id });
      return;
    }
    const confirm = reason === 'hint' || reason === 'sync';
    const write = this.#replica.store(key, siblings, mine ? [] : hintFor, strict, confirm);
    const isNews = this.#replica.held(key)?.entry !== before;
    if (hintFor.length > 0 && !mine) out.mark('hint-stored');
    out.send(from, { type: 'stored', id, strict }, write);
    if (write !== undefined) this.#await(write, from, id);
    if (isNews) this.notify(key);
  }

  /** What is held for others is bounded ([HINT-1]). A put's own coordinator does not come this way. */
  #hasRoom(before: Entry | undefined, siblings: Siblings): boolean {
    if (before?.hintFor.length === 0) return true;
    const news = lacks(before?.versions ?? [], siblings);
    if (news.length === 0) return true;
    const entries = (this.#replica.hints.size + 1) * hintOverhead;
    return this.#replica.hints.bytes + sizeOf(news) + entries <= this.#env.options.hintBytes;
  }

  #await(write: number, to: NodeId, id: number): void {
    const waiting = this.#waiting.get(write);
    if (waiting) waiting.push({ to, id });
    else this.#waiting.set(write, [{ to, id }]);
  }

  /** A write has ended: the driver lets `stored` go, or there is none. */
  ended(write: number, complete: boolean): void {
    const waiting = this.#waiting.get(write) ?? [];
    this.#waiting.delete(write);
    if (complete) return;
    for (const { to, id } of waiting) this.#env.out.send(to, { type: 'refused', id });
  }

  #fetch(from: NodeId, { id, key }: MessageOf<'fetch'>): void {
    const refusal: Message = { type: 'refused', id };
    if (!this.#replica.isOpen) this.#env.out.send(from, refusal);
    else this.#sender.send(key, [{ to: from, compose: (piece) => this.#fetched(id, key, piece), refusal }]);
  }

  /** All that it says is of the moment when it leaves: a key may change while its values are read. */
  #fetched(id: number, key: string, piece: Piece): Message {
    const { partition } = this.#replica.place(key);
    const settled = this.#isSettled(partition);
    // Who has lost all of it cannot say that there is nothing, until it has heard from the others ([XFER-1]).
    const isLost = piece.siblings.length === 0 && this.#replica.losses.has(key, partition);
    if (isLost && !settled) return { type: 'refused', id };
    return { type: 'fetched', id, ...piece, settled, reaped: this.#replica.reaped(key) };
  }

  #inspect(from: NodeId, message: MessageOf<'inspect'>): void {
    const { id, key } = message;
    if (!this.#replica.isOpen) this.#env.out.send(from, { type: 'refused', id });
    else {
      const versions = metadataPieceOf(this.#replica.versions(key), this.#env.limits.stateBytes);
      this.#env.out.send(from, { type: 'inspected', id, versions });
    }
  }

  #watch(from: NodeId, message: MessageOf<'watch'>): void {
    const { key, context, shown, lease } = message;
    this.#watchers.lease(key, from, this.#env.now + lease, this.#env.now);
    const versions = this.#replica.versions(key);
    const gone = joinContexts(contextOf(versions), this.#replica.reaped(key));
    const news =
      versions.some(({ dot }) => !covers(context, dot)) ||
      shown.some((dot) => covers(gone, dot) && !versions.some((held) => sameDot(held.dot, dot)));
    if (lease > 0 && news) this.#tell(key, [from]);
  }

  /** Time has passed: leases that are over are forgotten. */
  sweep(): void {
    this.#env.slices.begin('leases', this.#watchers.sweep(this.#env.now));
  }

  /** Tells the watchers of a key that it has changed. */
  notify(key: string): void {
    this.#tell(key, this.#watchers.of(key, this.#env.now));
  }

  #tell(key: string, watchers: readonly NodeId[]): void {
    const compose: Compose = (piece) => ({ type: 'changed', key, ...piece, reaped: this.#replica.reaped(key) });
    this.#sender.send(
      key,
      watchers.map((to) => ({ to, compose })),
    );
  }
}
