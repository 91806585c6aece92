/**
 * Mergeable latency histogram ([MON-1]): logarithmic buckets, so that any quantile is within 5% of the
 * truth at a fixed size. The invariant: `count` is the sum of all buckets.
 */
import type { Latency } from '../api/api.ts';

/** Each bucket is 10% wider than the one before: its middle is at most 4.8% off. */
const growth = 1.1;
/** Milliseconds. What is shorter counts as this, what is longer than about 3 hours as that. */
const shortest = 0.01;
const buckets = 220;

export class LatencyHistogram {
  readonly #counts = new Float64Array(buckets);
  #count = 0;

  record(ms: number): void {
    const index = ms <= shortest ? 0 : Math.ceil(Math.log(ms / shortest) / Math.log(growth));
    const bucket = Math.min(index, buckets - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  merge(other: LatencyHistogram): void {
    for (const [index, count] of other.#counts.entries()) this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#count += other.#count;
  }

  /** The least recorded latency that at least the share `q` of all do not exceed; 0 if there is none. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return middle(index);
    }
    return 0;
  }

  summary(): Latency {
    return {
      count: this.#count,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
    };
  }
}

/** The value whose relative distance to both ends of the bucket is the same. */
function middle(index: number): number {
  if (index === 0) return shortest;
  const upper = shortest * growth ** index;
  return (2 * upper) / (1 + growth);
}
