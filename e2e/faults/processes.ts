/** The processes behind a page: which they are, and how they stop and end. */
import { execFileSync } from 'node:child_process';
import type { Browser, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly args: { readonly data?: { readonly frames?: readonly Frame[] } };
}

interface Frame {
  readonly isOutermostMainFrame?: boolean;
  readonly processId?: number;
}

/** The process that renders this page. Pages of different contexts share none. */
export async function rendererOf(browser: Browser, page: Page): Promise<number> {
  // A trace begins with the frames of its page and the processes they are in.
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  const trace = (await browser.stopTracing()).toString();
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(trace);
  const frames = traceEvents.flatMap(({ name, args }) =>
    name === 'TracingStartedInBrowser' ? (args.data?.frames ?? []) : [],
  );
  const pid = frames.find(({ isOutermostMainFrame }) => isOutermostMainFrame)?.processId;
  if (pid === undefined) throw new Error('the trace names no process of the page');
  return pid;
}

/** The process without which none of this browser's others lives. */
export async function mainProcessOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const main = processInfo.find(({ type }) => type === 'browser');
  if (main === undefined) throw new Error('every browser has a main process');
  return main.id;
}

/** The process runs no further until the returned function is called. */
export function stopProcess(pid: number): () => void {
  process.kill(pid, 'SIGSTOP');
  return () => process.kill(pid, 'SIGCONT');
}

/** Signals a process and all that descend from it, each before its children. One that has ended meanwhile is let be. */
export function signalTree(root: number, signal: NodeJS.Signals): void {
  for (const pid of treeOf(root)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

function treeOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const parent of tree) {
    for (const [child, of] of pairs) if (of === parent && child !== undefined) tree.push(child);
  }
  return tree;
}
