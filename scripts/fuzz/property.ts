/** One target of the fuzzer: inputs, and what must hold of each. */
import { inspect } from 'node:util';
import fc from 'fast-check';

export interface Target {
  readonly name: string;
  /** Tries so many inputs, which a seed decides. Undefined: all was well; else the smallest input found, and why. */
  run(count: number, seed: number): Promise<string | undefined>;
}

/** A target of one property. `prepare` makes what an input is tried on, before the first; `end` is told the last. */
export function targetOf<I>(
  name: string,
  inputs: fc.Arbitrary<I>,
  prepare: () => Promise<{ check(input: I): void | Promise<void>; end?(): Promise<void> }>,
): Target {
  return {
    name,
    async run(count, seed) {
      let subject = await prepare();
      const uncaught: unknown[] = [];
      const note = (error: unknown): void => void uncaught.push(error);
      const events = ['uncaughtException', 'unhandledRejection'] as const;
      for (const event of events) process.on(event, note);
      try {
        const property = fc.asyncProperty(inputs, async (input) => {
          try {
            await subject.check(input);
            if (uncaught.length > 0) throw new Error(`uncaught: ${uncaught.map(String).join('; ')}`);
          } catch (error) {
            // What it was tried on may be broken now, and smaller inputs would fail for that alone.
            subject = await prepare();
            uncaught.length = 0;
            throw error;
          }
        });
        const details = await fc.check(property, { numRuns: count, seed });
        if (!details.failed) {
          await subject.end?.();
          return undefined;
        }
        const why = inspect(details.errorInstance);
        return `input ${details.numRuns} of seed ${seed} fails, made small: ${fc.stringify(details.counterexample)}\n${why}`;
      } finally {
        for (const event of events) process.off(event, note);
      }
    },
  };
}
