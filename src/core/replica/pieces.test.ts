import { expect, test } from 'vitest';
import { emptyContext } from '../version/context.ts';
import type { VersionMetadata } from '../version/siblings.ts';
import { isLackedBy, lacksOf, stateName } from './pieces.ts';

const actor = 'aaaaaaaaaaaaaaaaaa.1';
const version = (seq: number, context = emptyContext): VersionMetadata => {
  return { dot: [actor, seq], context, deleted: false, size: 0, time: 0, op: `${actor}/${seq}` };
};

test('[DEL-2] [AE-1] of a state that is only named nobody lacks anything while one has heard of a reap, and the other has not', () => {
  const whole = [version(2, { vector: [[actor, 1]], dots: [] })];
  const cut = [version(2)];
  const named = (versions: readonly VersionMetadata[]) => ({
    key: 'k',
    versions: [],
    of: stateName(versions),
    stored: true,
  });
  const [reaped, unreaped, other] = [
    { versions: cut, listed: whole },
    { versions: whole, listed: whole },
    { versions: [version(3)], listed: [version(3)] },
  ];
  for (const theirs of [named(whole), named(cut)]) {
    expect(isLackedBy(theirs, reaped)).toBe(false);
    expect(lacksOf(theirs, reaped)).toBe(false);
    expect(isLackedBy(theirs, other)).toBe(true);
    expect(lacksOf(theirs, other)).toBe(true);
  }
  expect(isLackedBy(named(whole), unreaped)).toBe(false);
});
