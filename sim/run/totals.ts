/**
 * The sum of many runs, as they come: no run is kept. Invariant: it does not depend on the order in which
 * they ended, nor on the pieces in which they were run.
 */
import * as v from 'valibot';
import { faultKinds } from '../world/plan.ts';
import { sometimes } from './coverage.ts';
import type { Outcome } from './run.ts';

/** More failed seeds than these are counted, but not named. */
const named = 1000;

const count = v.pipe(v.number(), v.minValue(0));
const counts = v.record(v.string(), count);

export const totalsSchema = v.object({
  seeds: count,
  /** At first, in the largest of the rings. */
  nodes: count,
  events: count,
  /** Of all pieces together, as if one had been run after the other. */
  seconds: count,
  eventsPerSecond: count,
  simulatedHours: count,
  operations: count,
  faults: counts,
  /** By checker; empty if there are none. */
  violations: counts,
  failed: count,
  failedSeeds: v.array(count),
  /** Seeds that were run twice, and those of them that did not end alike. */
  twice: v.object({ seeds: count, different: v.array(count) }),
  coverage: counts,
  /** What became of the items of the set tests, see load/set-counts.ts. */
  sets: counts,
  /** What of the "sometimes" list never happened. */
  neverHappened: v.array(v.string()),
  /** The longest time from the end of the faults to rest, in simulated ms. */
  slowestRestMs: count,
  /** The sum of the traces' hashes. */
  traceHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
});

export type Totals = v.InferOutput<typeof totalsSchema>;

export const noTotals = (nodes: number): Totals => ({
  seeds: 0,
  nodes,
  events: 0,
  seconds: 0,
  eventsPerSecond: 0,
  simulatedHours: 0,
  operations: 0,
  faults: Object.fromEntries(faultKinds.map((kind) => [kind, 0])),
  violations: {},
  failed: 0,
  failedSeeds: [],
  twice: { seeds: 0, different: [] },
  coverage: {},
  sets: {},
  neverHappened: [...sometimes],
  slowestRestMs: 0,
  traceHash: '0'.repeat(16),
});

/** What one run adds; `again` if it was run twice: whether both ended alike. */
export function totalsOf(outcome: Outcome, nodes: number, again?: boolean): Totals {
  const { seed, violations } = outcome;
  const failed = violations.length > 0;
  return withRates({
    ...noTotals(nodes),
    seeds: 1,
    events: outcome.events,
    simulatedHours: outcome.simulatedMs / 3_600_000,
    operations: outcome.operations,
    faults: outcome.faults,
    violations: addUp(...violations.map(({ checker }) => ({ [checker]: 1 }))),
    failed: failed ? 1 : 0,
    failedSeeds: failed ? [seed] : [],
    twice: { seeds: again === undefined ? 0 : 1, different: again === false ? [seed] : [] },
    coverage: outcome.coverage,
    sets: outcome.sets,
    slowestRestMs: outcome.settledMs ?? 0,
    traceHash: outcome.traceHash.padStart(16, '0'),
  });
}

export function addTotals(a: Totals, b: Totals): Totals {
  return withRates({
    seeds: a.seeds + b.seeds,
    nodes: Math.max(a.nodes, b.nodes),
    events: a.events + b.events,
    seconds: a.seconds + b.seconds,
    eventsPerSecond: 0,
    simulatedHours: a.simulatedHours + b.simulatedHours,
    operations: a.operations + b.operations,
    faults: addUp(a.faults, b.faults),
    violations: addUp(a.violations, b.violations),
    failed: a.failed + b.failed,
    failedSeeds: sorted(a.failedSeeds, b.failedSeeds),
    twice: {
      seeds: a.twice.seeds + b.twice.seeds,
      different: sorted(a.twice.different, b.twice.different),
    },
    coverage: addUp(a.coverage, b.coverage),
    sets: addUp(a.sets, b.sets),
    neverHappened: [],
    slowestRestMs: Math.max(a.slowestRestMs, b.slowestRestMs),
    traceHash: sumOfHashes(a.traceHash, b.traceHash),
  });
}

/** What follows from the rest. */
function withRates(totals: Totals): Totals {
  return {
    ...totals,
    eventsPerSecond: totals.seconds > 0 ? Math.round(totals.events / totals.seconds) : 0,
    neverHappened: sometimes.filter((name) => (totals.coverage[name] ?? 0) === 0),
  };
}

/** `seconds` is the time that it took. */
export function took(totals: Totals, seconds: number): Totals {
  return withRates({
    ...totals,
    seconds: Math.round(seconds * 10) / 10,
    simulatedHours: Math.round(totals.simulatedHours * 1000) / 1000,
  });
}

const sorted = (a: readonly number[], b: readonly number[]): number[] =>
  [...a, ...b].sort((left, right) => left - right).slice(0, named);

const sumOfHashes = (a: string, b: string): string =>
  BigInt.asUintN(64, BigInt(`0x${a}`) + BigInt(`0x${b}`))
    .toString(16)
    .padStart(16, '0');

function addUp(...all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const each of all) {
    for (const [name, value] of Object.entries(each)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
