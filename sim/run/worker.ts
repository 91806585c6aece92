/** Runs the seeds it is asked for, one at a time, in a process of its own, and sends the outcome of each. */
import { RingNode } from '../../src/core/node.ts';
import { planOf, type RunSettings } from './replay.ts';
import { type Outcome, simulate } from './run.ts';

export interface RunTask {
  readonly seed: number;
  readonly settings: RunSettings;
  readonly twice: boolean;
}

export interface Done {
  readonly outcome: Outcome;
  /** Of a seed that was run twice, whether both runs were the same to the last step. */
  readonly again: boolean | undefined;
}

process.on('message', ({ seed, settings, twice }: RunTask) => {
  const run = (): Outcome => simulate(planOf(seed, settings), (options) => new RingNode(options));
  const outcome = run();
  const again = twice ? JSON.stringify(run()) === JSON.stringify(outcome) : undefined;
  process.send?.({ outcome, again } satisfies Done);
});
