/**
 * Who is known to have what of a partition: what this node may drop, and whether it is settled
 * ([XFER-1]).
 *
 *   covered(peer, p) = revision   the peer has committed all that this node had at that revision
 *   settled(p)                    this node lacks nothing that the others within reach had
 *
 * The invariant: a node drops what it holds of a partition that is not its own only when every primary
 * has committed all of it (a leaver: every primary within reach, and W of them).
 */
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import { partitionsOf } from '../ring/preference.ts';
import type { SlicedWork } from '../slices.ts';

export class HandOff {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #covered = new Map<NodeId, Map<Partition, number>>();
  /** Partitions that are settled, with how often something of them had been lost then. */
  readonly #settled = new Map<Partition, number>();
  /** How many partitions there are; their numbers mean nothing in a ring with another count. */
  #partitions = 0;
  /** From whom this node has learnt all that they had since it last lost something, for those that are not settled. */
  readonly #learnt = new Map<Partition, { readonly losses: number; readonly from: Set<NodeId> }>();
  /** The partition of which keys are being dropped, since it is handed over. */
  #dropping: Partition | undefined;

  constructor(env: Environment, replica: Replica) {
    this.#env = env;
    this.#replica = replica;
  }

  /** Storage was opened: this node may have missed anything. */
  clear(): void {
    this.#covered.clear();
    this.#settled.clear();
    this.#learnt.clear();
    this.#dropping = undefined;
  }

  /** A peer that was gone may come back without what it had. */
  forget(peer: NodeId): void {
    this.#covered.delete(peer);
    this.#dropping = undefined;
  }

  /**
   * The ring has changed: what this node did not own before it may lack; and a peer that lost a partition
   * and has it again may have dropped what it had.
   */
  ringChanged(): void {
    const { partitions } = this.#env.ring;
    if (partitions !== this.#partitions) this.#settled.clear();
    this.#partitions = partitions;
    this.#covered.clear();
    this.#dropping = undefined;
    for (const partition of [...this.#settled.keys()]) if (!this.#env.owns(partition)) this.#settled.delete(partition);
    this.#learnt.clear();
  }

  cover(peer: NodeId, partition: Partition, revision: number): void {
    const covered = this.#covered.get(peer) ?? new Map<Partition, number>();
    this.#covered.set(peer, covered.set(partition, revision));
  }

  learnt(partition: Partition, from: NodeId): void {
    const losses = this.#replica.losses.of(partition);
    if (this.#settled.get(partition) === losses) return;
    const learnt = this.#learnt.get(partition);
    if (learnt?.losses === losses) learnt.from.add(from);
    else this.#learnt.set(partition, { losses, from: new Set([from]) });
  }

  settled(partition: Partition): boolean {
    const losses = this.#replica.losses.of(partition);
    if (this.#settled.get(partition) === losses) return true;
    const { self } = this.#env;
    const others = this.#env.preference(partition).primaries.filter((node) => node !== self);
    const sources = [...others.filter((node) => this.#env.isUsable(node)), ...this.#env.holders(partition)];
    const learnt = this.#learnt.get(partition);
    const isLearnt = learnt?.losses === losses && sources.every((node) => learnt.from.has(node));
    // Who is alone lacks nothing that others had; but what it has lost itself, nobody brings back.
    const isAlone = others.length === 0 && sources.length === 0 && losses === 0;
    if (!isAlone && (sources.length === 0 || !isLearnt)) return false;
    this.#settled.set(partition, losses);
    this.#replica.losses.settled(partition);
    this.#learnt.delete(partition);
    return true;
  }

  /** Partitions of which this node holds plain copies without being a primary. */
  extras(): Partition[] {
    return this.#replica.forest.partitions().filter((partition) => !this.#env.owns(partition));
  }

  /** What to compare with a peer: what both own (the smaller id begins), and what the peer is to take over. */
  toCompare(peer: NodeId): Partition[] {
    const { self, ring } = this.#env;
    return partitionsOf(ring, peer).filter((partition) => {
      if (this.#env.owns(partition)) return self < peer;
      return this.#isUncovered(peer, partition);
    });
  }

  /** Who shares a partition with this node, or is to take one over. */
  partners(): ReadonlySet<NodeId> {
    const { self, ring } = this.#env;
    const partitions = [...partitionsOf(ring, self), ...this.extras()];
    return new Set(partitions.flatMap((partition) => this.#env.preference(partition).primaries));
  }

  #isUncovered(peer: NodeId, partition: Partition): boolean {
    if (this.#replica.forest.root(partition) === '' || this.#dropping === partition) return false;
    return this.#covered.get(peer)?.get(partition) !== this.#replica.revision(partition);
  }

  /** The primaries that still have to take something over. */
  uncovered(): Set<NodeId> {
    const peers = new Set<NodeId>();
    for (const partition of this.extras()) {
      for (const peer of this.#env.preference(partition).primaries) {
        if (this.#isUncovered(peer, partition)) peers.add(peer);
      }
    }
    return peers;
  }

  /** Drops what has been handed over entirely. */
  dropHandedOver(): void {
    const { slices } = this.#env;
    if (this.#replica.isOpen && !slices.isUnderWay('drop')) slices.begin('drop', this.#drop());
  }

  *#drop(): SlicedWork {
    for (const partition of this.extras()) {
      if (!this.#isHandedOver(partition)) continue;
      const keys = this.#replica.forest.allKeys(partition);
      if (keys.some((key) => this.#replica.uncommitted(key) !== undefined)) continue;
      const entries = keys.map((key) => [key, this.#replica.held(key)?.entry] as const);
      this.#dropping = partition;
      for (const [key, entry] of entries) {
        // What has been learnt meanwhile may have changed that, and the key, too: the rest is compared again.
        if (this.#dropping !== partition) break;
        if (this.#replica.held(key)?.entry === entry) this.#replica.drop(key);
        yield;
      }
      if (this.#dropping === partition) this.#env.out.mark('transfer-done');
      this.#dropping = undefined;
    }
  }

  #isHandedOver(partition: Partition): boolean {
    const { ring, leaves } = this.#env;
    const { primaries } = this.#env.preference(partition);
    const missing = primaries.filter((peer) => this.#isUncovered(peer, partition));
    if (!leaves) return primaries.length > 0 && missing.length === 0;
    // A leaver does not wait for the dead: W copies are what an acked write is promised.
    const enough = primaries.length - missing.length >= Math.min(ring.w, primaries.length);
    return primaries.length > 0 && enough && missing.every((peer) => !this.#env.isUsable(peer));
  }
}
