/** What becomes of a key's entry: pure functions, as the replica applies them ([HINT-1], [DEL-3]). */
import type { NodeId } from '../ids.ts';
import type { Entry } from '../storage.ts';
import { covers } from '../version/context.ts';
import { contextOf, knows, merge, type Siblings, withoutContext } from '../version/siblings.ts';

/** A plain copy stays plain and makes a hint plain; hints add up. The same array if nothing changes. */
export function hintForAfter(before: Entry | undefined, hintFor: readonly NodeId[]): readonly NodeId[] {
  if (before === undefined) return hintFor;
  const known = before.hintFor;
  if (known.length === 0) return known;
  if (hintFor.length === 0) return [];
  return hintFor.every((owner) => known.includes(owner)) ? known : [...new Set([...known, ...hintFor])];
}

/** The entry as if nothing of it had been reaped. */
export function beforeReap(entry: Entry | undefined): Entry | undefined {
  if (entry?.reapRecord === undefined) return entry;
  return { versions: merge(entry.versions, entry.reapRecord.versions), hintFor: entry.hintFor };
}

/** Whether these siblings hold something that was reaped here: their sender has missed it. */
export function missedReap(before: Entry | undefined, siblings: Siblings): boolean {
  if (before?.reapRecord === undefined) return false;
  const reaped = contextOf(before.reapRecord.versions);
  return siblings.some((version) => covers(reaped, version.dot) && !knows(before.versions, withoutContext(version)));
}
