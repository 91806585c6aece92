/**
 * Delivery of hints ([HINT-1]): when an owner is back, and on a scan. The invariant: a hint is deleted
 * only after the owner has committed exactly what the hint holds (S8), or, when it has become old, W others
 * of the key's primaries have (see expiry.ts).
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import type { SlicedWork } from '../slices.ts';
import { sameVersions } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';
import { type SentCopy, WindowedSender } from './windowed-sender.ts';

export class Hints implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: WindowedSender;
  readonly #backoff: Backoff;
  /** How far the delivery to each owner has come, so that an ack does not begin with the first hint again. */
  readonly #cursors = new Map<NodeId, Iterator<string>>();

  constructor(env: Environment, replica: Replica, sender: SiblingSender, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = new WindowedSender(env, replica, sender, { purpose: 'hint', reason: 'hint', window: 16 });
    this.#backoff = backoff;
  }

  /** The periodic scan: every owner that can be used gets what is held for it. */
  scan(): void {
    const { now, times } = this.#env;
    this.#sender.giveUp(({ at }) => now - at > times.requestTimeout);
    if (!this.#env.slices.isUnderWay('hints')) this.reassign();
    for (const owner of this.#replica.hints.owners()) this.deliver(owner);
  }

  /** Goes through the owner's hints once; what it passes over because it changes meanwhile is left to the scan. */
  deliver(owner: NodeId): void {
    if (!this.#env.isUsable(owner)) return;
    if (!this.#cursors.has(owner)) this.#cursors.set(owner, this.#replica.hints.of(owner).values());
    this.#pump(owner);
  }

  #pump(owner: NodeId): void {
    const env = this.#env;
    const cursor = this.#cursors.get(owner);
    if (cursor === undefined || !env.isUsable(owner) || this.#backoff.holds(owner, env.now)) return;
    while (this.#sender.hasRoom(owner)) {
      const next = cursor.next();
      if (next.done) {
        this.#cursors.delete(owner);
        return;
      }
      const key = next.value;
      this.#reassign(key);
      const isFor = this.#replica.held(key)?.entry.hintFor.includes(owner);
      if (isFor && !this.#sender.isUnderWay(key, owner)) this.#sender.send(key, owner, true);
    }
  }

  answered(from: NodeId, answer: Answer): void {
    const copy = this.#sender.end(answer.id, from);
    if (copy === undefined) return;
    if (answer.type === 'stored') this.#stored(copy);
    else this.#refused(from);
  }

  #stored({ key, to: owner, versions }: SentCopy): void {
    this.#reassign(key);
    const entry = this.#replica.held(key)?.entry;
    if (entry?.hintFor.includes(owner)) {
      if (sameVersions(entry.versions, versions)) this.#delivered(key, owner, entry.hintFor);
      // It has grown meanwhile.
      else this.#sender.send(key, owner, true);
    }
    this.#pump(owner);
  }

  #delivered(key: string, owner: NodeId, hintFor: readonly NodeId[]): void {
    this.#env.out.mark('hint-delivered');
    const rest = hintFor.filter((other) => other !== owner);
    if (rest.length > 0) this.#replica.setHintFor(key, rest);
    else this.#replica.drop(key);
  }

  /** The owner's disk does not take it: the rest waits, and begins with the first hint again. */
  #refused(owner: NodeId): void {
    this.#cursors.delete(owner);
    this.#backoff.refused(owner, this.#env.now);
  }

  suspected(peer: NodeId, id: number): void {
    this.#sender.end(id, peer);
  }

  /** A peer that was suspected is given all from the first hint on when it is back. */
  forget(peer: NodeId): void {
    this.#cursors.delete(peer);
  }

  /**
   * After the ring has changed: a hint of a key that this node now owns, or that names a node which is no
   * owner of it any more, is a plain copy from now on, and goes to all owners as plain copies do ([XFER-1]).
   * A coordinator that has not heard of the change may still send such hints, so the scan looks for them too. Each is
   * looked at once more before it is sent, and before it goes.
   */
  reassign(): void {
    this.#env.slices.begin('hints', this.#reassignAll());
  }

  *#reassignAll(): SlicedWork {
    for (const key of this.#replica.hints.keys()) {
      this.#reassign(key);
      yield;
    }
  }

  #reassign(key: string): void {
    const held = this.#replica.held(key);
    if (held === undefined || held.entry.hintFor.length === 0) return;
    const { primaries } = this.#env.preference(held.partition);
    if (!this.#isHintFor(held.entry.hintFor, primaries)) this.#replica.setHintFor(key, []);
  }

  #isHintFor(owners: readonly NodeId[], primaries: readonly NodeId[]): boolean {
    const { ring, self } = this.#env;
    if (primaries.includes(self) || !ring.members.has(self)) return false;
    return owners.every((owner) => primaries.includes(owner));
  }
}
