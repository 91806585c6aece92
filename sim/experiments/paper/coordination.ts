/**
 * Table 2: what a request costs when it goes through a load balancer and a random node (server-driven), and
 * when it begins at a node that knows the ring (client-driven). In Tabring every tab is such a node, so there
 * is no other way than the second; the first is built around the same cores for comparison.
 *
 *   server-driven   client ─► balancer ─► any node ─► replicas        and back the same way
 *   client-driven                      any tab ─► replicas
 *   own key                            a tab that is a replica ─► the others
 */
import { logNormal } from './chance.ts';
import { colors, pairsChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { type Key, Keys } from './keys.ts';
import { Lab } from './lab.ts';
import type { Machine } from './machine.ts';
import { mean, quantile } from './stats.ts';
import { markdown, ms } from './table.ts';

export interface CoordinationSize {
  readonly machines: number;
  readonly keys: number;
  /** Gets, each followed by a put of the same key; of each way. */
  readonly requests: number;
  readonly perSecond: number;
}

export const coordinationSize: CoordinationSize = { machines: 12, keys: 4000, requests: 15_000, perSecond: 200 };

/** Milliseconds. Chosen so that client-driven gets come near the paper's; all other figures follow from it. */
const model = {
  /** One message on its way, and its handling at both ends. */
  hop: { median: 0.18, spread: 1.55 },
  /** A sync, at the one replica of a put that is asked for it (one-strict, as in the paper). */
  sync: { median: 5, spread: 0.7 },
  buffer: { median: 0.1, spread: 0.5 },
  /** A value that is not in memory. */
  read: { median: 6, spread: 0.7 },
  /** A node stands still for so long, and then not again for `every` on average. */
  pause: { median: 20, spread: 0.5, every: 8000 },
  /** Bytes of values that a node keeps in memory: about nine of ten. */
  cache: 270_000,
};

export const ways = ['server-driven', 'client-driven', 'own key'] as const;
export type Way = (typeof ways)[number];

export interface Latencies {
  readonly get: readonly number[];
  readonly put: readonly number[];
}

export function measureCoordination(way: Way, size: CoordinationSize): Latencies {
  const lab = makeLab(size);
  const keys = new Keys(size.keys);
  const latencies: { get: number[]; put: number[] } = { get: [], put: [] };
  for (const key of keys.all) {
    key.busy = true;
    lab.after(lab.random.int(0, firstWrites), () => getAndPut(lab, way, keys, key, { get: [], put: [] }));
  }
  lab.run(firstWrites + 5000);
  lab.often(
    () => size.perSecond,
    () => {
      const key = keys.take(lab.random);
      if (key !== undefined) getAndPut(lab, way, keys, key, latencies);
    },
  );
  while (latencies.put.length < size.requests) lab.run(1000);
  return latencies;
}

/** Milliseconds in which every key is written once, before anything is measured. */
const firstWrites = 20_000;

function makeLab({ machines }: CoordinationSize): Lab {
  return new Lab({
    seed: 2,
    machines,
    node: { durability: 'one-strict', cacheBytes: model.cache },
    hop: (random) => logNormal(random, model.hop),
    disk: (random) => ({
      sync: () => logNormal(random, model.sync),
      buffer: () => logNormal(random, model.buffer),
      read: () => logNormal(random, model.read),
    }),
    pause: { length: (random) => logNormal(random, model.pause), every: model.pause.every },
  });
}

/** A client reads a key and writes it, each through a node of its own choosing. */
function getAndPut(lab: Lab, way: Way, keys: Keys, key: Key, latencies: { get: number[]; put: number[] }): void {
  const write = (): void =>
    travel(lab, way, key, latencies.put, (machine, back) =>
      lab.put(machine, key.name, key.context, key.fastest, (outcome) => {
        back();
        keys.written(key, outcome);
      }),
    );
  travel(lab, way, key, latencies.get, (machine, back) =>
    lab.get(machine, key.name, (outcome) => {
      back(write);
      keys.got(key, outcome);
    }),
  );
}

type Ask = (machine: Machine, back: (then?: () => void) => void) => void;

/** Brings a request to a node and its answer back, and notes how long that took. */
function travel(lab: Lab, way: Way, key: Key, took: number[], ask: Ask): void {
  const began = lab.now;
  const machine = lab.random.pick(way === 'own key' ? replicasOf(lab, key) : lab.machines);
  if (machine === undefined) return;
  const back = (then?: () => void): void =>
    lab.after(outside(lab, way), () => {
      took.push(lab.now - began);
      then?.();
    });
  lab.after(outside(lab, way), () => ask(machine, back));
}

/** Client to balancer, balancer to node; the same on the way back. */
const outside = (lab: Lab, way: Way): number => (way === 'server-driven' ? lab.hop() + lab.hop() : 0);

function replicasOf(lab: Lab, key: Key): readonly Machine[] {
  const walk = lab.machines[0]?.core.explain(key.name).walk ?? [];
  const primaries = walk.filter(({ role }) => role === 'primary').map(({ node }) => node);
  return lab.machines.filter(({ id }) => primaries.includes(id));
}

interface Published {
  /** Server-driven, client-driven; milliseconds. */
  readonly mean: readonly [number, number];
  readonly tail: readonly [number, number];
}

const paper: { readonly get: Published; readonly put: Published } = {
  get: { mean: [3.9, 1.55], tail: [68.9, 30.4] },
  put: { mean: [4.02, 1.9], tail: [68.5, 30.4] },
};

export function table2(size: CoordinationSize = coordinationSize): Figure {
  const here = ways.map((way) => ({ way, ...measureCoordination(way, size) }));
  const row = (name: string, samples: (latencies: Latencies) => readonly number[], of: Published) => [
    [`${name}, mean`, ...of.mean.map(ms), ...here.map((latencies) => ms(mean(samples(latencies))))],
    [`${name}, p99.9`, ...of.tail.map(ms), ...here.map((latencies) => ms(quantile(samples(latencies), 0.999)))],
  ];
  const rows = [...row('get', ({ get }) => get, paper.get), ...row('put', ({ put }) => put, paper.put)];
  const head = ['milliseconds', 'paper: server-driven', 'paper: client-driven', ...ways.map((way) => `here: ${way}`)];
  const pair = (label: string, color: string, [before = '', after = '']: readonly string[]) => ({
    label,
    color,
    before: Number(before),
    after: Number(after),
  });
  const chart = pairsChart({
    title: 'Through a balancer, or straight from the client (paper: table 2)',
    x: { label: 'milliseconds', kind: 'log', domain: [1, 100], ticks: [1, 2, 5, 10, 20, 50, 100] },
    rows: rows.flatMap(([name = '', ...cells]) => [
      pair(`${name}: paper`, colors.grey, cells.slice(0, 2)),
      pair(`${name}: here`, colors.blue, cells.slice(2, 4)),
    ]),
    legend: ['server-driven', 'client-driven'],
  });
  return { title: 'Table 2: who coordinates', blocks: [markdown(head, rows)], chart };
}
