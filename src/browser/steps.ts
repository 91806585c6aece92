/**
 * The steps by which two ends of a connection describe themselves to each other: what simple-peer
 * wants carried, and nothing else of what it would take from a stranger ([NET-3]).
 */
import * as v from 'valibot';

const step = v.variant('type', [
  v.object({ type: v.picklist(['offer', 'answer']), sdp: v.pipe(v.string(), v.maxLength(32_768)) }),
  v.object({
    type: v.literal('candidate'),
    candidate: v.object({
      candidate: v.pipe(v.string(), v.maxLength(1024)),
      sdpMLineIndex: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15)),
      sdpMid: v.pipe(v.string(), v.maxLength(64)),
    }),
  }),
]);

/** Steps of one signal: a machine with many addresses has as many candidates, in several signals. */
export const stepsMax = 64;

const steps = v.pipe(v.array(step), v.minLength(1), v.maxLength(stepsMax));

export type SignalStep = v.InferOutput<typeof step>;

/** The steps in a signal's data, or undefined if it is anything else than a list of valid ones. */
export function parseSteps(data: string): readonly SignalStep[] | undefined {
  try {
    const parsed = v.safeParse(steps, JSON.parse(data));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
