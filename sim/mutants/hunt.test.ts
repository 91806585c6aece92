import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { changedCore, corePath } from './build.ts';
import { hunt } from './hunt.ts';
import { mutants } from './list.ts';
import { type Mutant, plant } from './mutant.ts';

const named = (name: string): Mutant => {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`no mutant ${name}`);
  return mutant;
};

test('a mutant whose text is not there, or is there twice, is an error', () => {
  const mutant = { name: 'none', file: 'x.ts', find: 'one', replace: 'two' };
  expect(plant(mutant, 'just one')).toBe('just two');
  expect(() => plant(mutant, 'nothing')).toThrow('0 times');
  expect(() => plant(mutant, 'one and one')).toThrow('2 times');
});

test.each(mutants)('there is a place to plant: $name', async (mutant) => {
  const text = await readFile(`${corePath}${mutant.file}`, 'utf8');
  expect(plant(mutant, text)).not.toBe(text);
});

test('there are at least 40 bugs, each with a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(40);
});

test('the checkers find a planted bug', { timeout: 120_000 }, async () => {
  const mutant = named('a replica acks before its commit');
  const finding = hunt(mutant, await changedCore(mutant), { seeds: 5, nodes: 5, events: 2000 });
  expect(finding).toMatchObject({ killed: true, by: ['S7'] });
});
