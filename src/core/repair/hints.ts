/**
 * Delivery of hints ([HINT-1]): when an owner is back, and on a scan. The invariant: a hint is deleted
 * only after the owner has committed exactly what the hint holds (S8), or, when it has become old, W others
 * of the key's primaries have (see expiry.ts).
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import { sameVersions, sizeOf, type VersionMetadata } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';
import { Expiry, type Stranded } from './expiry.ts';

interface Delivery {
  readonly key: string;
  readonly owner: NodeId;
  /** What the owner will know once it has stored what was sent. */
  readonly versions: readonly VersionMetadata[];
  readonly sentAt: number;
}

/** Deliveries to one owner under way at once. */
const WINDOW = 16;
const WINDOW_BYTES = 4_194_304;

export class Hints {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #backoff: Backoff;
  readonly #expiry: Expiry;
  readonly #deliveries = new Map<number, Delivery>();
  /** How far the delivery to each owner has come, so that an ack does not begin with the first hint again. */
  readonly #cursors = new Map<NodeId, Iterator<string>>();

  constructor(env: Env, replica: Replica, sender: SiblingSender, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
    this.#backoff = backoff;
    this.#expiry = new Expiry(env, replica, sender, backoff);
  }

  /** Old hints that too few can take over, for the alarm. */
  get stranded(): Stranded {
    return this.#expiry.stranded;
  }

  /** The periodic scan: every owner that can be reached gets what is held for it. */
  scan(): void {
    const { now } = this.#env;
    for (const [id, { sentAt }] of this.#deliveries) {
      if (now - sentAt > this.#env.times.requestTimeout) this.#deliveries.delete(id);
    }
    this.reassign();
    const owners = new Set<NodeId>();
    for (const key of this.#replica.hints()) {
      for (const owner of this.#replica.held(key)?.entry.hintFor ?? []) owners.add(owner);
    }
    for (const owner of owners) this.deliver(owner);
    this.#expiry.scan();
  }

  /** Goes through all hints once; what it passes over because it changes meanwhile is left to the scan. */
  deliver(owner: NodeId): void {
    if (!this.#cursors.has(owner)) this.#cursors.set(owner, this.#replica.hints().values());
    this.#pump(owner);
  }

  #pump(owner: NodeId): void {
    const env = this.#env;
    const cursor = this.#cursors.get(owner);
    if (cursor === undefined || !env.isUsable(owner) || this.#backoff.holds(owner, env.now)) return;
    const underWay = new Set<string>();
    let bytes = 0;
    for (const delivery of this.#deliveries.values()) {
      if (delivery.owner !== owner) continue;
      underWay.add(delivery.key);
      bytes += sizeOf(delivery.versions);
    }
    while (underWay.size < WINDOW && bytes < WINDOW_BYTES) {
      const next = cursor.next();
      if (next.done) {
        this.#cursors.delete(owner);
        return;
      }
      const key = next.value;
      const entry = this.#replica.held(key)?.entry;
      if (!entry?.hintFor.includes(owner) || underWay.has(key)) continue;
      underWay.add(key);
      bytes += sizeOf(entry.versions);
      this.#send(key, owner, entry.versions);
    }
  }

  #send(key: string, owner: NodeId, versions: readonly VersionMetadata[]): void {
    const env = this.#env;
    const id = env.nextId();
    this.#deliveries.set(id, { key, owner, versions, sentAt: env.now });
    const strict = env.options.durability === 'strict';
    const message = { type: 'store', id, key, hintFor: [], reason: 'hint', strict } as const;
    this.#sender.send(key, [{ to: owner, message }]);
  }

  stored(from: NodeId, id: number): void {
    this.#expiry.stored(from, id);
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined || delivery.owner !== from) return;
    this.#deliveries.delete(id);
    const { key, owner, versions } = delivery;
    const entry = this.#replica.held(key)?.entry;
    if (entry?.hintFor.includes(owner)) {
      if (sameVersions(entry.versions, versions)) this.#delivered(key, owner, entry.hintFor);
      // It has grown meanwhile.
      else this.#send(key, owner, entry.versions);
    }
    this.#pump(owner);
  }

  #delivered(key: string, owner: NodeId, owners: readonly NodeId[]): void {
    this.#env.out.mark('hint-delivered');
    const rest = owners.filter((other) => other !== owner);
    if (rest.length > 0) this.#replica.setHintFor(key, rest);
    else this.#replica.drop(key);
  }

  /** The owner's disk does not take it: the rest waits, and begins with the first hint again. */
  refused(from: NodeId, id: number): void {
    this.#expiry.refused(from, id);
    if (this.#deliveries.get(id)?.owner !== from) return;
    this.#deliveries.delete(id);
    this.#cursors.delete(from);
    this.#backoff.refused(from, this.#env.now);
  }

  suspected(node: NodeId): void {
    this.#expiry.suspected(node);
    this.#cursors.delete(node);
    for (const [id, { owner }] of this.#deliveries) if (owner === node) this.#deliveries.delete(id);
  }

  /**
   * After the ring has changed: a hint of a key that this node now owns, or that names a node which is no
   * owner of it any more, is a plain copy from now on, and goes to all owners as plain copies do ([XFER-1]).
   * A coordinator that has not heard of the change may still send such hints, so the scan looks for them too.
   */
  reassign(): void {
    for (const key of [...this.#replica.hints()]) {
      const held = this.#replica.held(key);
      if (held === undefined) continue;
      const { primaries } = this.#env.preference(held.partition);
      if (!this.#isHintFor(held.entry.hintFor, primaries)) this.#replica.setHintFor(key, []);
    }
  }

  #isHintFor(owners: readonly NodeId[], primaries: readonly NodeId[]): boolean {
    const { ring, self } = this.#env;
    if (primaries.includes(self) || !ring.members.has(self)) return false;
    return owners.every((owner) => primaries.includes(owner));
  }
}
