/**
 * Which edits stand in a map. Invariant of those who use it: each editor adds one at a time to one
 * item of one cart, so that what a map counts for an editor is the edits from one to another.
 */
import type { AddWinsMap } from '../src/reconcile/add-wins-map.ts';
import { hasSeen, parseTag } from '../src/reconcile/seen-tags.ts';

/** Tags of the additions to these items, or to all, that nobody has taken away. */
export function liveTags({ entries }: AddWinsMap, ...items: readonly string[]): string[] {
  const shown = entries.filter(([item]) => items.length === 0 || items.includes(item));
  return shown.flatMap(([, shares]) =>
    shares.flatMap(([tag, share]) => {
      if (typeof share === 'number' || 'typed' in share) return [tag];
      const [upTo, , goneUpTo] = share;
      const at = tag.lastIndexOf('#') + 1;
      const first = Math.max(Number(tag.slice(at)), goneUpTo + 1);
      return Array.from({ length: upTo - first + 1 }, (_, index) => `${tag.slice(0, at)}${first + index}`);
    }),
  );
}

/** Whether the edit is known there, be it that it stands or was taken away. */
export function knowsTag({ seen }: AddWinsMap, tag: string): boolean {
  const parts = parseTag(tag);
  return parts !== undefined && hasSeen(seen, parts.editor, parts.counter);
}
