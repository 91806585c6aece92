/**
 * `tabring/sim`: whole rings in one process, under load and faults that a seed decides, judged by checkers. Time
 * does not pass, it is simulated; the same plan always gives the same outcome. For plain Node.
 */
import { RingNode } from '../src/core/node.ts';
import { type Outcome, simulate as run } from './run/run.ts';
import type { Plan } from './world/plan.ts';

export type { Outcome } from './run/run.ts';
// biome-ignore lint/performance/noBarrelFile: this is an entry of the package.
export { type FaultKind, faultKinds, makePlan, type Plan, type WorkloadKind, workloadKinds } from './world/plan.ts';
export type { Violation } from './world/world.ts';

/**
 * Runs a plan over this package's core. What a checker finds amiss, an exception of the core too, is among the
 * outcome's `violations`. `trace` gets the run as lines of text, as it goes on.
 */
export function simulate(plan: Plan, trace?: (line: string) => void): Outcome {
  return run(plan, (options) => new RingNode(options), trace);
}
