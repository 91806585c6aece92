/** Hunts one planted bug after the other, in a process of its own. */
import { changedCore } from './build.ts';
import { type Finding, type Hunt, hunt } from './hunt.ts';
import { mutants } from './list.ts';
import type { Mutant } from './mutant.ts';
import { failsScenario } from './scenario.ts';

export interface HuntTask {
  readonly name: string;
  readonly about: Hunt;
}

/** Where it is, now and then, and what it has found. */
export type HuntReport = { readonly kind: 'seed' } | { readonly kind: 'found'; readonly finding: Finding };

const tell = (report: HuntReport): void => {
  process.send?.(report);
};

process.on('message', async ({ name, about }: HuntTask) => {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant '${name}'`);
  tell({ kind: 'found', finding: await find(mutant, about) });
});

async function find(mutant: Mutant, about: Hunt): Promise<Finding> {
  if (mutant.scenario === undefined)
    return hunt(mutant, await changedCore(mutant), about, () => tell({ kind: 'seed' }));
  return { killed: await failsScenario(mutant, mutant.scenario), seeds: 0, by: ['scenario'] };
}
