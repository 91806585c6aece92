/**
 * Planted bugs: `npm run sim:mutants` breaks the core in each of many small ways, and the simulator's checkers
 * must find every one of them. So they can fail.
 *
 *   npm run sim:mutants                       all
 *   npm run sim:mutants -- --only LWW         those with this in their name
 *
 *   --quick         every second one of those that seeds show
 *   --seeds N       so many seeds at most for each (60), until one shows it: the one that is known to, and from 1 on
 *   --nodes N       nodes of the ring at first (6), unless the bug needs others
 *   --events N      the faults of a run end after so many steps of nodes (5000), unless the bug needs others
 *   --workers N     processes (2)
 *
 * The last line is JSON. Exits with 1 if any lives.
 */
import { parseArgs } from 'node:util';
import { UsageError, whole } from '../run/replay.ts';
import type { Finding, Hunt } from './hunt.ts';
import { mutants } from './list.ts';
import { huntAll } from './pool.ts';

function options() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '60' },
      nodes: { type: 'string', default: '6' },
      events: { type: 'string', default: '5000' },
      workers: { type: 'string', default: '2' },
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
    },
  });
  const about: Hunt = {
    seeds: whole('seeds', values.seeds),
    nodes: whole('nodes', values.nodes),
    events: whole('events', values.events),
  };
  return { only: values.only, quick: values.quick, workers: whole('workers', values.workers), about };
}

async function main(): Promise<void> {
  const { only, quick, workers, about } = options();
  const shown = mutants.filter(({ name, scenario }) => name.includes(only) && !(quick && scenario));
  const chosen = quick ? shown.filter((_, at) => at % 2 === 0) : shown;
  if (chosen.length === 0) throw new UsageError(`no mutant has '${only}' in its name`);
  const started = performance.now();
  const found: ({ name: string } & Finding)[] = [];
  await huntAll(chosen, about, workers, ({ name }, finding) => {
    found.push({ name, ...finding });
    say(describe(name, finding));
  });
  const killed = found.filter((each) => each.killed).length;
  const seeds = found.reduce((sum, each) => sum + each.seeds, 0);
  say(`killed ${killed} of ${found.length} planted, in ${seeds} seeds`);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${JSON.stringify({ planted: found.length, killed, seeds, seconds, mutants: found })}\n`);
  process.exitCode = killed === found.length ? 0 : 1;
}

function describe(name: string, { killed, seeds, seed, by }: Finding): string {
  if (by.includes('scenario')) return `${killed ? 'killed ' : 'ALIVE  '} ${name}: by its scenario`;
  if (killed) return `killed  ${name}: ${by.join(' ')}, seed ${seed}${seeds > 1 ? ` after ${seeds - 1} others` : ''}`;
  const others = by.length > 0 ? `, though ${by.join(' ')} objected` : '';
  return `ALIVE   ${name}: not found in ${seeds} seeds${others}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  say(`${error.message}\nThe options are described at the top of sim/mutants/main.ts.`);
  process.exitCode = 2;
}
