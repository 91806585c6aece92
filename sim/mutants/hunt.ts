/**
 * Seeds over a core with a bug, until a checker finds it. Invariant: what is found is the bug's doing, for
 * the sound core has no violation on the same plan.
 */
import { RingNode } from '../../src/core/node.ts';
import { simulate } from '../run/run.ts';
import type { CreateCore } from '../world/host.ts';
import { makePlan, type Plan } from '../world/plan.ts';
import type { Mutant, Needs } from './mutant.ts';

export interface Hunt {
  readonly seeds: number;
  readonly nodes: number;
  readonly events: number;
}

export interface Finding {
  readonly killed: boolean;
  /** How many seeds it took, or were tried. */
  readonly seeds: number;
  /** The one that shows it. */
  readonly seed?: number;
  /** Who objected first; if it lives, who did, though nobody who was meant to. */
  readonly by: readonly string[];
}

export function hunt(mutant: Mutant, core: CreateCore, about: Hunt, progress?: () => void): Finding {
  const others = new Set<string>();
  const all = Array.from({ length: about.seeds }, (_, at) => at + 1);
  const first = mutant.seed === undefined ? [] : [mutant.seed];
  let tried = 0;
  for (const seed of new Set([...first, ...all])) {
    tried += 1;
    progress?.();
    const plan = planFor(seed, about, mutant.needs);
    const by = firstObjection({ ...plan, endsAtViolation: true }, core);
    if (by === undefined || !isSound(plan)) continue;
    if (mutant.checkers.includes(by)) return { killed: true, seeds: tried, seed, by: [by] };
    others.add(by);
  }
  return { killed: false, seeds: tried, by: [...others] };
}

/** A bug that names what is not there is a slip of who planted it, and no kill. */
function firstObjection(plan: Plan, core: CreateCore): string | undefined {
  const [violation] = simulate(plan, core).violations;
  if (violation?.text.startsWith('ReferenceError')) throw new Error(violation.text);
  return violation?.checker;
}

const soundness = new Map<string, boolean>();

function isSound(plan: Plan): boolean {
  const name = JSON.stringify(plan);
  const known = soundness.get(name) ?? firstObjection(plan, (options) => new RingNode(options)) === undefined;
  soundness.set(name, known);
  return known;
}

export function planFor(seed: number, about: Hunt, needs: Needs = {}): Plan {
  const plan = makePlan(seed, needs.nodes ?? about.nodes, needs.events ?? about.events);
  return {
    ...plan,
    ...needs.plan,
    faults: [...new Set([...plan.faults, ...(needs.faults ?? [])])],
    node: { ...plan.node, ...needs.node, times: { ...plan.node.times, ...needs.times } },
  };
}
