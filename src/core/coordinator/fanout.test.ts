import { describe, expect, test } from 'vitest';
import { Fanout } from './fanout.ts';

const preference = { primaries: ['a', 'b', 'c'], fallbacks: ['d', 'e', 'f'] };
const fanout = (...absent: string[]) => new Fanout(preference, (node) => !absent.includes(node));
const asked = (of: Fanout) => of.targets.map(({ node, hintFor }) => [node, ...hintFor].join(' for '));

describe('whom a request asks', () => {
  test('the primaries; for each that is away the next reachable fallback, which holds for it', () => {
    expect(asked(fanout())).toEqual(['a', 'b', 'c']);
    expect(asked(fanout('b'))).toEqual(['a', 'c', 'd for b']);
    expect(asked(fanout('b', 'c', 'd'))).toEqual(['a', 'e for b', 'f for c']);
  });

  test('[PUT-4] with no owner within reach the last stand-in holds for all that are left', () => {
    expect(asked(fanout('a', 'b', 'c', 'e', 'f'))).toEqual(['d for a for b for c']);
    expect(asked(fanout('a', 'b', 'c', 'd'))).toEqual(['e for a', 'f for b for c']);
    // An owner that is there holds the write anyway: nobody stands in twice.
    expect(asked(fanout('b', 'c', 'd', 'e'))).toEqual(['a', 'f for b']);
  });

  test('[PUT-3] nobody is asked twice, and a node’s first answer alone counts', () => {
    const of = fanout();
    expect(of.add({ node: 'a', primary: false, hintFor: [] })).toBeUndefined();
    expect(of.answered('a')?.node).toBe('a');
    expect(of.answered('a')).toBeUndefined();
    expect(of.answered('stranger')).toBeUndefined();
    expect(of.failed('b')?.node).toBe('d');
    expect(of.failed('b')).toBeUndefined();
    expect(of.late('c')?.node).toBe('e');
    expect(of.late('c')).toBeUndefined();
    expect(asked(of)).toEqual(['a', 'b', 'c', 'd for b', 'e for c']);
  });

  test('[GET-3] a stand-in that fails is followed by the next one, for the same owner', () => {
    const of = fanout();
    expect(of.failed('b')).toMatchObject({ node: 'd', hintFor: ['b'] });
    expect(of.failed('d')).toMatchObject({ node: 'e', hintFor: ['b'] });
    expect(of.failed('e')).toMatchObject({ node: 'f', hintFor: ['b'] });
    expect(of.failed('f')).toBeUndefined();
    expect(of.waiting.map(({ node }) => node)).toEqual(['a', 'c']);
  });
});
