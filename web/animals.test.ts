import { expect, test } from 'vitest';
import { nameMembers, slotCount } from './animals.ts';

const members = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `node${index}` }));

test('names follow the order of the membership', () => {
  const names = nameMembers(members(3));
  expect(names('node0')).toMatchObject({ code: 'OT', name: 'Otter', label: 'OT · Otter', slot: 0 });
  expect(names('node2')).toMatchObject({ code: 'FO', slot: 2 });
});

test('a newcomer at the end renames nobody', () => {
  const before = nameMembers(members(5));
  const after = nameMembers(members(6));
  for (const { id } of members(5)) expect(after(id)).toEqual(before(id));
});

test('200 members have 200 different codes and labels', () => {
  const names = nameMembers(members(200));
  const all = members(200).map(({ id }) => names(id));
  expect(new Set(all.map(({ code }) => code)).size).toBe(200);
  expect(new Set(all.map(({ label }) => label)).size).toBe(200);
  expect(all.every(({ slot }) => slot >= 0 && slot < slotCount)).toBe(true);
});

test('a node that is no member goes by its id', () => {
  expect(nameMembers([])('abc').label).toBe('abc');
});
