/**
 * Who owns which partition ([RING-2], [RING-4]): partitions move one at a time, from the node with the
 * largest surplus over its weighted share to the one with the largest deficit. Of all the moves that
 * would do, the one that keeps a node's partitions at least N apart is taken, so that N consecutive
 * owners are distinct nodes; ties go by hash. The invariant: the same claims in the same order give the
 * same table anywhere, and no partition moves that need not.
 * Scenarios: src/core/ring/fold.test.ts.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { assert } from '../assert.ts';
import type { NodeId, Partition } from '../ids.ts';

/** Shares are quotients, so surpluses that are equal may differ in their last bits. */
const epsilon = 1e-9;

interface Claimant {
  readonly node: NodeId;
  readonly seed: number;
  weight: number;
  owned: number;
  /** Partitions above the weighted share, negative below it. */
  surplus: number;
}

interface Move {
  readonly partition: Partition;
  readonly to: Claimant;
  /** Distance to the nearest other partition of the receiver, N for any that is far enough. */
  readonly distance: number;
  /** Partitions of the giver nearer than N: it is glad to be rid of this one. */
  readonly crowd: number;
  readonly tie: number;
}

export class Claim {
  readonly #n: number;
  readonly #owners: (Claimant | undefined)[];
  readonly #claimants = new Map<NodeId, Claimant>();

  constructor(partitions: number, n: number) {
    this.#n = n;
    this.#owners = new Array(partitions).fill(undefined);
  }

  /** As it was when these members, in the order in which they came, had these owners by place. */
  static restore(n: number, members: readonly { node: NodeId; weight: number }[], owners: readonly number[]): Claim {
    const claim = new Claim(owners.length, n);
    for (const { node, weight } of members) {
      claim.#claimants.set(node, { node, seed: seedOf(node), weight, owned: 0, surplus: 0 });
    }
    owners.forEach((place, partition) => {
      const owner = claim.#claimants.get(members[place]?.node ?? '');
      claim.#owners[partition] = owner;
      if (owner) owner.owned += 1;
    });
    return claim;
  }

  /** Another claim that has come to the same, and goes on by itself. */
  copy(): Claim {
    const copy = new Claim(this.#owners.length, this.#n);
    for (const [node, claimant] of this.#claimants) copy.#claimants.set(node, { ...claimant });
    this.#owners.forEach((owner, partition) => {
      copy.#owners[partition] = owner && copy.#claimants.get(owner.node);
    });
    return copy;
  }

  /** The owner of each partition; '' for all while nobody is there. */
  owners(): NodeId[] {
    return this.#owners.map((owner) => owner?.node ?? '');
  }

  /** A new node takes its share; a known one's grows or shrinks. */
  weigh(node: NodeId, weight: number): void {
    const known = this.#claimants.get(node);
    if (known) known.weight = weight;
    else this.#claimants.set(node, { node, seed: seedOf(node), weight, owned: 0, surplus: 0 });
    this.#settle((most, least) => most - least > 1 + epsilon);
  }

