/**
 * A planted bug: one small change of the core's text, such as a programmer might make. Invariant: its text is
 * found exactly once, or it is an error and never a pass.
 */
import type { FaultKind, Plan } from '../world/plan.ts';

export interface Change {
  readonly name: string;
  /** Below src/core. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Change {
  /** The checkers that may find it; `assert` is the core's own, `hang` and `spin` are runs that do not end. */
  readonly checkers: readonly string[];
  /** One that is known to show it, with 6 nodes and 5000 events: it is tried before all others. */
  readonly seed?: number;
  /** What a plan must have for it to matter. */
  readonly needs?: Needs;
  /** Of the few that no run of the simulator shows, or one in hundreds: the test that does, and why. */
  readonly scenario?: { readonly file: string; readonly title: string; readonly why: string };
}

export interface Needs {
  readonly nodes?: number;
  readonly events?: number;
  /** Beside the faults that the plan has anyway. */
  readonly faults?: readonly FaultKind[];
  readonly plan?: Partial<
    Pick<Plan, 'diskLatency' | 'faultEvery' | 'operationEvery' | 'workloads' | 'keys' | 'zones' | 'mixed'>
  >;
  readonly node?: Partial<Omit<Plan['node'], 'times'>>;
  readonly times?: Partial<Plan['node']['times']>;
}

/** Changes the source text, or throws. */
export function plant({ name, file, find, replace }: Change, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`'${name}': its text is ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
}
