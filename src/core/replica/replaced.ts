/**
 * Client writes that this node saw replaced lately, by their op ids ([PUT-1]). A retried forward is known again also when
 * its version is obsolete by now, and does not bring it back; and where another version of such a write turns up, it is
 * as obsolete as the first. Bounded: the oldest go first.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import { type Dot, dotName, type OpId } from '../ids.ts';
import type { Entry } from '../storage.ts';
import {
  type CausalContext,
  covers,
  emptyContext,
  hasSeen,
  joinContexts,
  sameDot,
  withOp,
} from '../version/context.ts';
import { contextOf, type VersionMetadata } from '../version/siblings.ts';

const MAX = 10_000;
/** A forward is tried for some 40 s at most, and may wait in a broken link for 20 more. */
const FORWARD_MS = 60_000;

/** Who has seen this dot has seen the write: that of its version, or of one that had replaced it. */
interface Proof {
  readonly dot: Dot;
  readonly isOwn: boolean;
}

export interface Earlier {
  /** What its writer has seen with it. */
  readonly seen: CausalContext;
  /** Who has seen this holds it, or what replaced it. */
  readonly proof: CausalContext;
}

export class Replaced {
  /** In order of replacement: a Map keeps the order of insertion. */
  readonly #proofs = new Map<OpId, Proof>();
  /** When each forwarded write was first replaced here, in the same order. */
  readonly #firstAt = new Map<OpId, number>();

  /** A version that is obsolete, be it that it was held or that it came too late. */
  add({ op, dot, replaced = [] }: VersionMetadata): void {
    for (const earlier of replaced) if (!this.#proofs.has(earlier)) this.#proofs.set(earlier, { dot, isOwn: false });
    this.#proofs.set(op, { dot, isOwn: true });
    for (const oldest of this.#proofs.keys()) {
      if (this.#proofs.size <= MAX) return;
      this.#proofs.delete(oldest);
    }
  }

  /** Whether a forward of a write that is replaced now may still come to somebody, since it was first replaced not long ago. */
  isUnderWay(op: OpId, now: number): boolean {
    const firstAt = this.#firstAt.get(op) ?? now;
    this.#firstAt.set(op, firstAt);
    for (const oldest of this.#firstAt.keys()) {
      if (this.#firstAt.size <= MAX) break;
      this.#firstAt.delete(oldest);
    }
    return now - firstAt < FORWARD_MS;
  }

  /** Those that came when they were obsolete already. */
  addLate(incoming: readonly VersionMetadata[], kept: readonly VersionMetadata[]): void {
    const names = new Set(kept.map(({ dot }) => dotName(dot)));
    for (const version of incoming) if (!names.has(dotName(version.dot))) this.add(version);
  }

  /** An earlier mint of a write, if its version is among these, or replaced by what is or was here. */
  minted(op: OpId, versions: readonly VersionMetadata[], reaped: CausalContext): Earlier | undefined {
    const known = joinContexts(contextOf(versions), reaped);
    const byOp = withOp(emptyContext, op);
    const held = versions.find((version) => version.op === op);
    const found = held ? { dot: held.dot, isOwn: true } : this.#proofs.get(op);
    if (found && covers(known, found.dot)) {
      const proof = { vector: [], dots: [found.dot] };
      return { seen: found.isOwn ? proof : byOp, proof };
    }
    return known.ops?.includes(op) ? { seen: byOp, proof: byOp } : undefined;
  }

  /** The entry, of which what has replaced another version of one of these writes has seen the write. */
  learnt(entry: Entry | undefined, incoming: readonly VersionMetadata[]): Entry | undefined {
    let known = entry;
    for (const version of incoming) {
      const proof = this.#proofs.get(version.op);
      if (known && proof && !sameDot(proof.dot, version.dot)) known = withTwin(known, proof.dot, version);
    }
    return known;
  }
}

function withTwin(entry: Entry, replaced: Dot, twin: VersionMetadata): Entry {
  const lacksIt = ({ context }: VersionMetadata): boolean => covers(context, replaced) && !hasSeen(context, twin);
  const learn = (versions: readonly VersionMetadata[]): readonly VersionMetadata[] =>
    versions.map((each) => (lacksIt(each) ? { ...each, context: withOp(each.context, twin.op) } : each));
  const { versions, reapRecord } = entry;
  if (![...versions, ...(reapRecord?.versions ?? [])].some(lacksIt)) return entry;
  const record = reapRecord && { ...reapRecord, versions: learn(reapRecord.versions) };
  return { ...entry, versions: learn(versions), ...(record && { reapRecord: record }) };
}
