/** What the benchmark says of a run: quantiles of what was measured, and put latency over its own floors. */

export interface Quantiles {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Figures {
  readonly layout: string;
  /** Floors: a data channel round trip, and the strict commit of one IndexedDB put. */
  readonly roundTrip: Quantiles;
  readonly commit: Quantiles;
  /** The same commit while two other tabs commit as well: what the three replicas of one put do to each other. */
  readonly commitOfThree: Quantiles;
  readonly put: Quantiles;
  /** Undefined where every tab is a primary of every key. */
  readonly forwarded: Quantiles | undefined;
  readonly get: Quantiles;
  readonly update: Quantiles;
  /** Puts per second with 32 in flight. */
  readonly throughput: number;
}

/** Medians over the floor that is theirs: machines differ, these should not. */
export interface Ratios {
  /** A quorum put: one round trip and one commit. */
  readonly put: number;
  /** The same over a commit of three: what is left is the store's own doing. */
  readonly putOfThree: number;
  /** A forwarded one: two round trips and one commit. */
  readonly forwarded: number | undefined;
  /** A get: one round trip, for R = 2 one other tab must answer. */
  readonly get: number;
  /** An update: a get and a put. */
  readonly update: number;
}

export function quantiles(samples: readonly number[]): Quantiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function ratiosOf({ roundTrip, commit, commitOfThree, put, forwarded, get, update }: Figures): Ratios {
  const turn = roundTrip.p50;
  return {
    put: put.p50 / (turn + commit.p50),
    putOfThree: put.p50 / (turn + commitOfThree.p50),
    forwarded: forwarded && forwarded.p50 / (2 * turn + commit.p50),
    get: get.p50 / turn,
    update: update.p50 / (2 * turn + commit.p50),
  };
}

export function tableOf(figures: Figures): string {
  const ratios = ratiosOf(figures);
  const rows: [name: string, measured: Quantiles | undefined, ratio?: number | undefined][] = [
    ['round trip (floor)', figures.roundTrip],
    ['commit (floor)', figures.commit],
    ['commit, three at once', figures.commitOfThree],
    ['put', figures.put, ratios.put],
    ['put, forwarded', figures.forwarded, ratios.forwarded],
    ['get', figures.get, ratios.get],
    ['update', figures.update, ratios.update],
  ];
  const lines = rows.map(([name, measured, ratio]) =>
    measured === undefined
      ? row([name, '–', '', '', '', ''])
      : row([
          name,
          String(measured.count),
          ...[measured.p50, measured.p95, measured.p99].map((ms) => ms.toFixed(2)),
          ratio?.toFixed(2) ?? '',
        ]),
  );
  const head = row([figures.layout, 'count', 'p50 ms', 'p95 ms', 'p99 ms', 'p50 / floor']);
  const ofThree = `put / (round trip + commit of three at once): ${ratios.putOfThree.toFixed(2)}`;
  const inFlight = `32 puts in flight: ${Math.round(figures.throughput)} per second`;
  return [head, ...lines, ofThree, inFlight].join('\n');
}

const row = ([name = '', ...cells]: readonly string[]): string =>
  name.padEnd(26) + cells.map((cell) => cell.padStart(12)).join('');
