/**
 * Reaps of which the others may not have heard yet ([DEL-2]). All primaries had the same state on disk when
 * they agreed, but the word to bury it comes to one sooner than to the other. The invariant: for as long as that
 * word may be under way, who has buried a key counts in comparisons what was there before, so that between
 * those who have agreed nothing is sent. Later it does not: who still comes with it has missed the burial ([DEL-3]).
 */
import type { Env } from '../env.ts';
import type { Entry } from '../storage.ts';
import { merge, type VersionMetadata } from '../version/siblings.ts';
import type { Replica } from './replica.ts';

/** The state that was buried a moment ago; undefined if there is none, or it was longer ago. */
export function recentlyReaped(
  { uptime, times }: Env,
  entry: Entry | undefined,
): readonly VersionMetadata[] | undefined {
  if (entry?.reapRecord === undefined || uptime - entry.reapRecord.at > times.requestTimeout) return undefined;
  return entry.reapRecord.versions;
}

/** What this node has of the key, as comparisons with others are to see it. */
export function versionsToCompare(env: Env, replica: Replica, key: string): readonly VersionMetadata[] {
  const entry = replica.held(key)?.entry;
  return merge(entry?.versions ?? [], recentlyReaped(env, entry) ?? []);
}

/** The keys of which something was buried a moment ago. */
export function keysRecentlyReaped(env: Env, replica: Replica): string[] {
  return [...replica.reapRecords()].filter((key) => recentlyReaped(env, replica.held(key)?.entry) !== undefined);
}
