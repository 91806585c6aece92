/**
 * The replica's side of requests: stores, fetches, inspections, watches. The invariants: `stored` leaves
 * only when the write, and every earlier one of that key, is complete ([PUT-3]); if the disk refuses that
 * write, `refused` does ([STO-2]).
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { MessageOf, State } from '../message.ts';
import type { Entry } from '../storage.ts';
import { joinSeen, sameDot, sees } from '../version/seen.ts';
import { lacks, sameClocks, seenBy, sizeOf } from '../version/siblings.ts';
import { covers } from '../version/vector.ts';
import { beingBuried } from './burying.ts';
import type { Replica } from './replica.ts';
import type { States } from './states.ts';
import { Watchers } from './watchers.ts';

/** What a hint takes on disk beside its values, roughly. */
const hintOverhead = 256;

export class Serve {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #states: States;
  readonly #watchers = new Watchers();
  /** Whose stores each write under way is to complete. */
  readonly #waiting = new Map<number, { readonly to: NodeId; readonly id: number }[]>();

  constructor(env: Env, replica: Replica, states: States) {
    this.#env = env;
    this.#replica = replica;
    this.#states = states;
  }

  store(from: NodeId, message: MessageOf<'store'>): void {
    const { id, key, state, hintFor, reason, strict } = message;
    const { out, self } = this.#env;
    if (!this.#replica.isOpen) {
      out.send(from, { type: 'refused', id });
      return;
    }
    // An owner that is asked to hold a hint (the asker's ring is behind) holds its own copy instead.
    const { partition } = this.#replica.place(key);
    const mine = this.#env.preference(partition).primaries.includes(self);
    const before = this.#replica.held(key)?.entry;
    // Another primary that has agreed to bury it, and has not been told yet to do so.
    const buried = reason === 'sync' ? beingBuried(this.#env, before) : undefined;
    if (buried && sameClocks(buried, state)) {
      out.send(from, { type: 'stored', id, strict }, this.#replica.uncommitted(key));
      return;
    }
    if (hintFor.length > 0 && !mine && !this.#hasRoom(before, state)) {
      out.mark('hint-refused');
      out.send(from, { type: 'refused', id });
      return;
    }
    const confirm = reason === 'hint' || reason === 'sync';
    let write = this.#replica.store(key, state, mine ? [] : hintFor, strict, confirm);
    // A strict ack of a put is for a strict commit, also where its state came by another way before.
    const isNews = this.#replica.held(key)?.entry !== before;
    if (strict && !isNews && reason === 'put') write = this.#replica.storeStrictly(key);
    if (hintFor.length > 0 && !mine) out.mark('hint-stored');
    out.send(from, { type: 'stored', id, strict }, write);
    if (write !== undefined) this.#await(write, from, id);
    if (isNews) this.notify(key);
  }

  /** What is held for others is bounded ([HINT-1]). A put's own coordinator does not come this way. */
  #hasRoom(before: Entry | undefined, state: State): boolean {
    if (before?.owners.length === 0) return true;
    const news = lacks(before?.clocks ?? [], state);
    if (news.length === 0) return true;
    const entries = (this.#replica.hints().size + 1) * hintOverhead;
    return this.#replica.hintBytes + sizeOf(news) + entries <= this.#env.options.hintBytes;
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

  fetch(from: NodeId, message: MessageOf<'fetch'>, settled: boolean): void {
    const { id, key } = message;
    if (!this.#replica.isOpen) this.#env.out.send(from, { type: 'refused', id });
    else {
      const message = { type: 'fetched', id, settled, reaped: this.#replica.reaped(key) } as const;
      this.#states.send(key, [{ to: from, message }]);
    }
  }

  inspect(from: NodeId, message: MessageOf<'inspect'>): void {
    this.#env.out.send(from, { type: 'inspected', id: message.id, clocks: this.#replica.clocks(message.key) });
  }

  watch(from: NodeId, message: MessageOf<'watch'>): void {
    const { key, seen, shown, lease } = message;
    this.#watchers.lease(key, from, this.#env.now + lease, this.#env.now);
    const clocks = this.#replica.clocks(key);
    const gone = joinSeen(seenBy(clocks), this.#replica.reaped(key));
    const news =
      clocks.some(({ dot }) => !covers(seen, dot)) ||
      shown.some((dot) => sees(gone, dot) && !clocks.some((held) => sameDot(held.dot, dot)));
    if (lease > 0 && news) this.#tell(key, [from]);
  }

  /** Time has passed: leases that are over are forgotten. */
  sweep(): void {
    this.#watchers.sweep(this.#env.now);
  }

  /** Tells the watchers of a key that its state has changed. */
  notify(key: string): void {
    this.#tell(key, this.#watchers.of(key, this.#env.now));
  }

  #tell(key: string, watchers: readonly NodeId[]): void {
    const message = { type: 'changed', key, reaped: this.#replica.reaped(key) } as const;
    const parcels = watchers.map((to) => ({ to, message }));
    this.#states.send(key, parcels);
  }
}
