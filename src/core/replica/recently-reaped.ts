/**
 * Reaping of which the others may not have heard yet ([DEL-2]). All primaries had the same versions on disk when
 * they agreed, but the word to reap comes to one sooner than to the other. The invariant: for as long as that
 * word may be under way, who has reaped a key counts in comparisons what was there before, so that between
 * those who have agreed nothing is sent. That is less than the reap record where a key was reaped before: then nobody
 * had the rest any more. Later it does not: who still comes with it has missed the reap ([DEL-3]).
 * Scenarios: sim/scenarios/reaping.test.ts.
 */
import type { Environment } from '../environment.ts';
import type { Partition } from '../ids.ts';
import { merge, type VersionMetadata } from '../version/siblings.ts';
import type { Replica } from './replica.ts';

type Clock = Pick<Environment, 'uptime' | 'times'>;

/** What was reaped a moment ago; undefined if nothing was, or it was longer ago. */
export function recentlyReaped(env: Clock, replica: Replica, key: string): readonly VersionMetadata[] | undefined {
  const record = replica.held(key)?.entry.reapRecord;
  return record && env.uptime - record.at <= env.times.requestTimeout ? replica.beforeReap(record) : undefined;
}

/** What this node has of the key, as comparisons with others are to see it. */
export function versionsToCompare(env: Clock, replica: Replica, key: string): readonly VersionMetadata[] {
  return merge(replica.versions(key), recentlyReaped(env, replica, key) ?? []);
}

/** The keys of a partition of which something was reaped a moment ago. */
export function keysRecentlyReaped(env: Clock, replica: Replica, partition: Partition): string[] {
  return [...replica.reapRecordsIn(partition)].filter((key) => recentlyReaped(env, replica, key) !== undefined);
}