  /**
   * The node's partitions go to the others. Nothing else moves, unless very unequal weights would
   * leave someone more than one partition off its share.
   */
  drop(node: NodeId): void {
    this.#claimants.delete(node);
    const orphans = [...this.#owners.keys()].filter((partition) => this.#owners[partition]?.node === node);
    for (const partition of orphans) this.#owners[partition] = undefined;
    if (this.#claimants.size === 0) return;
    this.#settle((most, least) => most > 1 + epsilon || least < -1 - epsilon);
    this.#untangle(orphans);
  }

  #settle(unfair: (most: number, least: number) => boolean): void {
    const claimants = [...this.#claimants.values()];
    const weights = claimants.reduce((sum, { weight }) => sum + weight, 0);
    for (const claimant of claimants) {
      claimant.surplus = claimant.owned - (this.#owners.length * claimant.weight) / weights;
    }
    let free = this.#owners.filter((owner) => owner === undefined).length;
    for (;;) {
      const most = claimants.reduce((max, { surplus }) => Math.max(max, surplus), Number.NEGATIVE_INFINITY);
      const least = claimants.reduce((min, { surplus }) => Math.min(min, surplus), Number.POSITIVE_INFINITY);
      if (free === 0 && !unfair(most, least)) return;
      const receivers = claimants.filter(({ surplus }) => surplus <= least + epsilon);
      const move = this.#bestMove(free > 0 ? undefined : most - epsilon, receivers);
      this.#give(move.partition, move.to);
      if (free > 0) free--;
    }
  }

  /** From the unowned partitions, or from those whose owner has at least such a surplus. */
  #bestMove(surplus: number | undefined, receivers: readonly Claimant[]): Move {
    let best: Move | undefined;
    // This loop is most of the time of a fold: it makes no object for a move that is not the best so far.
    for (let partition = 0; partition < this.#owners.length; partition++) {
      const giver = this.#owners[partition];
      if (surplus === undefined ? giver !== undefined : giver === undefined || giver.surplus < surplus) continue;
      const crowd = giver === undefined ? 0 : this.#crowd(partition, giver);
      for (const to of receivers) {
        const distance = this.#distance(partition, to);
        if (best && (distance < best.distance || (distance === best.distance && crowd < best.crowd))) continue;
        const tie = mix(to.seed, partition);
        if (best && distance === best.distance && crowd === best.crowd && tie >= best.tie) continue;
        best = { partition, to, distance, crowd, tie };
      }
    }
    assert(best !== undefined, 'a share that is not met can be met');
    return best;
  }

  /**
   * Orphans were handed out by need first, so the last of them may have come too near their new owner's
   * others. Such a one goes to a node that has one less, or changes places with another orphan.
   */
  #untangle(orphans: readonly Partition[]): void {
    // Each step puts one orphan right and none wrong, so there are at most as many steps as orphans.
    while (orphans.some((partition) => this.#isTangled(partition) && this.#putRight(partition, orphans)));
  }

  #putRight(partition: Partition, orphans: readonly Partition[]): boolean {
    const owner = this.#ownerOf(partition);
    const heirs = [...this.#claimants.values()]
      .filter((other) => other.surplus <= owner.surplus - 1 + epsilon && this.#isFar(partition, other))
      .sort((a, b) => mix(a.seed, partition) - mix(b.seed, partition));
    const [heir] = heirs;
    if (heir) {
      this.#give(partition, heir);
      return true;
    }
    return orphans.some((other) => {
      const partner = this.#ownerOf(other);
      if (partner === owner) return false;
      this.#give(partition, partner);
      this.#give(other, owner);
      if (!this.#isTangled(partition) && !this.#isTangled(other)) return true;
      this.#give(partition, owner);
      this.#give(other, partner);
      return false;
    });
  }

  #give(partition: Partition, to: Claimant): void {
    const giver = this.#owners[partition];
    if (giver) {
      giver.owned--;
      giver.surplus--;
    }
    to.owned++;
    to.surplus++;
    this.#owners[partition] = to;
  }

  #ownerOf(partition: Partition): Claimant {
    const owner = this.#owners[partition];
    assert(owner !== undefined, 'every partition has an owner while there are members');
    return owner;
  }

  #isTangled(partition: Partition): boolean {
    return !this.#isFar(partition, this.#ownerOf(partition));
  }

  #isFar(partition: Partition, claimant: Claimant): boolean {
    return this.#distance(partition, claimant) >= this.#n;
  }

  #distance(partition: Partition, claimant: Claimant): number {
    for (let d = 1; d < this.#n && d < this.#owners.length; d++) {
      if (this.#at(partition + d) === claimant || this.#at(partition - d) === claimant) return d;
    }
    return this.#n;
  }

  #crowd(partition: Partition, claimant: Claimant): number {
    let crowd = 0;
    for (let d = 1; d < this.#n && d < this.#owners.length; d++) {
      if (this.#at(partition + d) === claimant) crowd++;
      if (this.#at(partition - d) === claimant) crowd++;
    }
    return crowd;
  }

  #at(index: number): Claimant | undefined {
    const partitions = this.#owners.length;
    return this.#owners[index < 0 ? index + partitions : index < partitions ? index : index - partitions];
  }
}

function seedOf(node: NodeId): number {
  const [a = 0, b = 0, c = 0, d = 0] = md5(utf8ToBytes(node));
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** A 32-bit hash of (node, partition): the finalizer of MurmurHash3. */
function mix(seed: number, partition: Partition): number {
  let h = seed ^ Math.imul(partition + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
