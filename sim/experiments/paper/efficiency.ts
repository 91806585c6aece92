/**
 * Figure 8: how evenly the three strategies spread the load, over the size of the table that every node
 * must know. Efficiency is the mean load of a node over that of the most loaded one, with all keys equally
 * popular; the loads are the exact sizes of the arcs, no requests are drawn.
 */
import type { NodeId } from '../../../src/core/ids.ts';
import { limits } from '../../../src/core/limits.ts';
import type { MembershipHistory } from '../../../src/core/ring/history.ts';
import { SeededRandom } from '../../world/random.ts';
import { colors, lineChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { mean } from './stats.ts';
import {
  equalShares,
  historyOf,
  joining,
  namesOf,
  type Partitioning,
  partitioningOf,
  randomTokens,
  tokensOverPartitions,
} from './strategies.ts';
import { markdown } from './table.ts';

export interface EfficiencySize {
  readonly nodes: number;
  readonly n: number;
  readonly rings: number;
  /** Tokens per node, for strategies 1 and 2. */
  readonly tokens: readonly number[];
  /** Partitions of strategy 3. */
  readonly partitions: readonly number[];
  /** Partitions of strategy 2, whatever the tokens: few, and many. */
  readonly fixedPartitions: readonly [number, number];
  /** Joins, and as many leaves, of strategy 3's "later". */
  readonly turnover: number;
}

export const efficiencySize: EfficiencySize = {
  nodes: 30,
  n: 3,
  rings: 40,
  tokens: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  partitions: [64, 128, 256, 512, 1024, 2048, limits.partitionsMax],
  fixedPartitions: [1024, limits.partitionsMax],
  turnover: 30,
};

/** Strategy 3 differs little from ring to ring, and the fold of a large one takes its time. */
const ringsOfStrategy3 = 2;

interface Point {
  readonly metadata: number;
  /** Mean, least and greatest over the rings. */
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** The load of each node that has any, as a share of all requests; they sum up to N. */
export function loadsOf({ arcs }: Partitioning): Map<NodeId, number> {
  const loads = new Map<NodeId, number>();
  let start = 0;
  for (const { end, nodes } of arcs) {
    for (const node of nodes) loads.set(node, (loads.get(node) ?? 0) + end - start);
    start = end;
  }
  return loads;
}

/** 1 if all nodes have the same load. */
export function efficiency(partitioning: Partitioning, nodes: number): number {
  const loads = [...loadsOf(partitioning).values()];
  return loads.reduce((sum, load) => sum + load, 0) / nodes / Math.max(...loads);
}

export function measureEfficiency(size: EfficiencySize) {
  const { n, tokens, partitions, fixedPartitions } = size;
  type Make = (random: SeededRandom, names: readonly NodeId[]) => Partitioning;
  const point = (seed: number, rings: number, make: Make): Point => {
    const random = new SeededRandom(seed);
    const made = Array.from({ length: rings }, () => {
      const names = namesOf(random, size.nodes);
      const partitioning = make(random, names);
      return { metadata: partitioning.metadata, efficiency: efficiency(partitioning, size.nodes) };
    });
    const all = made.map((ring) => ring.efficiency);
    return { metadata: made[0]?.metadata ?? 0, mean: mean(all), least: Math.min(...all), most: Math.max(...all) };
  };
  const rings3 = Math.min(size.rings, ringsOfStrategy3);
  return {
    one: tokens.map((t) => point(t, size.rings, (random, names) => randomTokens(random, names, n, t))),
    two: fixedPartitions.map((q) =>
      tokens.map((t) => point(t, size.rings, (random, names) => tokensOverPartitions(random, names, n, t, q))),
    ),
    three: partitions.map((q) => point(q, rings3, (_, names) => equalShares(names, n, q))),
    later: partitions.map((q) =>
      point(q, rings3, (random, names) => partitioningOf(turnedOver(random, names, n, q, size.turnover))),
    ),
  };
}

/** The ring after so many leaves of any member, each followed by the join of a new one. */
function turnedOver(
  random: SeededRandom,
  names: readonly NodeId[],
  n: number,
  partitions: number,
  times: number,
): MembershipHistory {
  const members = [...names];
  const history = [...historyOf(names, n, partitions)];
  for (let turn = 0; turn < times; turn++) {
    const [leaver] = members.splice(random.int(0, members.length - 1), 1);
    const newcomer = random.name();
    members.push(newcomer);
    const lamport = history.length + 1;
    if (leaver !== undefined) history.push({ stamp: [lamport, leaver], kind: 'leave', node: leaver });
    history.push(joining(newcomer, lamport + 1));
  }
  return history;
}

export function figure8(size: EfficiencySize = efficiencySize): Figure {
  const { one, two, three, later } = measureEfficiency(size);
  const [few = [], many = []] = two;
  const [fewQ, manyQ] = size.fixedPartitions;
  const cell = (point: Point | undefined): string =>
    point === undefined ? '–' : `${point.mean.toFixed(2)} (${point.least.toFixed(2)}–${point.most.toFixed(2)})`;
  const byTokens = markdown(
    ['tokens per node', 'entries', 'strategy 1', `strategy 2, Q = ${fewQ}`, `strategy 2, Q = ${manyQ}`],
    size.tokens.map((t, index) => {
      const points = [one[index], few[index], many[index]];
      return [String(t), String(one[index]?.metadata), ...points.map(cell)];
    }),
  );
  const byPartitions = markdown(
    ['partitions = entries', 'strategy 3', `after ${size.turnover} leaves and ${size.turnover} joins`],
    size.partitions.map((q, index) => [String(q), cell(three[index]), cell(later[index])]),
  );
  const ends = (points: readonly Point[]): string =>
    `${points[0]?.mean.toFixed(2)} → ${points.at(-1)?.mean.toFixed(2)}`;
  const beside = markdown(
    ['least → most metadata', 'paper', 'here'],
    [
      ['strategy 1', '0.52 → 0.96', ends(one)],
      [`strategy 2, Q = ${fewQ}`, '0.53 → 0.88', ends(few)],
      [`strategy 2, Q = ${manyQ}`, '0.53 → 0.88', ends(many)],
      ['strategy 3', '0.86 → 0.99', ends(three)],
    ],
  );
  const chart = lineChart({
    title: 'Load-balancing efficiency, S = 30, N = 3 (paper: fig. 8)',
    x: { label: 'entries of the table that every node keeps', kind: 'log', domain: [30, 40_000] },
    y: { label: 'mean load / greatest load', kind: 'linear', domain: [0.3, 1] },
    series: [
      { name: 'strategy 3, as Tabring has it', color: colors.blue, points: pointsOf(three) },
      { name: '1', color: colors.red, points: pointsOf(one) },
      { name: `2, Q = ${fewQ}`, color: colors.green, points: pointsOf(few), dash: true },
      { name: `2, Q = ${manyQ}`, color: colors.purple, points: pointsOf(many), dash: true },
    ],
    ranges: [
      { name: '3', color: colors.blue, from: 0.86, to: 0.99 },
      { name: '1', color: colors.red, from: 0.52, to: 0.96 },
      { name: '2', color: colors.green, from: 0.53, to: 0.88 },
    ],
  });
  return {
    title: 'Figure 8: load-balancing efficiency',
    blocks: [beside, byTokens, byPartitions],
    chart,
  };
}

const pointsOf = (points: readonly Point[]): [number, number][] =>
  points.map(({ metadata, mean: y }): [number, number] => [metadata, y]);
