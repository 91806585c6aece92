/**
 * The simulator's command line.
 *
 *   npm run sim -- --seeds 200 --json           many seeds, one line of JSON at the end
 *   npm run sim -- --seed 17 --trace            one seed again, told in words
 *   npm run sim -- --seed 17 --shrink           its failure with few faults and operations
 *   npm run sim -- --from 1001 --seeds 1000 --json >> pieces.json      a piece of a long run
 *   npm run sim -- --sum pieces.json            the sum of all pieces
 *
 *   --seeds N       so many seeds (100) from --from N on (1)
 *   --days N        in place of --seeds: seeds until so many days were simulated in all; may be a fraction
 *   --seed N        one seed only
 *   --nodes N       nodes of the ring at first (each seed has its own number, most 6)
 *   --events N      the faults of a run end after so many steps of nodes (5000)
 *   --without A,B   kinds of faults to leave out, and with one seed
 *   --only-faults 1-3,7, --only-operations 4    the faults and operations that take place, by number, or none
 *   --workers N     processes (2)
 *   --twice         each seed is run twice, and must be the same to the last step
 *   --json          the result as one line
 *
 * Exits with 1 if any checker found a violation, after the command that replays it, or if a seed run twice
 * was not the same; with 2 if the options make no sense.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { RingNode } from '../../src/core/node.ts';
import { work } from './pool.ts';
import {
  commandOf,
  nodesOf,
  parseSettings,
  planOf,
  type RunSettings,
  type SizedSettings,
  UsageError,
  whole,
} from './replay.ts';
import { type Outcome, simulate } from './run.ts';
import { Shrinker } from './shrink.ts';
import { addTotals, noTotals, type Totals, took, totalsOf, totalsSchema } from './totals.ts';
import type { Done } from './worker.ts';

/** Violations that are shown of one seed, and seeds of which any are. */
const shown = { violations: 5, seeds: 100 };
/** Runs that shrinking one failure may take. */
const shrinkRuns = 500;
const progressMs = 5000;
const dayHours = 24;

const oneSeedOnly = ['trace', 'shrink', 'only-faults', 'only-operations'] as const;
const manySeedsOnly = ['seeds', 'from', 'days', 'workers'] as const;

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      days: { type: 'string' },
      seed: { type: 'string' },
      nodes: { type: 'string', default: 'drawn' },
      events: { type: 'string', default: '5000' },
      without: { type: 'string', default: '' },
      'only-faults': { type: 'string' },
      'only-operations': { type: 'string' },
      workers: { type: 'string' },
      twice: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      shrink: { type: 'boolean', default: false },
      sum: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.sum && positionals.length > 0) throw new UsageError(`what is '${positionals[0]}'?`);
  if (values.sum && positionals.length === 0) throw new UsageError('--sum needs files to add up');
  const [alone, meant] = values.seed === undefined ? [oneSeedOnly, 'needs'] : [manySeedsOnly, 'makes no sense with'];
  for (const name of alone) if (values[name]) throw new UsageError(`--${name} ${meant} --seed`);
  if (values.days !== undefined && values.seeds !== undefined) throw new UsageError('--days or --seeds, not both');
  return { values, files: positionals };
}

type Values = ReturnType<typeof options>['values'];

async function main(): Promise<void> {
  const { values, files } = options();
  const settings = parseSettings(values);
  const started = performance.now();
  const totals = values.sum ? sum(files) : await run(values, settings);
  const ended = took(totals, values.sum ? totals.seconds : (performance.now() - started) / 1000);
  process.stdout.write(`${JSON.stringify(ended, undefined, values.json ? 0 : 2)}\n`);
  process.exitCode = ended.failed > 0 || ended.twice.different.length > 0 ? 1 : 0;
}

function run(values: Values, settings: RunSettings): Promise<Totals> | Totals {
  if (values.seed === undefined) return many(values, settings);
  const seed = whole('seed', values.seed);
  return values.shrink ? shrunk(seed, settings) : one(seed, settings, values);
}

