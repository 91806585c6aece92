/**
 * `npm run paper`: the figures of the Dynamo paper, measured with Tabring's own parts, beside the paper's
 * numbers. Prints them, draws docs/paper-*.svg and fills the tables of docs/PAPER.md. All seeds are fixed: the
 * same code gives the same figures.
 *
 *   npm run paper -- fig8 table2     only these
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figure5 } from './buffered.ts';
import { table2 } from './coordination.ts';
import { section63 } from './divergence.ts';
import { figure8 } from './efficiency.ts';
import type { Figure } from './figure.ts';
import { figure6 } from './imbalance.ts';
import { fill } from './page.ts';
import { section44 } from './truncation.ts';

const figures: Readonly<Record<string, () => Figure>> = {
  fig8: figure8,
  fig6: figure6,
  versions: section63,
  fig5: figure5,
  table2,
  clocks: section44,
};

const { positionals } = parseArgs({ allowPositionals: true });
const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const page = `${docs}PAPER.md`;

for (const name of positionals.length > 0 ? positionals : Object.keys(figures)) {
  const measure = figures[name];
  if (measure === undefined) throw new RangeError(`no figure ${name}; there are ${Object.keys(figures).join(', ')}`);
  const { title, blocks, chart } = measure();
  const text = blocks.join('\n\n');
  process.stdout.write(`\n${title}\n\n${text}\n`);
  writeFileSync(`${docs}paper-${name}.svg`, chart);
  writeFileSync(page, fill(readFileSync(page, 'utf8'), name, `![${title}](paper-${name}.svg)\n\n${text}`));
}
