/** How long a pair waits for what. */

/** All in milliseconds. */
export interface Timings {
  /** An attempt that takes longer is abandoned: what began during a cut stays doomed for 15 s. */
  readonly attempt: number;
  /** An ask without an answer for so long has failed. */
  readonly ask: number;
  /** The starting side is given so long to start by itself before it is asked. */
  readonly askDelay: number;
  readonly backoffMin: number;
  readonly backoffMax: number;
}

export const defaultTimings: Timings = { attempt: 3500, ask: 1200, askDelay: 400, backoffMin: 500, backoffMax: 5000 };