function one(seed: number, settings: RunSettings, { trace, twice }: Values): Totals {
  const tell = trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  const plan = planOf(seed, settings);
  if (trace) say(JSON.stringify(plan));
  const outcome = simulate(plan, (options) => new RingNode(options), tell);
  const again = twice ? simulate(plan, (options) => new RingNode(options)).traceHash === outcome.traceHash : undefined;
  report({ outcome, again }, settings);
  return totalsOf(outcome, nodesOf(seed, settings.nodes), again);
}

function shrunk(seed: number, settings: RunSettings): Totals {
  const attempt = (changed: SizedSettings): Outcome =>
    simulate(planOf(seed, changed), (options) => new RingNode(options));
  const found = Shrinker.shrink({ ...settings, nodes: nodesOf(seed, settings.nodes) }, attempt, shrinkRuns);
  if (found === undefined) throw new UsageError(`seed ${seed} fails in no checker: nothing to shrink`);
  const { onlyFaults = [], onlyOperations = [], events, nodes } = found.settings;
  const parts = `${onlyFaults.length} faults, ${onlyOperations.length} operations, ${nodes} nodes and ${events} steps`;
  say(`after ${found.runs} runs: ${parts}`);
  report({ outcome: found.outcome, again: undefined }, found.settings);
  return totalsOf(found.outcome, nodes);
}

async function many(values: Values, settings: RunSettings): Promise<Totals> {
  const from = whole('from', values.from ?? '1');
  const hours = values.days === undefined ? undefined : positive('days', values.days) * dayHours;
  const seeds = hours === undefined ? whole('seeds', values.seeds ?? '100') : Number.POSITIVE_INFINITY;
  const started = performance.now();
  let totals = noTotals(0);
  let begun = 0;
  const share = (): number => (hours === undefined ? totals.seeds / seeds : Math.min(1, totals.simulatedHours / hours));
  const progress = setInterval(
    () => say(progressOf(totals, share(), (performance.now() - started) / 1000)),
    progressMs,
  );
  try {
    await work(Math.min(whole('workers', values.workers ?? '2'), seeds), {
      settings,
      twice: values.twice,
      next: () => (begun < seeds && share() < 1 ? from + begun++ : undefined),
      done: (done) => {
        if (totals.failed < shown.seeds) report(done, settings);
        totals = addTotals(totals, totalsOf(done.outcome, nodesOf(done.outcome.seed, settings.nodes), done.again));
      },
    });
  } finally {
    clearInterval(progress);
  }
  return totals;
}

function progressOf({ seeds, failed }: Totals, share: number, seconds: number): string {
  const left = share > 0 ? Math.ceil((seconds / share) * (1 - share)) : undefined;
  const minutes = left === undefined ? '' : `, ${Math.floor(left / 60)} min ${left % 60} s left`;
  return `${Math.floor(100 * share)} %: ${seeds} seeds, ${failed} failed, ${(seeds / seconds).toFixed(1)} seeds/s${minutes}`;
}

function report({ outcome, again }: Done, settings: RunSettings): void {
  const { seed, violations } = outcome;
  for (const { checker, at, text } of violations.slice(0, shown.violations)) {
    say(`seed ${seed}, ${at} ms: ${checker}: ${text}`);
  }
  if (again === false) say(`seed ${seed} was not the same when it was run again`);
  if (violations.length > 0 || again === false) say(`  replay: ${commandOf(seed, settings)}`);
}

/** Each file has one result, or one a line. */
function sum(files: readonly string[]): Totals {
  let totals: Totals | undefined;
  for (const file of files) {
    const text = readFileSync(file, 'utf8').trim();
    for (const piece of text.startsWith('{\n') ? [text] : text.split('\n')) {
      const { success, output } = v.safeParse(totalsSchema, parsed(piece));
      if (!success) throw new UsageError(`${file} has something other than results of --json`);
      totals = addTotals(totals ?? noTotals(output.nodes), output);
    }
  }
  return totals ?? noTotals(0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new UsageError(`--${name} must be a number above 0, not '${text}'`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  say(`${error.message}\nThe options are described at the top of sim/run/main.ts.`);
  process.exitCode = 2;
}
