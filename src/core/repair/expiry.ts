/**
 * Hints that have become old ([HINT-1]): held longer than `hintAge` while this node ran. Such a hint is given
 * to those primaries of its key that are within reach, which mostly have it, and goes when W of them have
 * committed exactly what it holds. Its owner gets it from them: primaries compare all they share when a link
 * between them comes up ([AE-1]), so the mark "needs repair" is on every partition of a node that was away.
 *
 * The invariant: what W nodes had on disk, W owners have. With fewer within reach the hint stays.
 */
import type { Env } from '../env.ts';
import type { NodeId } from '../ids.ts';
import type { Replica } from '../replica/replica.ts';
import type { SiblingSender } from '../replica/sibling-sender.ts';
import { sameVersions, sizeOf, type VersionMetadata } from '../version/siblings.ts';
import type { Backoff } from './backoff.ts';

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

/** Hints handed over at once, and their bytes. */
const WINDOW = 16;
const WINDOW_BYTES = 4_194_304;

export class Expiry {
  readonly #env: Env;
  readonly #replica: Replica;
  readonly #sender: SiblingSender;
  readonly #backoff: Backoff;
  /** Milliseconds that this node has run; a sleep between two scans does not make a hint old. */
  #ran = 0;
  #scannedAt = Number.POSITIVE_INFINITY;
  /** When each hint was first seen, in `#ran`; the oldest come first. */
  readonly #seenAt = new Map<string, number>();
  readonly #handings = new Map<string, Handing>();
  /** How far this scan has come, so that an ack does not begin with the oldest hint again. */
  #cursor: Iterator<string> = [].values();
  /** What each primary was sent. */
  readonly #sent = new Map<number, { readonly key: string; readonly to: NodeId }>();
  #stranded: Stranded = { count: 0, owners: new Set() };

  constructor(env: Env, replica: Replica, sender: SiblingSender, backoff: Backoff) {
    this.#env = env;
    this.#replica = replica;
    this.#sender = sender;
    this.#backoff = backoff;
  }

  get stranded(): Stranded {
    return this.#stranded;
  }

  scan(): void {
    const { now } = this.#env;
    this.#ran += Math.min(Math.max(0, now - this.#scannedAt), this.#env.times.hintScan * 2);
    this.#scannedAt = now;
    const hints = this.#replica.hints();
    for (const key of this.#seenAt.keys()) if (!hints.has(key)) this.#seenAt.delete(key);
    for (const key of hints) if (!this.#seenAt.has(key)) this.#seenAt.set(key, this.#ran);
    for (const [key, { since }] of this.#handings) {
      if (now - since > this.#env.times.requestTimeout || !hints.has(key)) this.#end(key);
    }
    const owners = new Set<NodeId>();
    let count = 0;
    for (const key of this.#old()) {
      if (this.#heirs(key) !== undefined) continue;
      count += 1;
      for (const owner of this.#replica.held(key)?.entry.hintFor ?? []) owners.add(owner);
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
    if (held === undefined) return undefined;
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
    let bytes = 0;
    for (const { versions } of this.#handings.values()) bytes += sizeOf(versions);
    while (this.#handings.size < WINDOW && bytes < WINDOW_BYTES) {
      const next = this.#cursor.next();
      if (next.done) return;
      const key = next.value;
      const heirs = this.#handings.has(key) ? undefined : this.#heirs(key);
      if (heirs === undefined) continue;
      const versions = this.#replica.versions(key);
      bytes += sizeOf(versions);
      this.#handings.set(key, { versions, since: this.#env.now, committed: new Set() });
      for (const to of heirs) this.#send(key, to);
    }
  }

  #send(key: string, to: NodeId): void {
    const id = this.#env.nextId();
    this.#sent.set(id, { key, to });
    const strict = this.#env.options.durability === 'strict';
    const message = { type: 'store', id, key, hintFor: [], reason: 'hint', strict } as const;
    this.#sender.send(key, [{ to, message }]);
  }

  stored(from: NodeId, id: number): void {
    const sent = this.#sent.get(id);
    if (sent?.to !== from) return;
    this.#sent.delete(id);
    const handing = this.#handings.get(sent.key);
    if (handing === undefined) return;
    handing.committed.add(from);
    this.#conclude(sent.key, handing);
  }

  #conclude(key: string, { versions, committed }: Handing): void {
    const held = this.#replica.held(key);
    const isSame = held !== undefined && held.entry.hintFor.length > 0 && sameVersions(held.entry.versions, versions);
    if (isSame) {
      const { primaries } = this.#env.preference(held.partition);
      if (primaries.filter((node) => committed.has(node)).length < this.#needed(primaries)) return;
      this.#env.out.mark('hint-expired');
      this.#replica.drop(key);
      this.#seenAt.delete(key);
    }
    // If it has changed meanwhile, the next scan begins anew.
    this.#end(key);
    this.#pump();
  }

  refused(from: NodeId, id: number): void {
    const sent = this.#sent.get(id);
    if (sent?.to !== from) return;
    this.#sent.delete(id);
    this.#backoff.refused(from, this.#env.now);
  }

  /** Whoever was out of reach may come back without what it had. */
  suspected(node: NodeId): void {
    for (const { committed } of this.#handings.values()) committed.delete(node);
    for (const [id, { to }] of this.#sent) if (to === node) this.#sent.delete(id);
  }

  #end(key: string): void {
    this.#handings.delete(key);
    for (const [id, sent] of this.#sent) if (sent.key === key) this.#sent.delete(id);
  }
}
