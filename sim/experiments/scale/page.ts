/** Measured figures as a table and a chart. Invariant: what was not measured is not on the page. */
import { colors, lineChart } from '../paper/chart.ts';
import type { Figures } from './measure.ts';

const begin = '<!-- table -->';
const end = '<!-- end of table -->';

export function tableOf(all: readonly Figures[]): string {
  const heads = ['nodes', 'partitions', 'idle: messages/s', 'idle: bytes/s', 'join: half know', 'join: all know'];
  const splits = all[0]?.splits.map(({ seconds }) => `${seconds} s split`) ?? [];
  const head = [...heads, 'join: bytes', ...splits.flatMap((name) => [`${name}: members`, `${name}: data`])];
  const rows = all.map(({ nodes, partitions, idle, join, splits: after }) => [
    nodes.toLocaleString('en'),
    `${partitions}`,
    `${Math.round(idle.messages)}`,
    bytes(idle.bytes),
    seconds(join.halfMs),
    seconds(join.allMs),
    bytes(join.bytes),
    ...splits.flatMap((_, at) => {
      const split = after[at];
      return split ? [seconds(split.ringMs), seconds(split.dataMs)] : ['–', '–'];
    }),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export function chartOf(all: readonly Figures[]): string {
  const sizes = all.map(({ nodes }) => nodes);
  const points = (of: (figures: Figures) => number) =>
    all.map((figures) => [figures.nodes, of(figures) / 1000] as const).filter(([, y]) => Number.isFinite(y));
  const [first, ...others] = all[0]?.splits ?? [];
  const names = [first, ...others].map((split) => split?.seconds ?? 0);
  const series = [
    { name: 'a join is known to all', color: colors.blue, points: points(({ join }) => join.allMs) },
    ...names.map((split, at) => ({
      name: `data equal after ${split} s apart`,
      color: at === 0 ? colors.green : colors.red,
      points: points(({ splits }) => splits[at]?.dataMs ?? Number.NaN),
    })),
  ];
  const highest = Math.max(...series.flatMap((each) => each.points.map(([, y]) => y)));
  return lineChart({
    title: 'How long until all agree, by the size of the ring',
    x: { label: 'nodes', kind: 'log', domain: [Math.min(...sizes), Math.max(...sizes)], ticks: sizes },
    y: { label: 'simulated seconds', kind: 'linear', domain: [0, Math.ceil(highest * 2) / 2] },
    series,
  });
}

/** The page with another table. */
export function fill(page: string, table: string): string {
  const [before, rest = ''] = page.split(begin);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the page has no '${begin}' and '${end}'`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never');

const bytes = (count: number): string =>
  count < 10_000
    ? `${Math.round(count)}`
    : count < 1_000_000
      ? `${Math.round(count / 1000)} k`
      : `${(count / 1e6).toFixed(1)} M`;
