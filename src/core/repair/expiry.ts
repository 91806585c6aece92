/**
 * Hints that have become old ([HINT-1]): held longer than `hintAge` while this node ran. Such a hint is given
 * to those primaries of its key that are within reach, which mostly have it, and goes when W of them have
 * committed exactly what it holds. Its owner gets it from them: primaries compare all they share when a link
 * between them comes up ([AE-1]), so the mark "needs repair" is on every partition of a node that was away.
 *
 * The invariant: what W nodes had on disk, W owners have. With fewer within reach the hint stays.
 * Scenarios: sim/scenarios/hints.test.ts.
 */
import type { Answer, CallOwner } from '../calls.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import type { SlicedWork } from '../slices.ts';
import { sameVersions, type VersionMetadata } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';
import { WindowedSender } from './windowed-sender.ts';

/** Hints that stay, and those they are for. */
export interface Stranded {
  readonly count: number;
  readonly owners: ReadonlySet<NodeId>;
}

/** One hint that is being given to primaries that are not its owners. */
interface Handing {
  /** What they will have. */
  readonly versions: readonly VersionMetadata[];
  readonly since: number;
  readonly committed: Set<NodeId>;
}

export class Expiry implements CallOwner {
  readonly #env: Environment;
  readonly #replica: Replica;
  readonly #sender: WindowedSender;
  readonly #backoff: Backoff;
  /** Milliseconds that this node has run; a sleep between two scans does not make a hint old. */
  #ran = 0;
  #scannedAt = Number.POSITIVE_INFINITY;
  /** When each hint was first seen, in `#ran`; the oldest come first. */
  readonly #seenAt = new Map<string, number>();
  readonly #handings = new Map<string, Handing>();
  /** How far this scan has come, so that an ack does not begin with the oldest hint again. */
  #cursor: Iterator<string> = [].values();
  #stranded: Stranded = { count: 0, owners: new Set() };

  constructor(env: Environment, replica: Replica, sender: SiblingSender, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = new WindowedSender(env, replica, sender, { purpose: 'expiry', reason: 'hint', window: 16 });
    this.#backoff = backoff;
  }

  get stranded(): Stranded {
    return this.#stranded;
  }

  scan(): void {
    const { now, times } = this.#env;
    this.#ran += Math.min(Math.max(0, now - this.#scannedAt), times.hintScan * 2);
    this.#scannedAt = now;
    for (const [key, { since }] of this.#handings) {
      if (now - since > times.requestTimeout || !this.#replica.hints.has(key)) this.#end(key);
    }
    const { slices } = this.#env;
    if (!slices.isUnderWay('old hints')) slices.begin('old hints', this.#look());
  }

  *#look(): SlicedWork {
    const { hints } = this.#replica;
    for (const key of this.#seenAt.keys()) {
      if (!hints.has(key)) this.#seenAt.delete(key);
      yield;
    }
    for (const key of hints.keys()) {
      if (!this.#seenAt.has(key)) this.#seenAt.set(key, this.#ran);
      yield;
    }
    const owners = new Set<NodeId>();
    let count = 0;
    for (const key of this.#old()) {
      if (this.#heirs(key) === undefined) {
        count += 1;
        for (const owner of this.#replica.held(key)?.entry.hintFor ?? []) owners.add(owner);
      }
      yield;
    }
    this.#stranded = { count, owners };
    this.#cursor = this.#old();
    this.#pump();
  }

  *#old(): Generator<string> {
    for (const [key, seenAt] of this.#seenAt) {
      if (this.#ran - seenAt < this.#env.times.hintAge) return;
      yield key;
    }
  }

  /** Who may take the hint over; undefined if they are too few. */
  #heirs(key: string): readonly NodeId[] | undefined {
    const env = this.#env;
    const held = this.#replica.held(key);
    // A hint of what this node owns since the ring has changed is none any more.
    if (held === undefined || env.owns(held.partition)) return undefined;
    const { primaries } = env.preference(held.partition);
    const heirs = primaries.filter((node) => {
      return !held.entry.hintFor.includes(node) && env.isUsable(node) && !this.#backoff.holds(node, env.now);
    });
    return heirs.length >= this.#needed(primaries) ? heirs : undefined;
  }

  #needed(primaries: readonly NodeId[]): number {
    return Math.min(this.#env.ring.w, primaries.length);
  }

  #pump(): void {
    const { slices } = this.#env;
    if (!slices.isUnderWay('handing over')) slices.begin('handing over', this.#handOver());
  }

  /** Until as much is under way as may be: an ack lets it go on. */
  *#handOver(): SlicedWork {
    while (this.#sender.hasRoomForAll) {
      const next = this.#cursor.next();
      if (next.done) return;
      const key = next.value;
      const heirs = this.#handings.has(key) ? undefined : this.#heirs(key);
      if (heirs !== undefined) this.#hand(key, heirs);
      yield;
    }
  }

  #hand(key: string, heirs: readonly NodeId[]): void {
    const versions = this.#replica.versions(key);
    this.#handings.set(key, { versions, since: this.#env.now, committed: new Set() });
    for (const to of heirs) this.#sender.send(key, to, true);
  }

  answered(from: NodeId, answer: Answer): void {
    const copy = this.#sender.end(answer.id, from);
    if (copy === undefined) return;
    if (answer.type === 'stored') this.#stored(copy.key, from);
    else this.#backoff.refused(from, this.#env.now);
  }

  #stored(key: string, by: NodeId): void {
    const handing = this.#handings.get(key);
    if (handing === undefined) return;
    handing.committed.add(by);
    const { versions, committed } = handing;
    const held = this.#replica.held(key);
    const isHint = held !== undefined && held.entry.hintFor.length > 0 && !this.#env.owns(held.partition);
    if (isHint && sameVersions(held.entry.versions, versions)) {
      const { primaries } = this.#env.preference(held.partition);
      if (primaries.filter((node) => committed.has(node)).length < this.#needed(primaries)) return;
      this.#env.out.mark('hint-expired');
      this.#replica.drop(key);
      this.#seenAt.delete(key);
    }
    // If it has changed meanwhile, the next scan begins with it again.
    this.#end(key);
    this.#pump();
  }

  suspected(peer: NodeId, id: number): void {
    this.#sender.end(id, peer);
  }

  /** A peer that was suspected may come back without what it had. */
  forget(peer: NodeId): void {
    for (const { committed } of this.#handings.values()) committed.delete(peer);
  }

  #end(key: string): void {
    this.#handings.delete(key);
    this.#sender.giveUp((copy) => copy.key === key);
  }
}
