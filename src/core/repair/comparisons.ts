/**
 * The side of anti-entropy that is asked ([AE-1]): it answers what it holds, and remembers nothing of the
 * comparison. The invariant: hashes are of what is on disk; keys are listed also while a write is on its way there.
 * Scenarios: sim/scenarios/anti-entropy.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { NodeId, Partition } from '../ids.ts';
import type { MessageOf } from '../message.ts';
import { listingOf } from '../replica/pieces.ts';
import { keysRecentlyReaped, versionsToCompare } from '../replica/recently-reaped.ts';
import type { Replica } from '../replica/replica.ts';
import { mustBeStrict, type SiblingSender, storeOf } from '../replica/sibling-sender.ts';
import type { HandOff } from './hand-off.ts';

export class Comparisons {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #handOff: HandOff;
  /** Copies sent because they were asked for. */
  sent = 0;

  constructor(env: Environment, replica: Replica, sender: SiblingSender, handOff: HandOff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
    this.#handOff = handOff;
  }

  receive(from: NodeId, message: MessageOf<'compare' | 'descend' | 'list' | 'want' | 'synced'>): void {
    switch (message.type) {
      case 'compare':
        return this.#compare(from, message);
      case 'descend':
        return this.#descend(from, message);
      case 'list':
        return this.#list(from, message);
      case 'want':
        return this.#want(from, message);
      case 'synced':
        // The peer has found that this node lacks nothing that the peer has.
        for (const partition of message.partitions) this.#handOff.learnt(partition, from);
        return;
      default:
        message satisfies never;
    }
  }

  #compare(from: NodeId, { id, roots, strict }: MessageOf<'compare'>): void {
    const { forest } = this.#replica;
    const differ: { partition: Partition; branches: readonly string[] }[] = [];
    const foreign: Partition[] = [];
    for (const [partition, root] of roots) {
      if (!this.#env.owns(partition) || !this.#replica.isOpen) foreign.push(partition);
      else if (root === forest.root(partition)) this.#handOff.learnt(partition, from);
      else differ.push({ partition, branches: forest.branches(partition) });
    }
    const isRelaxed = roots.some(([partition]) => this.#env.owns(partition) && !this.#replica.isDurable(partition));
    const write = strict && isRelaxed ? this.#replica.flush() : undefined;
    this.#env.out.send(from, { type: 'compared', id, differ, foreign }, write);
  }

  #descend(from: NodeId, { id, partition, branches }: MessageOf<'descend'>): void {
    const leaves = this.#replica.forest.leaves(partition, branches);
    this.#env.out.send(from, { type: 'leaves', id, partition, leaves });
  }

  #list(from: NodeId, { id, partition, leaves, after, strict }: MessageOf<'list'>): void {
    const fresh = [...this.#replica.underWay(), ...keysRecentlyReaped(this.#env, this.#replica, partition)].filter(
      (key) => {
        const held = this.#replica.held(key);
        return held?.partition === partition && leaves.includes(held.leaf) && held.entry.hintFor.length === 0;
      },
    );
    const keys = new Set([...fresh, ...leaves.flatMap((leaf) => this.#replica.forest.keys(partition, leaf))]);
    const isDurable = this.#replica.isDurable(partition);
    const all = [...keys].filter((key) => key > after).sort(byText);
    const listed = all.map((key) => {
      const stored = this.#replica.uncommitted(key) === undefined && (isDurable || !strict);
      return { key, versions: versionsToCompare(this.#env, this.#replica, key), stored };
    });
    const entries = listingOf(listed, this.#env.limits.stateBytes);
    this.#env.out.send(from, { type: 'listed', id, partition, entries, more: entries.length < listed.length });
  }

  #want(from: NodeId, { keys }: MessageOf<'want'>): void {
    const { options, calls, out } = this.#env;
    for (const key of keys) {
      const compose = storeOf({ id: calls.nextId(), key, reason: 'sync', strict: mustBeStrict(options) });
      this.#sender.send(key, [{ to: from, compose }]);
      out.mark('sync-push');
      this.sent += 1;
    }
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
