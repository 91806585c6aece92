import { describe, expect, test } from 'vitest';
import type { RingConfig } from '../../src/index.ts';
import { nameMembers } from '../animals.ts';
import { FixtureStore, type Scene } from '../fixtures/fixture-store.ts';
import { preview } from './settings-preview.ts';

type Status = Scene['members'][number]['status'];

const up = (count: number): Status[] => Array.from({ length: count }, () => 'up');

/** The fixture's ring is 3/2/2, and its nodes that are out of reach are silent for 48 s. */
function effects(statuses: Status[], change: Partial<RingConfig>): string[] {
  const view = new FixtureStore({ members: statuses.map((status) => ({ status })) }).view();
  return Object.values(preview(view, nameMembers(view.members), change))
    .flat()
    .map(({ text, isWarning }) => (isWarning ? `! ${text}` : text));
}

describe('the preview of a change of settings', () => {
  test('[CFG-1] more copies: how many are made, what a node stores, and who may be away', () => {
    expect(effects(up(5), { n: 4, w: 3 })).toEqual([
      '3 → 4 copies: about 25% of all copies are made again. A node stores 80% of all keys on average, not 60%.',
      'A put waits for 3 commits: with 5 nodes, two may be away.',
      'A get waits for 2 answers: with 5 nodes, three may be away.',
    ]);
  });

  test('[CFG-1] fewer copies: how many go', () => {
    expect(effects([...up(5), 'left'], { n: 2, r: 1 })).toEqual([
      '3 → 2 copies: about 33.3% of all copies go, once the owners that remain have them. A node stores 40% of all keys on average, not 60%.',
      'A put waits for 2 commits: with 5 nodes, three may be away.',
      'A get waits for 1 answer: with 5 nodes, four may be away.',
    ]);
  });

  test('[PUT-4] with fewer members than copies each has all keys, and as many as there are must do', () => {
    expect(effects(up(3), { n: 5, w: 5 })).toEqual([
      '3 → 5 copies: nothing moves now, as each of 3 nodes has all keys. There are 5 as soon as there are 5 nodes.',
      'A put waits for 3 commits: with 3 nodes, none may be away.',
      'A get waits for 2 answers: with 3 nodes, one may be away.',
    ]);
    expect(effects(up(1), { w: 3 })).toEqual(['A put waits for 1 commit.']);
  });

  test('warns of quorums that do not overlap, that one node makes, and that are out of reach now', () => {
    expect(effects(up(4), { w: 1 })).toEqual([
      'A put waits for 1 commit: with 4 nodes, three may be away.',
      '! r + w is not more than n: a get may miss the latest put.',
      '! A put is done with one copy: if that node is lost before others have it, so is the put.',
    ]);
    expect(effects(['up', 'unreachable', 'hidden'], { r: 3 })).toEqual([
      'A get waits for 3 answers: with 3 nodes, none may be away.',
      '! Only 2 nodes of 3 can be reached from here now: a get would end under quorum.',
    ]);
  });

  test('holds a hedge against how long this tab’s gets take', () => {
    expect(effects(up(3), { hedgeAfterMs: 1 })[0]).toMatch(/^! .* more than half of this tab’s gets/);
    expect(effects(up(3), { hedgeAfterMs: 3 })[0]).toContain('more than 5%');
    expect(effects(up(3), { hedgeAfterMs: 5 })[0]).toContain('1% to 5%');
    expect(effects(up(3), { hedgeAfterMs: 300 })[0]).toContain('fewer than 1%');
    expect(effects(up(3), { requestTimeoutMs: 400 })).toEqual([
      '! The hedge is not shorter than the request timeout: no other node is asked in time.',
      'A request that lacks answers ends after 400 ms, not 4 s.',
    ]);
  });

  test('holds suspicion against the slowest link', () => {
    expect(effects(up(3), { suspectAfterMs: 6000 })).toEqual([
      'A silent node is suspected after 6 s, not 1.8 s: requests wait for it longer before others stand in.',
    ]);
    expect(effects(up(3), { suspectAfterMs: 3 })[1]).toContain('nodes that are well would be suspected');
  });

  test('[DEL-3] [MEM-1] names who is away for longer than deletions are remembered, or than nodes are kept', () => {
    const away: Status[] = ['up', 'unreachable', 'up'];
    const second = nameMembers([])('fixturebbbbb').name;
    expect(effects(away, { reapMemoryMs: 47_000 }).at(-1)).toBe(`! Already away for longer: ${second}.`);
    expect(effects(away, { reapMemoryMs: 49_000 })).toHaveLength(2);
    expect(effects(away, { removeAfterMs: 47_000 }).at(-1)).toBe(`! Removed at once, as away for longer: ${second}.`);
    expect(effects(away, { removeAfterMs: 49_000 })).toHaveLength(1);
  });

  test('says nothing of what stays as it is, or cannot be', () => {
    expect(effects(up(3), { n: 3, tombstoneMs: 600_000 })).toEqual([]);
    for (const n of [0, 1, 2.5, Number.NaN, -1]) expect(effects(up(3), { n })).toEqual([]);
    expect(effects(up(3), { tombstoneMs: Number.NaN })).toEqual([]);
  });
});
