import { expect, test } from 'vitest';
import { nameMembers, slotCount } from './animals.ts';

const members = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `node${index}` }));

test('a name is an animal and a number, and its code says the same', () => {
  const { code, name, label } = nameMembers(members(1))('node0');
  expect(name).toMatch(/^[A-Z][a-z]+ \d\d$/);
  expect(code).toBe(`${name.slice(0, 2).toUpperCase()}${name.slice(-2)}`);
  expect(label).toBe(`${code} · ${name}`);
});

test('nobody who comes, goes, is forgotten, or comes in another order renames a node', () => {
  const all = members(12);
  const names = nameMembers(all);
  for (const some of [all.toReversed(), all.slice(3), all.slice(0, 2), [{ id: 'earlier' }, ...all], []]) {
    for (const { id } of all) expect(nameMembers(some)(id).label).toBe(names(id).label);
  }
});

test('200 members have 200 different codes and labels', () => {
  const names = nameMembers(members(200));
  const all = members(200).map(({ id }) => names(id));
  expect(new Set(all.map(({ code }) => code)).size).toBe(200);
  expect(new Set(all.map(({ label }) => label)).size).toBe(200);
  expect(all.every(({ slot }) => slot >= 0 && slot < slotCount)).toBe(true);
});

test('as long as there are enough, each member has a colour of its own', () => {
  const names = nameMembers(members(slotCount));
  expect(new Set(members(slotCount).map(({ id }) => names(id).slot)).size).toBe(slotCount);
  const dozen = nameMembers(members(12));
  for (const { id } of members(12)) expect(dozen(id).slot).toBeLessThan(12);
});
