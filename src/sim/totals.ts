/** The sum of many runs. Invariant: it does not depend on the order in which they ended. */

import { sometimes } from './coverage.ts';
import { faultKinds } from './faults.ts';
import type { Outcome } from './run.ts';
import { TraceHash } from './trace.ts';

export interface Totals {
  readonly seeds: number;
  readonly nodes: number;
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly simulatedHours: number;
  readonly operations: number;
  readonly faults: Readonly<Record<string, number>>;
  /** By checker; empty if there are none. */
  readonly violations: Readonly<Record<string, number>>;
  readonly failedSeeds: readonly number[];
  readonly coverage: Readonly<Record<string, number>>;
  /** What of the "sometimes" list never happened. */
  readonly neverHappened: readonly string[];
  /** The longest time from the end of the faults to rest, in simulated ms. */
  readonly slowestRestMs: number;
  readonly traceHash: string;
}

export function total(outcomes: readonly Outcome[], nodes: number, seconds: number): Totals {
  const sorted = outcomes.toSorted((a, b) => a.seed - b.seed);
  const hash = new TraceHash();
  for (const { seed, traceHash } of sorted) hash.add(`${seed} ${traceHash}`);
  const events = sum(sorted.map((outcome) => outcome.events));
  const violations = sorted.flatMap((outcome) => outcome.violations.map(({ checker }) => ({ [checker]: 1 })));
  const coverage = addUp(sorted.map((outcome) => outcome.coverage));
  return {
    seeds: sorted.length,
    nodes,
    events,
    seconds: Math.round(seconds * 10) / 10,
    eventsPerSecond: Math.round(events / seconds),
    simulatedHours: Math.round(sum(sorted.map(({ simulatedMs }) => simulatedMs)) / 360_000) / 10,
    operations: sum(sorted.map(({ operations }) => operations)),
    faults: addUp([Object.fromEntries(faultKinds.map((kind) => [kind, 0])), ...sorted.map(({ faults }) => faults)]),
    violations: addUp(violations),
    failedSeeds: sorted.filter((outcome) => outcome.violations.length > 0).map(({ seed }) => seed),
    coverage,
    neverHappened: sometimes.filter((name) => (coverage[name] ?? 0) === 0),
    slowestRestMs: Math.max(0, ...sorted.map(({ settledMs }) => settledMs ?? 0)),
    traceHash: hash.hex,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all = new Map<string, number>();
  for (const count of counts) {
    for (const [name, value] of Object.entries(count)) all.set(name, (all.get(name) ?? 0) + value);
  }
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}
