/**
 * Charts as SVG text: lines over an axis, and pairs of dots that are compared. Each has a background of its
 * own, so that it is readable on a light and on a dark page.
 */
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';

/** Told apart with any common kind of colour blindness (Okabe and Ito). */
export const colors = {
  blue: '#0072b2',
  red: '#d55e00',
  green: '#009e73',
  purple: '#a2538c',
  grey: '#6e7781',
} as const;

export interface Axis {
  readonly label: string;
  readonly kind: 'linear' | 'log';
  readonly domain: readonly [number, number];
  /** Default: as a plain number. */
  readonly format?: (value: number) => string;
  /** Default: round values. */
  readonly ticks?: readonly number[];
}

export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dash?: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** What the paper says, from the least to the greatest y, drawn beside the plot. */
  readonly ranges?: readonly {
    readonly name: string;
    readonly color: string;
    readonly from: number;
    readonly to: number;
  }[];
}

export interface Pairs {
  readonly title: string;
  readonly x: Axis;
  readonly rows: readonly {
    readonly label: string;
    readonly color: string;
    /** Drawn hollow. */
    readonly before: number;
    /** Drawn full. */
    readonly after: number;
  }[];
  /** What hollow and full dots mean. */
  readonly legend: readonly [before: string, after: string];
}

type Scale = ScaleContinuousNumeric<number, number>;

const width = 720;
const ink = '#1f2328';
const faint = '#d8dee4';

export function lineChart({ title, x, y, series, ranges = [] }: LineChart): string {
  const height = 400;
  const box = { left: 70, right: width - 30 - 26 * ranges.length, top: 84, bottom: height - 58 };
  const across = scaleOf(x, [box.left, box.right]);
  const up = scaleOf(y, [box.bottom, box.top]);
  const draw = line<readonly [number, number]>(
    ([at]) => across(at),
    ([, at]) => up(at),
  ).digits(1);
  const lines = series.map(({ color, points, dash }) => {
    const dots = points.map(([px, py]) => circle(across(px), up(py), color, true)).join('');
    const stroke = `fill="none" stroke="${color}" stroke-width="2"${dash ? ' stroke-dasharray="6 4"' : ''}`;
    return `<path d="${draw(points) ?? ''}" ${stroke}/>${dots}`;
  });
  const beside = ranges.map(({ name, color, from, to }, index) => {
    const at = box.right + 26 * (index + 1);
    const bar = `<line x1="${at}" x2="${at}" y1="${fixed(up(from))}" y2="${fixed(up(to))}" stroke="${color}" stroke-width="6" opacity="0.5"/>`;
    return bar + text(at, box.bottom + 20, name, { anchor: 'middle' });
  });
  if (ranges.length > 0) {
    beside.push(text(box.right + 13 * (ranges.length + 1), box.bottom + 40, 'paper', { anchor: 'middle' }));
  }
  return svg(title, height, [
    grid(x, across, (at) => ({ x1: at, x2: at, y1: box.top, y2: box.bottom })),
    grid(y, up, (at) => ({ x1: box.left, x2: box.right, y1: at, y2: at })),
    ...ticksOf(x, across).map((tick) => text(across(tick), box.bottom + 20, show(x, tick), { anchor: 'middle' })),
    ...ticksOf(y, up).map((tick) => text(box.left - 8, up(tick) + 4, show(y, tick), { anchor: 'end' })),
    text((box.left + box.right) / 2, box.bottom + 42, x.label, { anchor: 'middle' }),
    text(20, (box.top + box.bottom) / 2, y.label, { anchor: 'middle', turned: true }),
    legend(series.map(({ name, color, dash }) => ({ name, swatch: swatchOf(color, dash) }))),
    ...lines,
    ...beside,
  ]);
}

export function pairsChart({ title, x, rows, legend: [before, after] }: Pairs): string {
  const step = 34;
  const box = { left: 230, right: width - 40, top: 84, bottom: 84 + step * rows.length };
  const across = scaleOf(x, [box.left, box.right]);
  const drawn = rows.map(({ label, color, before: from, after: to }, index) => {
    const at = box.top + step * (index + 0.5);
    return [
      text(box.left - 12, at + 4, label, { anchor: 'end' }),
      `<line x1="${fixed(across(from))}" x2="${fixed(across(to))}" y1="${at}" y2="${at}" stroke="${color}" stroke-width="2"/>`,
      circle(across(from), at, color, false),
      circle(across(to), at, color, true),
    ].join('');
  });
  const dot = (full: boolean) => (left: number, top: number) => circle(left + 12, top, ink, full);
  return svg(title, box.bottom + 58, [
    grid(x, across, (at) => ({ x1: at, x2: at, y1: box.top, y2: box.bottom })),
    ...ticksOf(x, across).map((tick) => text(across(tick), box.bottom + 20, show(x, tick), { anchor: 'middle' })),
    text((box.left + box.right) / 2, box.bottom + 42, x.label, { anchor: 'middle' }),
    legend([
      { name: before, swatch: dot(false) },
      { name: after, swatch: dot(true) },
    ]),
    ...drawn,
  ]);
}

function scaleOf(axis: Axis, range: readonly [number, number]): Scale {
  const scale = axis.kind === 'log' ? scaleLog() : scaleLinear();
  return scale.domain([...axis.domain]).range([...range]);
}

const ticksOf = (axis: Axis, scale: Scale): readonly number[] =>
  axis.ticks ?? scale.ticks(6).filter((tick) => axis.kind === 'linear' || Number.isInteger(Math.log10(tick)));

const show = (axis: Axis, tick: number): string => axis.format?.(tick) ?? tick.toLocaleString('en-US');

interface Ends {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

function grid(axis: Axis, scale: Scale, ends: (at: number) => Ends): string {
  return ticksOf(axis, scale)
    .map((tick) => {
      const { x1, x2, y1, y2 } = ends(scale(tick));
      return `<line x1="${fixed(x1)}" x2="${fixed(x2)}" y1="${fixed(y1)}" y2="${fixed(y2)}" stroke="${faint}"/>`;
    })
    .join('');
}

function circle(x: number, y: number, color: string, full: boolean): string {
  const fill = full ? `fill="${color}"` : 'fill="#ffffff"';
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${full ? 3.5 : 4.5}" ${fill} stroke="${color}" stroke-width="2"/>`;
}

type Swatch = (left: number, middle: number) => string;

const swatchOf =
  (color: string, dash = false): Swatch =>
  (left, middle) =>
    `<line x1="${left}" x2="${left + 24}" y1="${middle}" y2="${middle}" stroke="${color}" stroke-width="3"${dash ? ' stroke-dasharray="6 4"' : ''}/>`;

function legend(entries: readonly { readonly name: string; readonly swatch: Swatch }[]): string {
  let left = 24;
  return entries
    .map(({ name, swatch }) => {
      const drawn = swatch(left, 56) + text(left + 30, 60, name);
      left += 56 + 6.6 * name.length;
      return drawn;
    })
    .join('');
}

function text(
  x: number,
  y: number,
  words: string,
  { anchor = 'start', turned = false }: { anchor?: 'start' | 'middle' | 'end'; turned?: boolean } = {},
): string {
  const turn = turned ? ` transform="rotate(-90 ${fixed(x)} ${fixed(y)})"` : '';
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"${turn}>${escaped(words)}</text>`;
}

function svg(title: string, height: number, parts: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#ffffff" stroke="${faint}"/>`,
    `<text x="24" y="32" font-size="16" font-weight="600">${escaped(title)}</text>`,
    ...parts.filter((part) => part !== ''),
    '</svg>',
    '',
  ].join('\n');
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
