import { expect, test } from 'vitest';
import { bundle, hunt, type Mutant, mutants, plant } from './mutants.ts';

const about = { firstSeed: 1, seeds: 5, nodes: 5, events: 3000 };

const named = (name: string): Mutant => {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`no mutant ${name}`);
  return mutant;
};

test('a mutant whose text is not there, or is there twice, is an error', () => {
  const mutant: Mutant = { name: 'none', file: 'x.ts', find: 'one', replace: 'two', checkers: [] };
  expect(plant(mutant, 'just one')).toBe('just two');
  expect(() => plant(mutant, 'nothing')).toThrow('0 times');
  expect(() => plant(mutant, 'one and one')).toThrow('2 times');
});

test.each(['LWW merge', 'hint deleted before delivery', 'one node counted twice for W'])(
  'the checkers find a planted bug: %s',
  { timeout: 120_000 },
  async (name) => {
    const mutant = named(name);
    const { violations } = await hunt(await bundle(mutant), about);
    expect(mutant.checkers).toContain(violations[0]?.checker);
  },
);
