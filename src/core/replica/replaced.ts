/**
 * Client writes that this node saw replaced lately, by their op ids ([PUT-1]). A retried forward is known again also when
 * its version is obsolete by now, and does not bring it back; and where another version of such a write turns up, it is
 * as obsolete as the first. Bounded: the oldest go first.
 * Scenarios: sim/scenarios/puts.test.ts.
 */
import type { OpId } from '../ids.ts';
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

export class Replaced {
  /** In order of replacement: a Map keeps the order of insertion. */
  readonly #versions = new Map<OpId, VersionMetadata>();

  add(version: VersionMetadata): void {
    this.#versions.set(version.op, version);
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= MAX) return;
      this.#versions.delete(oldest);
    }
  }

  /**
   * What tells of an earlier mint of a write, if its version is among these, or is replaced by what is or was here:
   * its dot, or only its op.
   */
  minted(op: OpId, versions: readonly VersionMetadata[], reaped: CausalContext): CausalContext | undefined {
    const seen = joinContexts(contextOf(versions), reaped);
    const replaced = this.#versions.get(op);
    const found = replaced && covers(seen, replaced.dot) ? replaced : versions.find((version) => version.op === op);
    if (found) return { vector: [], dots: [found.dot] };
    return seen.ops?.includes(op) ? withOp(emptyContext, op) : undefined;
  }

  /** The entry, of which what has replaced another version of one of these writes has seen the write. */
  learnt(entry: Entry | undefined, incoming: readonly VersionMetadata[]): Entry | undefined {
    let known = entry;
    for (const version of incoming) {
      const twin = this.#versions.get(version.op);
      if (known && twin && !sameDot(twin.dot, version.dot)) known = withTwin(known, twin, version);
    }
    return known;
  }
}

function withTwin(entry: Entry, replaced: VersionMetadata, twin: VersionMetadata): Entry {
  const lacksIt = ({ context }: VersionMetadata): boolean => covers(context, replaced.dot) && !hasSeen(context, twin);
  const learn = (versions: readonly VersionMetadata[]): readonly VersionMetadata[] =>
    versions.map((each) => (lacksIt(each) ? { ...each, context: withOp(each.context, twin.op) } : each));
  const { versions, reapRecord } = entry;
  if (![...versions, ...(reapRecord?.versions ?? [])].some(lacksIt)) return entry;
  const record = reapRecord && { ...reapRecord, versions: learn(reapRecord.versions) };
  return { ...entry, versions: learn(versions), ...(record && { reapRecord: record }) };
}
