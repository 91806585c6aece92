/**
 * Figure 5: what it does to the latency of puts that a commit may rest in memory. The same day of puts is
 * played three times, with each durability of the store; the disk is simulated, what waits for it is not.
 */
import { type LogNormal, logNormal } from './chance.ts';
import { colors, lineChart } from './chart.ts';
import type { Figure } from './figure.ts';
import { loadAt } from './imbalance.ts';
import { Keys } from './keys.ts';
import { Lab } from './lab.ts';
import { quantile } from './stats.ts';
import { markdown, ms } from './table.ts';

export interface BufferedSize {
  readonly machines: number;
  readonly keys: number;
  readonly windows: number;
  readonly putsPerWindow: number;
  /** Per second and in total, at the peak. */
  readonly peak: number;
  /** Puts at the peak, on each of the disks. */
  readonly putsPerDisk: number;
}

export const bufferedSize: BufferedSize = {
  machines: 6,
  keys: 3000,
  windows: 12,
  putsPerWindow: 3000,
  peak: 300,
  putsPerDisk: 4000,
};

interface Device {
  readonly name: string;
  /** Milliseconds of a sync. */
  readonly sync: LogNormal;
}

/** The first is that of the chart. */
export const devices: readonly [Device, ...Device[]] = [
  { name: 'hard disk', sync: { median: 4, spread: 0.7 } },
  { name: 'hard disk that others use too', sync: { median: 6, spread: 1 } },
  { name: 'flash', sync: { median: 0.8, spread: 0.7 } },
];

/** Milliseconds of a commit that may rest in memory, and of one message. */
const buffer: LogNormal = { median: 0.1, spread: 0.5 };
const hop: LogNormal = { median: 0.3, spread: 0.8 };

export const durabilities = ['strict', 'one-strict', 'relaxed'] as const;
export type Durability = (typeof durabilities)[number];

/** Latencies of puts in ms, one list per load. */
export function measurePuts(
  durability: Durability,
  { sync }: Device,
  size: BufferedSize,
  loads: readonly number[],
  puts: number,
): number[][] {
  const lab = new Lab({
    seed: 5,
    machines: size.machines,
    node: { durability },
    hop: (random) => logNormal(random, hop),
    disk: (random) => ({
      sync: () => logNormal(random, sync),
      buffer: () => logNormal(random, buffer),
      // All values fit into memory, and puts read none.
      read: () => 0,
    }),
  });
  const keys = new Keys(size.keys);
  let load = loads[0] ?? 1;
  let took: number[] = [];
  lab.often(
    () => size.peak * load,
    () => {
      const key = keys.take(lab.random);
      const machine = lab.random.pick(lab.machines);
      if (key === undefined || machine === undefined) return;
      const began = lab.now;
      lab.put(machine, key.name, key.context, key.fastest, (outcome) => {
        keys.written(key, outcome);
        took.push(lab.now - began);
      });
    },
  );
  return loads.map((next) => {
    load = next;
    took = [];
    while (took.length < puts) lab.run(200);
    return took.slice(0, puts);
  });
}

export function figure5(size: BufferedSize = bufferedSize): Figure {
  const loads = Array.from({ length: size.windows }, (_, window) => loadAt(window, size.windows));
  const [disk] = devices;
  const days = durabilities.map((durability) => measurePuts(durability, disk, size, loads, size.putsPerWindow));
  const tail = (samples: readonly number[] = []): number => quantile(samples, 0.999);
  const peak = loads.indexOf(Math.max(...loads));
  const [strict = [], oneStrict = [], relaxed = []] = days;
  const summary = markdown(
    ['put, milliseconds', ...durabilities, 'strict / relaxed'],
    [
      [
        'p50, whole day',
        ...days.map((day) => ms(quantile(day.flat(), 0.5))),
        ratio(strict.flat(), relaxed.flat(), 0.5),
      ],
      ['p99.9, whole day', ...days.map((day) => ms(tail(day.flat()))), ratio(strict.flat(), relaxed.flat(), 0.999)],
      ['p99.9, peak hours', ...days.map((day) => ms(tail(day[peak]))), ratio(strict[peak], relaxed[peak], 0.999)],
      ['paper: p99.9, peak', '–', '–', '–', 'about 5'],
    ],
  );
  const disks = markdown(
    ['p99.9 at the peak, by disk', 'median sync', ...durabilities, 'strict / relaxed'],
    devices.map((device) => {
      const all = durabilities.map((each) => measurePuts(each, device, size, [1], size.putsPerDisk)[0]);
      return [device.name, ms(device.sync.median), ...all.map((took) => ms(tail(took))), ratio(all[0], all[2], 0.999)];
    }),
  );
  const points = (day: readonly (readonly number[])[]): [number, number][] =>
    day.map((samples, window): [number, number] => [(24 * window) / size.windows, tail(samples)]);
  const chart = lineChart({
    title: 'p99.9 of puts over a day, by durability (paper: fig. 5)',
    x: {
      label: 'hour of the day (most load at 12)',
      kind: 'linear',
      domain: [0, 24],
      ticks: [0, 4, 8, 12, 16, 20, 24],
    },
    y: { label: 'milliseconds', kind: 'log', domain: [2, 60], ticks: [2, 5, 10, 20, 50] },
    series: [
      { name: 'strict', color: colors.red, points: points(strict) },
      { name: 'one-strict', color: colors.purple, points: points(oneStrict) },
      { name: 'relaxed', color: colors.blue, points: points(relaxed) },
    ],
  });
  return { title: 'Figure 5: buffered writes', blocks: [summary, disks], chart };
}

const ratio = (a: readonly number[] = [], b: readonly number[] = [], q: number): string =>
  (quantile(a, q) / quantile(b, q)).toFixed(1);
