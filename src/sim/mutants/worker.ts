/** Hunts one planted bug after the other, in a process of its own. */
import { mutatedCore } from './build.ts';
import { type Finding, type Hunt, hunt } from './hunt.ts';
import { mutants } from './list.ts';

export interface Task {
  readonly name: string;
  readonly about: Hunt;
}

/** Where it is, now and then, and what it has found. */
export type Report = { readonly kind: 'seed' } | { readonly kind: 'found'; readonly finding: Finding };

const tell = (report: Report): void => {
  process.send?.(report);
};

process.on('message', async ({ name, about }: Task) => {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant '${name}'`);
  const finding = hunt(mutant, await mutatedCore(mutant), about, () => tell({ kind: 'seed' }));
  tell({ kind: 'found', finding });
});
