/**
 * Processes that run seeds, each the next one that nobody has begun. Threads would not inherit the loader
 * of TypeScript. Invariant: each seed ends once, with its outcome or, if its process is silent for long,
 * as one that hangs, which is a violation too; another process goes on after it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodesOf, type RunSettings } from './replay.ts';
import type { Outcome } from './run.ts';
import type { Done, RunTask } from './worker.ts';

export interface Work {
  /** The next seed; undefined if there is none any more. */
  next(): number | undefined;
  done(done: Done): void;
  readonly settings: RunSettings;
  readonly twice: boolean;
}

/** A seed that takes longer, in ms for each step asked for and at least, hangs: a machine with ten times as much to do is only slow. */
const hang = { perEvent: 60, least: 300_000 };

/** Most of what a seed makes is short-lived: with more room for it there is less to collect. */
const youngSpace = ['--max-semi-space-size=64'];

export async function work(workers: number, about: Work): Promise<void> {
  await Promise.all(Array.from({ length: workers }, () => runSeeds(about)));
}

async function runSeeds(about: Work): Promise<void> {
  for (let seed = about.next(); seed !== undefined; ) {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
      execArgv: [...process.execArgv, ...youngSpace],
    });
    try {
      while (seed !== undefined) {
        const done = await runSeed(child, { seed, settings: about.settings, twice: about.twice });
        about.done(done ?? { outcome: hung(seed), again: undefined });
        seed = about.next();
        if (done === undefined) break;
      }
    } finally {
      child.kill('SIGKILL');
    }
  }
}

/** Undefined if it does not end. */
function runSeed(child: ChildProcess, task: RunTask): Promise<Done | undefined> {
  const { events, nodes } = task.settings;
  const patience =
    Math.max(hang.least * Math.max(1, nodesOf(task.seed, nodes) / 10), hang.perEvent * events) * (task.twice ? 2 : 1);
  let stop = (): void => undefined;
  const ended = new Promise<Done | undefined>((resolve, reject) => {
    const exited = (code: number | null, signal: string | null): void =>
      reject(new Error(`the worker at seed ${task.seed} ended with ${code ?? signal}`));
    const watchdog = setTimeout(() => resolve(undefined), patience);
    child.on('message', resolve).on('error', reject).on('exit', exited);
    stop = () => {
      clearTimeout(watchdog);
      child.off('message', resolve).off('error', reject).off('exit', exited);
    };
    child.send(task);
  });
  return ended.finally(stop);
}

function hung(seed: number): Outcome {
  const violations = [{ checker: 'hang', at: 0, text: 'does not end' }];
  const nothing = { events: 0, simulatedMs: 0, operations: 0, scheduled: { faults: 0, operations: 0 } };
  return { seed, ...nothing, violations, faults: {}, coverage: {}, sets: {}, traceHash: '', settledMs: undefined };
}
