/**
 * Processes that hunt, each the next bug that nobody has begun. Invariant: each hunt ends, if only because its
 * process is silent for long; another process goes on after it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Finding, Hunt } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import type { HuntReport, HuntTask } from './worker.ts';

/** A seed that takes longer, in ms, is not slow: it hangs. */
const hangMs = 600_000;

export async function huntAll(
  mutants: readonly Mutant[],
  about: Hunt,
  workers: number,
  ended: (mutant: Mutant, finding: Finding) => void,
): Promise<void> {
  const left = [...mutants];
  await Promise.all(Array.from({ length: workers }, () => huntSome(left, about, ended)));
}

async function huntSome(left: Mutant[], about: Hunt, ended: (mutant: Mutant, finding: Finding) => void): Promise<void> {
  for (let mutant = left.shift(); mutant !== undefined; ) {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)));
    try {
      while (mutant !== undefined) {
        const finding = await huntIn(child, { name: mutant.name, about });
        ended(mutant, finding ?? hung(mutant));
        mutant = left.shift();
        if (finding === undefined) break;
      }
    } finally {
      child.kill('SIGKILL');
    }
  }
}

/** Undefined if it does not end. */
function huntIn(child: ChildProcess, task: HuntTask): Promise<Finding | undefined> {
  let stop = (): void => undefined;
  const ended = new Promise<Finding | undefined>((resolve, reject) => {
    const watchdog = setTimeout(() => resolve(undefined), hangMs);
    const heard = (report: HuntReport): void => {
      if (report.kind === 'found') resolve(report.finding);
      else watchdog.refresh();
    };
    const exited = (code: number | null, signal: string | null): void =>
      reject(new Error(`the worker at '${task.name}' ended with ${code ?? signal}`));
    child.on('message', heard).on('error', reject).on('exit', exited);
    stop = () => {
      clearTimeout(watchdog);
      child.off('message', heard).off('error', reject).off('exit', exited);
    };
    child.send(task);
  });
  return ended.finally(stop);
}

const hung = (mutant: Mutant): Finding => ({ killed: mutant.checkers.includes('hang'), seeds: 1, by: ['hang'] });
