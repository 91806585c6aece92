/**
 * Histories from disks and from other builds ([RING-2]): what in them is no event is left out, and the rest stands.
 * Invariant: what is returned passes the schema of histories, so that each peer takes it, and of equal histories equal
 * ones are made.
 */
import * as v from 'valibot';
import { limits } from '../core/limits.ts';
import { compareStamps, type MembershipHistory, type RingEvent } from '../core/ring/history.ts';
import { nodeId, ringConfig, ringEvent, weight, zone } from './terms.ts';

export interface SoundHistory {
  readonly events: MembershipHistory;
  /** How many events were left out, or were mended. */
  readonly unsound: number;
}

export function soundHistory(given: unknown): SoundHistory {
  if (!Array.isArray(given)) return { events: [], unsound: 1 };
  let mended = 0;
  const sound = given.flatMap((event, at) => {
    const result = v.safeParse(ringEvent, event);
    if (result.success) return [result.output];
    const checkpoint = at === 0 ? mendedCheckpoint(event) : undefined;
    if (checkpoint) mended += 1;
    return checkpoint ? [checkpoint] : [];
  });
  const events = inOrder(sound).slice(0, limits.historyEvents);
  return { events, unsound: given.length - events.length + mended };
}

/** What is folded comes first, with what comes after it; nothing comes twice. */
function inOrder(events: readonly RingEvent[]): RingEvent[] {
  const folded = events.find(({ kind }) => kind === 'checkpoint');
  const rest = events.filter(({ kind }) => kind !== 'checkpoint');
  const kept: RingEvent[] = folded ? [folded] : [];
  for (const event of rest.toSorted((a, b) => compareStamps(a.stamp, b.stamp))) {
    const last = kept.at(-1);
    if (last === undefined || compareStamps(last.stamp, event.stamp) < 0) kept.push(event);
  }
  return kept;
}

/**
 * A checkpoint without what none can be: a change of configuration, a weight or a zone that its ring took while it
 * was one node alone. Who owns what stays as it was, and the members say their weights and zones when they are back.
 */
function mendedCheckpoint(given: unknown): RingEvent | undefined {
  const loose = v.safeParse(looseCheckpoint, given);
  if (!loose.success) return undefined;
  const { config, members, ...rest } = loose.output;
  const checkpoint = {
    ...rest,
    ...(v.is(ringConfig, config) && { config }),
    members: members.map((member) => ({
      node: member.node,
      weight: v.is(weight, member.weight) ? member.weight : 1,
      zone: v.is(zone, member.zone) ? member.zone : member.node,
    })),
  };
  const result = v.safeParse(ringEvent, checkpoint);
  return result.success ? result.output : undefined;
}

const looseCheckpoint = v.looseObject({
  kind: v.literal('checkpoint'),
  config: v.optional(v.unknown()),
  members: v.array(v.object({ node: nodeId, weight: v.unknown(), zone: v.unknown() })),
});
