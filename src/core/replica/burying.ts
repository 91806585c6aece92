/**
 * Burials of which the others may not have heard yet ([DEL-2]). All primaries had the same state on disk when
 * they agreed, but the word to bury it comes to one sooner than to the other. The invariant: for as long as that
 * word may be under way, who has buried a key counts in comparisons what was there before, so that between
 * those who have agreed nothing is sent. Later it does not: who still comes with it has missed the burial ([DEL-3]).
 */
import type { Env } from '../env.ts';
import type { Entry } from '../storage.ts';
import { type Clock, merge } from '../version/siblings.ts';
import type { Replica } from './replica.ts';

/** The state that was buried a moment ago; undefined if there is none, or it was longer ago. */
export function beingBuried({ uptime, times }: Env, entry: Entry | undefined): readonly Clock[] | undefined {
  if (entry?.grave === undefined || uptime - entry.grave.at > times.requestTimeout) return undefined;
  return entry.grave.clocks;
}

/** What this node has of the key, as comparisons with others are to see it. */
export function clocksToCompare(env: Env, replica: Replica, key: string): readonly Clock[] {
  const entry = replica.held(key)?.entry;
  return merge(entry?.clocks ?? [], beingBuried(env, entry) ?? []);
}

/** The keys of which something was buried a moment ago. */
export function keysBeingBuried(env: Env, replica: Replica): string[] {
  return [...replica.graves()].filter((key) => beingBuried(env, replica.held(key)?.entry) !== undefined);
}
