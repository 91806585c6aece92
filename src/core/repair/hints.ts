/**
 * Delivery of hints ([HINT-1]): when an owner is back, and on a scan. The invariant: a hint is deleted
 * only after the owner has committed exactly what the hint holds (S8).
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import type { States } from '../replica/states.ts';
import { type Clock, sameClocks } from '../version/siblings.ts';

interface Delivery {
  readonly key: string;
  readonly owner: NodeId;
  /** What the owner will know once it has stored what was sent. */
  readonly clocks: readonly Clock[];
  readonly sentAt: number;
}

/** Deliveries to one owner under way at once. */
const WINDOW = 16;

export class Hints {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #states: States;
  readonly #deliveries = new Map<number, Delivery>();

  constructor(env: Env, replica: Replica, states: States) {
    this.#env = env;
    this.#replica = replica;
    this.#states = states;
  }

  /** The periodic scan: every owner that can be reached gets what is held for it. */
  scan(): void {
    const { now, options } = this.#env;
    for (const [id, { sentAt }] of this.#deliveries) {
      if (now - sentAt > options.times.requestTimeout) this.#deliveries.delete(id);
    }
    this.reassign();
    const owners = new Set<NodeId>();
    for (const key of this.#replica.hints()) {
      for (const owner of this.#replica.held(key)?.entry.owners ?? []) owners.add(owner);
    }
    for (const owner of owners) this.deliver(owner);
  }

  deliver(owner: NodeId): void {
    const env = this.#env;
    if (!env.reachable(owner)) return;
    const underWay = new Set<string>();
    for (const delivery of this.#deliveries.values()) if (delivery.owner === owner) underWay.add(delivery.key);
    for (const key of this.#replica.hints()) {
      if (underWay.size >= WINDOW) return;
      const entry = this.#replica.held(key)?.entry;
      if (!entry?.owners.includes(owner) || underWay.has(key)) continue;
      underWay.add(key);
      const id = env.nextId();
      this.#deliveries.set(id, { key, owner, clocks: entry.clocks, sentAt: env.now });
      const strict = env.options.durability === 'strict';
      const message = { type: 'store', id, key, hintFor: [], reason: 'hint', strict } as const;
      this.#states.send(key, [{ to: owner, message, after: undefined }]);
    }
  }

  stored(from: NodeId, id: number): void {
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined || delivery.owner !== from) return;
    this.#deliveries.delete(id);
    const { key, owner, clocks } = delivery;
    const entry = this.#replica.held(key)?.entry;
    if (entry?.owners.includes(owner) && sameClocks(entry.clocks, clocks)) {
      this.#env.out.mark('hint-delivered');
      const rest = entry.owners.filter((other) => other !== owner);
      if (rest.length > 0) this.#replica.setOwners(key, rest);
      else this.#replica.drop(key);
    }
    this.deliver(owner);
  }

  unreachable(node: NodeId): void {
    for (const [id, { owner }] of this.#deliveries) if (owner === node) this.#deliveries.delete(id);
  }

  /**
   * After the ring has changed: a hint of a key that this node now owns, or whose owners have all left,
   * is a plain copy from now on, and goes where plain copies go ([XFER-1]). A coordinator that has not
   * heard of the change may still send such hints, so the scan looks for them too.
   */
  reassign(): void {
    const { ring, self } = this.#env;
    for (const key of [...this.#replica.hints()]) {
      const held = this.#replica.held(key);
      if (held === undefined) continue;
      const { primaries } = this.#env.preference(held.partition);
      const ours = primaries.includes(self) || !ring.members.has(self);
      const owners = ours ? [] : held.entry.owners.filter((owner) => ring.members.has(owner));
      if (owners.length < held.entry.owners.length) this.#replica.setOwners(key, owners);
    }
  }

  bytes(): number {
    let bytes = 0;
    for (const key of this.#replica.hints()) for (const { size } of this.#replica.clocks(key)) bytes += size;
    return bytes;
  }
}
