/**
 * The simulator's command line.
 *
 *   npm run sim -- --seeds 200 --nodes 8 --json     many seeds, one line of JSON at the end
 *   npm run sim -- --seed 17 --nodes 8 --trace      one seed again, step by step
 *
 * Exits with 1 if any checker found a violation, after the command that replays it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Node } from '../core/node.ts';
import { makePlan } from './plan.ts';
import { type Outcome, simulate } from './run.ts';
import { total } from './totals.ts';
import type { Share } from './worker.ts';

const { values } = parseArgs({
  options: {
    /** How many seeds, from the first on. */
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    /** One seed only. */
    seed: { type: 'string' },
    nodes: { type: 'string', default: '6' },
    /** The faults of a run end after so many steps. */
    events: { type: 'string', default: '5000' },
    /** Faults to leave out, with commas. */
    without: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** A seed that takes longer is not slow: it hangs. */
const hangMs = 120_000;
const nodes = whole('nodes', values.nodes);
const events = whole('events', values.events);
const without = values.without.split(',').filter((kind) => kind !== '');
const started = performance.now();
const outcomes = values.seed === undefined ? await many() : [one(whole('seed', values.seed))];
const totals = total(outcomes, nodes, (performance.now() - started) / 1000);
for (const { seed, violations } of outcomes.toSorted((a, b) => a.seed - b.seed)) {
  for (const { checker, at, text } of violations.slice(0, 5)) say(`seed ${seed}, ${at} ms: ${checker}: ${text}`);
  if (violations.length > 0) say(`  replay: ${replay(seed)}`);
}
const broken = totals.failedSeeds.length > 0;
if (values.json) process.stdout.write(`${JSON.stringify(totals)}\n`);
else process.stdout.write(`${JSON.stringify(totals, undefined, 2)}\n`);
process.exitCode = broken ? 1 : 0;

function one(seed: number): Outcome {
  const trace = values.trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  const plan = makePlan(seed, nodes, events, without);
  if (values.trace) say(JSON.stringify(plan));
  return simulate(plan, (options) => new Node(options), trace);
}

async function many(): Promise<Outcome[]> {
  const from = whole('from', values.from);
  const count = whole('seeds', values.seeds);
  const threads = Math.min(whole('workers', values.workers), count);
  const found: Outcome[] = [];
  const share = (thread: number): Share => ({
    seeds: Array.from({ length: count }, (_, index) => from + index).filter((seed) => seed % threads === thread),
    nodes,
    events,
    without,
  });
  const runs = Array.from({ length: threads }, (_, thread) =>
    run(share(thread), (outcome) => {
      found.push(outcome);
      const failed = found.filter(({ violations }) => violations.length > 0).length;
      if (found.length % 20 === 0) say(`${found.length} of ${count} seeds, ${failed} failed`);
    }),
  );
  await Promise.all(runs);
  return found;
}

/**
 * A process for each share: threads do not inherit the loader of TypeScript. One that is silent for long
 * hangs in a step: that is a violation too, and the next process goes on after it.
 */
function run(share: Share, done: (outcome: Outcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)));
    let ended = 0;
    let watchdog = setTimeout(hang, hangMs);
    function hang(): void {
      child.kill('SIGKILL');
      const [hung, ...rest] = share.seeds.slice(ended);
      if (hung !== undefined) done(hungOutcome(hung));
      resolve(rest.length === 0 ? undefined : run({ ...share, seeds: rest }, done));
    }
    child.on('message', (outcome: Outcome) => {
      ended += 1;
      clearTimeout(watchdog);
      watchdog = setTimeout(hang, hangMs);
      done(outcome);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(watchdog);
      if (code === 0) resolve();
      else if (!child.killed) reject(new Error(`a worker ended with ${code}`));
    });
    child.send(share);
  });
}

function hungOutcome(seed: number): Outcome {
  const violations = [{ checker: 'hang', at: 0, text: `no end within ${hangMs / 1000} s` }];
  const nothing = {
    events: 0,
    simulatedMs: 0,
    operations: 0,
    scheduled: { faults: 0, operations: 0 },
    faults: {},
    coverage: {},
    traceHash: '',
  };
  return { seed, ...nothing, violations, settledMs: undefined };
}

function replay(seed: number): string {
  const less = without.length === 0 ? '' : ` --without ${without}`;
  return `npm run sim -- --seed ${seed} --nodes ${nodes} --events ${events}${less} --trace`;
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new RangeError(`--${name} must be a whole number from 1 on, not ${text}`);
  }
  return number;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
