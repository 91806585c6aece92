/**
 * What every part of a node shares: who it is, the time of this step, the ring, who can be used, and where effects
 * go. The invariant: a part knows other parts by its constructor only; what all need of some is asked here.
 */
import { Calls } from './calls.ts';
import type { NodeOptions, Times } from './config.ts';
import type { NodeId, Partition } from './ids.ts';
import { type Limits, limits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { Random } from './random.ts';
import type { Ring } from './ring/fold.ts';
import type { Preference } from './ring/preference.ts';
import { Slices } from './slices.ts';
import { Timers } from './timers.ts';

/** The parts that are asked, by what is asked of them. */
export interface Sources {
  readonly membership: {
    readonly ring: Ring;
    preference(partition: Partition): Preference;
    mayHold(node: NodeId, partition: Partition): boolean;
    readonly holdings: { isClear(node: NodeId, partition: Partition, after: number): boolean };
  };
  readonly detector: {
    usable(node: NodeId): boolean;
    roundTrip(node: NodeId): number | undefined;
    linked(): readonly NodeId[];
  };
  readonly replica: {
    readonly isOpen: boolean;
    place(key: string): { readonly partition: Partition };
    readonly forest: { root(partition: Partition): string };
    readonly hints: { partitions(): readonly Partition[] };
  };
  readonly uptime: { at(now: number): number };
}

export class Environment {
  readonly options: NodeOptions;
  readonly self: NodeId;
  readonly limits: Limits;
  readonly out: Outbox;
  readonly timers = new Timers();
  readonly slices = new Slices(this);
  readonly random: Random;
  readonly calls: Calls;
  /** Time of the step that is running. */
  now = Number.NEGATIVE_INFINITY;
  /** Those that are in the room and no link reaches, as the introducer says. */
  unlinked: readonly NodeId[] = [];
  /** Whether this node is to leave: then it does not wait for the dead to hand over what it holds ([XFER-1]). */
  leaves = false;
  readonly #sources: Sources;
  #times: { readonly of: Ring | undefined; readonly times: Times };

  constructor(options: NodeOptions, sources: Sources) {
    this.options = options;
    this.self = options.self;
    this.limits = { ...limits, ...options.limits };
    this.out = new Outbox(options.self);
    this.random = new Random(options.seed);
    this.calls = new Calls(this.random);
    this.#sources = sources;
    this.#times = { of: undefined, times: options.times };
  }

  get ring(): Ring {
    return this.#sources.membership.ring;
  }

  /** The times that hold now: the ring's, where it has said any ([CFG-1]), else the node's own. */
  get times(): Times {
    const { ring } = this;
    if (this.#times.of !== ring) this.#times = { of: ring, times: { ...this.options.times, ...ring.config?.times } };
    return this.#times.times;
  }

  /** Milliseconds that this node has run, over all its runs. */
  get uptime(): number {
    return this.#sources.uptime.at(this.now);
  }

  /**
   * N, or as many as the room has nodes at all: members, and those that are there and no link reaches. So an island of
   * one does not call a single copy enough ([PUT-4]).
   */
  get copies(): number {
    const { members, n } = this.ring;
    if (members.size >= n) return n;
    return Math.max(1, Math.min(n, new Set([...members.keys(), ...this.unlinked]).size));
  }

  preference(partition: Partition): Preference {
    return this.#sources.membership.preference(partition);
  }

  preferenceOf(key: string): Preference {
    return this.preference(this.#partitionOf(key));
  }

  #partitionOf(key: string): Partition {
    return this.#sources.replica.place(key).partition;
  }

  /** Whether this node is a primary of the partition. */
  owns(partition: Partition): boolean {
    return this.preference(partition).primaries.includes(this.self);
  }

  /** Whether a request sent now will likely be answered; for the node itself: whether its storage is open. */
  isUsable(node: NodeId): boolean {
    const { replica, detector } = this.#sources;
    return node === this.self ? replica.isOpen : detector.usable(node);
  }

  /** Smoothed round trip in ms; 0 for the node itself, Infinity if not measured. */
  roundTrip(node: NodeId): number {
    return node === this.self ? 0 : (this.#sources.detector.roundTrip(node) ?? Number.POSITIVE_INFINITY);
  }

  /** Usable nodes that are no primaries of the partition but may hold data of it ([XFER-1]). */
  holders(partition: Partition): readonly NodeId[] {
    const { primaries } = this.preference(partition);
    return [this.self, ...this.#sources.detector.linked()].filter(
      (node) => !primaries.includes(node) && this.isUsable(node) && this.#mayHold(node, partition),
    );
  }

  /** The partitions of which this node holds hints. */
  hintPartitions(): readonly Partition[] {
    return this.#sources.replica.hints.partitions();
  }

  /** The other members, also those that are out, that have not said after that uptime that they hold nothing of the partition but as owners. */
  notClear(partition: Partition, after: number): NodeId[] {
    const { holdings } = this.#sources.membership;
    return [...this.ring.members.keys(), ...this.ring.out].filter((node) => {
      return node !== this.self && !holdings.isClear(node, partition, after);
    });
  }

  /** Peers with a link, whatever is thought of them. */
  linked(): readonly NodeId[] {
    return this.#sources.detector.linked();
  }

  holdersOf(key: string): readonly NodeId[] {
    return this.holders(this.#partitionOf(key));
  }

  #mayHold(node: NodeId, partition: Partition): boolean {
    const { membership, replica } = this.#sources;
    return node === this.self ? replica.forest.root(partition) !== '' : membership.mayHold(node, partition);
  }
}
