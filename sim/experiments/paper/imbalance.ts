/**
 * Figure 6: the share of nodes out of balance over a day. In every half hour other keys are in use, more of
 * them the more load there is; some are far more popular than others, and a request loads all N nodes of its
 * preference list. Loads are expected ones, no requests are drawn. A node more than 15% off the mean is out of
 * balance.
 */
import type { NodeId } from '../../../src/core/ids.ts';
import { positionOf } from '../../../src/core/ring/position.ts';
import { SeededRandom } from '../../world/random.ts';
import { firstAbove } from './chance.ts';
import { colors, lineChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { mean } from './stats.ts';
import { equalShares, namesOf, type Partitioning, randomTokens } from './strategies.ts';
import { markdown, percent } from './table.ts';

export interface ImbalanceSize {
  readonly nodes: number;
  readonly n: number;
  /** Each with a ring and customers of its own. */
  readonly days: number;
  /** Half hours of a day. */
  readonly windows: number;
  /** Keys in use in half an hour at the peak. */
  readonly keysAtPeak: number;
  /** The k-th most popular key is asked for k^-exponent times as often as the first. */
  readonly exponent: number;
  readonly partitions: number;
  readonly tokens: number;
}

export const imbalanceSize: ImbalanceSize = {
  nodes: 30,
  n: 3,
  days: 4,
  windows: 48,
  keysAtPeak: 300_000,
  exponent: 0.8,
  partitions: 256,
  tokens: 128,
};

/** Paper: §6.2. */
const threshold = 0.15;

/** The least load is an eighth of the greatest (paper: §6.2), at night. */
export function loadAt(window: number, windows: number): number {
  const night = (1 + Math.cos((2 * Math.PI * window) / windows)) / 2;
  return 1 - (7 / 8) * night;
}

export interface TimeWindow {
  /** Of the peak's. */
  readonly load: number;
  /** Shares of nodes out of balance, means over the days. */
  readonly ring: number;
  readonly tokens: number;
}

export function measureImbalance(size: ImbalanceSize, positions = positionsOf(size)): TimeWindow[] {
  const random = new SeededRandom(6);
  const popularity = Float64Array.from(positions, (_, rank) => (rank + 1) ** -size.exponent);
  const days = Array.from({ length: size.days }, () => {
    const names = namesOf(random, size.nodes);
    const ring = placed(equalShares(names, size.n, size.partitions), positions);
    const tokens = placed(randomTokens(random, names, size.n, size.tokens), positions);
    return Array.from({ length: size.windows }, (_, window) => {
      const keys = Math.round(size.keysAtPeak * loadAt(window, size.windows));
      // The most popular key of this half hour; the others follow it.
      const first = random.int(0, positions.length - 1);
      const share = (place: Placed): number => outOfBalance(place, names, popularity.subarray(0, keys), first);
      return { ring: share(ring), tokens: share(tokens) };
    });
  });
  return Array.from({ length: size.windows }, (_, window) => ({
    load: loadAt(window, size.windows),
    ring: mean(days.map((day) => day[window]?.ring ?? Number.NaN)),
    tokens: mean(days.map((day) => day[window]?.tokens ?? Number.NaN)),
  }));
}

const positionsOf = ({ keysAtPeak }: ImbalanceSize): number[] =>
  Array.from({ length: keysAtPeak }, (_, key) => Number.parseInt(positionOf(`cart/${key}`).slice(0, 8), 16) / 2 ** 32);

interface Placed {
  readonly arcs: Partitioning['arcs'];
  /** The arc of each key. */
  readonly arcOf: Int32Array;
}

function placed({ arcs }: Partitioning, positions: readonly number[]): Placed {
  const ends = arcs.map(({ end }) => end);
  return { arcs, arcOf: Int32Array.from(positions, (position) => firstAbove(ends, position)) };
}

function outOfBalance(
  { arcs, arcOf }: Placed,
  names: readonly NodeId[],
  popularity: Float64Array,
  first: number,
): number {
  const arcLoads = new Float64Array(arcs.length);
  for (let rank = 0; rank < popularity.length; rank++) {
    const arc = arcOf[(first + rank) % arcOf.length] ?? 0;
    arcLoads[arc] = (arcLoads[arc] ?? 0) + (popularity[rank] ?? 0);
  }
  const loads = new Map(names.map((node) => [node, 0]));
  for (const [index, { nodes }] of arcs.entries()) {
    for (const node of nodes) loads.set(node, (loads.get(node) ?? 0) + (arcLoads[index] ?? 0));
  }
  const all = [...loads.values()];
  const average = mean(all);
  return all.filter((load) => Math.abs(load - average) > threshold * average).length / all.length;
}

/** As the paper compares them: the quietest and the busiest hours. */
const isLow = ({ load }: TimeWindow): boolean => load <= 0.25;
const isHigh = ({ load }: TimeWindow): boolean => load >= 0.75;

export function figure6(size: ImbalanceSize = imbalanceSize): Figure {
  const positions = positionsOf(size);
  const measured = [size.exponent - 0.1, size.exponent, size.exponent + 0.1].map((exponent) => {
    const windows = measureImbalance({ ...size, exponent }, positions);
    const over = (part: (window: TimeWindow) => boolean, of: (window: TimeWindow) => number) =>
      percent(mean(windows.filter(part).map(of)), 0);
    const row = [
      `k^-${exponent.toFixed(1)}`,
      over(isLow, ({ tokens }) => tokens),
      over(isHigh, ({ tokens }) => tokens),
      over(isLow, ({ ring }) => ring),
      over(isHigh, ({ ring }) => ring),
    ];
    return { windows, row };
  });
  const one = `strategy 1, T = ${size.tokens}`;
  const three = `strategy 3, Q = ${size.partitions}`;
  const head = ['popularity of the k-th key', `${one}: low load`, 'high load', `${three}: low load`, 'high load'];
  const table = markdown(head, [['paper', '20%', '10%', '–', '–'], ...measured.map(({ row }) => row)]);
  const windows = measured[1]?.windows ?? [];
  const points = (of: (window: TimeWindow) => number): [number, number][] =>
    windows.map((window, index): [number, number] => [(24 * index) / size.windows, of(window)]);
  const chart = lineChart({
    title: 'Nodes more than 15% off the mean load, over a day (paper: fig. 6)',
    x: {
      label: 'hour of the day (load: top of the plot is the peak)',
      kind: 'linear',
      domain: [0, 24],
      ticks: [0, 3, 6, 9, 12, 15, 18, 21, 24],
    },
    y: { label: 'share of nodes', kind: 'linear', domain: [0, 0.4], format: (share) => percent(share, 0) },
    series: [
      { name: 'load', color: colors.grey, points: points(({ load }) => 0.4 * load), dash: true },
      { name: one, color: colors.red, points: points(({ tokens }) => tokens) },
      { name: three, color: colors.blue, points: points(({ ring }) => ring) },
    ],
    ranges: [{ name: '1', color: colors.red, from: 0.1, to: 0.2 }],
  });
  return { title: 'Figure 6: nodes out of balance', blocks: [table], chart };
}
