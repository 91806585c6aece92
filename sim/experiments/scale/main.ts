/**
 * What a ring of 10 to 1,000 nodes costs its nodes, and how fast news gets round.
 *
 *   npm run sim:scale                  measures, prints, and writes the table and chart of docs/SCALE.md
 *   npm run sim:scale -- 10 100        only these sizes, and only prints
 *
 * Exits with 1 if anything did not converge, with 2 if the sizes make no sense.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Figures, measure } from './measure.ts';
import { chartOf, fill, tableOf } from './page.ts';

const sizes = [10, 30, 100, 300, 1000];
/** Seconds. To simulate the longer one of 1,000 nodes takes half an hour. */
const splitsFor = (nodes: number): number[] => (nodes < 1000 ? [10, 60] : [10]);
const page = new URL('../../../docs/SCALE.md', import.meta.url);
const chart = new URL('../../../docs/scale.svg', import.meta.url);

/** Enough that each node has a few. */
const partitionsFor = (nodes: number): number => (nodes <= 30 ? 256 : nodes <= 100 ? 1024 : 4096);

const asked = process.argv.slice(2).map(Number);
if (asked.every((nodes) => Number.isSafeInteger(nodes) && nodes >= 4 && nodes <= 2000)) {
  const found = (asked.length > 0 ? asked : sizes).map((nodes) =>
    measure({ nodes, partitions: partitionsFor(nodes) }, splitsFor(nodes), (line) => process.stderr.write(`${line}\n`)),
  );
  process.stdout.write(`${tableOf(found)}\n`);
  if (asked.length === 0) {
    writeFileSync(page, fill(readFileSync(page, 'utf8'), tableOf(found)));
    writeFileSync(chart, chartOf(found));
  }
  process.exitCode = found.every(converged) ? 0 : 1;
} else {
  process.stderr.write('sizes are whole numbers from 4 to 2000\n');
  process.exitCode = 2;
}

function converged({ join, splits: after }: Figures): boolean {
  return [join.allMs, ...after.flatMap(({ ringMs, dataMs }) => [ringMs, dataMs])].every(Number.isFinite);
}
