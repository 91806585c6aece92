/** Runs the seeds it is asked for, in a process of its own, and sends the outcome of each. */
import { Node } from '../core/node.ts';
import { makePlan } from './plan.ts';
import { simulate } from './run.ts';

export interface Share {
  readonly seeds: readonly number[];
  readonly nodes: number;
  readonly events: number;
  readonly without: readonly string[];
}

process.once('message', async ({ seeds, nodes, events, without }: Share) => {
  for (const seed of seeds) {
    const outcome = simulate(makePlan(seed, nodes, events, without), (options) => new Node(options));
    await new Promise((sent) => process.send?.(outcome, sent));
  }
  process.disconnect();
});
