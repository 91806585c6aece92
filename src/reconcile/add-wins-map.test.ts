import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AddWinsMap,
  add,
  addWins,
  emptyMap,
  entries,
  isAddWinsMap,
  merge,
  remove,
  setQuantity,
} from './add-wins-map.ts';

/** A naive observed-remove map: all additions ever made and all that were ever taken away. */
interface Oracle {
  readonly additions: ReadonlyMap<string, { readonly item: string; readonly quantity: number }>;
  readonly gone: ReadonlySet<string>;
}
interface Pair {
  readonly map: AddWinsMap;
  readonly oracle: Oracle;
}

const nothing: Pair = { map: emptyMap(), oracle: { additions: new Map(), gone: new Set() } };
const mergePairs = (a: Pair, b: Pair): Pair => ({
  map: merge(a.map, b.map),
  oracle: {
    additions: new Map([...a.oracle.additions, ...b.oracle.additions]),
    gone: new Set([...a.oracle.gone, ...b.oracle.gone]),
  },
});
function without({ additions, gone }: Oracle, item: string): Oracle {
  const tags = [...additions].filter(([, addition]) => addition.item === item).map(([tag]) => tag);
  return { additions, gone: new Set([...gone, ...tags]) };
}
const withAddition = ({ additions, gone }: Oracle, item: string, quantity: number, tag: string): Oracle => ({
  additions: new Map([...additions, [tag, { item, quantity }]]),
  gone,
});
function expected({ additions, gone }: Oracle): { item: string; quantity: number }[] {
  const totals = new Map<string, number>();
  for (const [tag, { item, quantity }] of additions) {
    if (!gone.has(tag)) totals.set(item, (totals.get(item) ?? 0) + quantity);
  }
  return [...totals].map(([item, quantity]) => ({ item, quantity })).sort((a, b) => (a.item < b.item ? -1 : 1));
}

/** Edits start from any version ever made, also from one that lacks the editor's own last edit. */
const anyAction = fc.record({
  kind: fc.constantFrom('add' as const, 'set' as const, 'remove' as const, 'merge' as const, 'merge' as const),
  base: fc.nat(),
  other: fc.nat(),
  editor: fc.constantFrom('ann', 'bob', 'a#b'),
  item: fc.constantFrom('apple', 'pear', '__proto__', ''),
  quantity: fc.integer({ min: 1, max: 5 }),
});
const anyVersions = fc.array(anyAction, { minLength: 1, maxLength: 40 }).map((actions) => {
  const versions: Pair[] = [nothing];
  const counters = new Map<string, number>();
  const pick = (n: number) => versions[n % versions.length] ?? nothing;
  for (const { kind, base, other, editor, item, quantity } of actions) {
    const { map, oracle } = pick(base);
    if (kind === 'merge') versions.push(mergePairs(pick(base), pick(other)));
    if (kind === 'remove') versions.push({ map: remove(map, item), oracle: without(oracle, item) });
    if (kind === 'merge' || kind === 'remove') continue;
    const counter = (counters.get(editor) ?? 0) + 1;
    counters.set(editor, counter);
    const tag = `${editor}#${counter}`;
    if (kind === 'add') {
      versions.push({ map: add(map, item, quantity, tag), oracle: withAddition(oracle, item, quantity, tag) });
    } else {
      const set = withAddition(without(oracle, item), item, quantity, tag);
      versions.push({ map: setQuantity(map, item, quantity, tag), oracle: set });
    }
  }
  return versions;
});
const runs = { numRuns: 500 };

describe('an add-wins map', () => {
  test('shows all additions but those whose removal saw them, in any concurrent history', () => {
    fc.assert(
      fc.property(anyVersions, (versions) => {
        for (const { map, oracle } of versions) expect(entries(map)).toEqual(expected(oracle));
        const all = versions.reduce(mergePairs, nothing);
        expect(entries(all.map)).toEqual(expected(all.oracle));
      }),
      { numRuns: 1500 },
    );
  });

  test('merges commutatively, associatively and idempotently', () => {
    fc.assert(
      fc.property(anyVersions, fc.nat(), fc.nat(), fc.nat(), (versions, i, j, k) => {
        const pick = (n: number) => versions[n % versions.length]?.map ?? emptyMap();
        const [a, b, c] = [pick(i), pick(j), pick(k)];
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
        expect(addWins([a, b, c])).toEqual(merge(merge(c, a), b));
      }),
      runs,
    );
  });

  test('is JSON, in one form that is recognised', () => {
    fc.assert(
      fc.property(anyVersions, (versions) => {
        for (const { map } of versions) {
          const copy: unknown = JSON.parse(JSON.stringify(map));
          expect(copy).toEqual(map);
          expect(isAddWinsMap(copy)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('concurrent additions both count', () => {
    const base = add(emptyMap(), 'apple', 1, 'ann#1');
    const merged = merge(add(base, 'apple', 2, 'ann#2'), add(base, 'apple', 4, 'bob#1'));
    expect(entries(merged)).toEqual([{ item: 'apple', quantity: 7 }]);
  });

  test('an addition concurrent with a removal stays, and what the removal saw does not come back', () => {
    const base = add(emptyMap(), 'apple', 1, 'ann#1');
    const merged = merge(remove(base, 'apple'), add(base, 'apple', 4, 'bob#1'));
    expect(entries(merged)).toEqual([{ item: 'apple', quantity: 4 }]);
    expect(entries(merge(remove(base, 'apple'), base))).toEqual([]);
  });

  test('an editor that missed its own last edit does not remove it by going on', () => {
    const missed = add(emptyMap(), 'apple', 1, 'ann#1');
    const next = remove(add(emptyMap(), 'pear', 1, 'ann#2'), 'pear');
    expect(entries(merge(missed, next))).toEqual([{ item: 'apple', quantity: 1 }]);
    expect(merge(missed, next).seen).toEqual([['ann', [[1, 2]]]]);
  });

  test('the same edit again changes nothing, before and after its item was removed', () => {
    const once = add(emptyMap(), 'apple', 1, 'ann#1');
    expect(add(once, 'apple', 1, 'ann#1')).toBe(once);
    const removed = remove(once, 'apple');
    expect(setQuantity(removed, 'apple', 1, 'ann#1')).toBe(removed);
  });

  test('stays small after removals: one range of counters per editor', () => {
    let map = emptyMap();
    for (let i = 1; i <= 1000; i++)
      map = remove(add(map, `item ${i}`, 1, `${i % 2 ? 'ann' : 'bob'}#${Math.ceil(i / 2)}`), `item ${i}`);
    expect(map).toEqual({
      entries: [],
      seen: [
        ['ann', [[1, 500]]],
        ['bob', [[1, 500]]],
      ],
    });
  });

  test('refuses quantities and tags that are none', () => {
    expect(() => add(emptyMap(), 'apple', 0, 'ann#1')).toThrow(RangeError);
    expect(() => setQuantity(emptyMap(), 'apple', 1.5, 'ann#1')).toThrow(RangeError);
    for (const tag of ['ann', '#1', 'ann#', 'ann#0', 'ann#01', 'ann#-1', 'ann#1e3']) {
      expect(() => add(emptyMap(), 'apple', 1, tag), tag).toThrow(TypeError);
    }
  });

  test('values of other kinds are not taken for maps', () => {
    const seen = [['ann', [[1, 1]]]];
    const entry = ['apple', [['ann#1', 1]]];
    expect(isAddWinsMap({ entries: [entry], seen })).toBe(true);
    const strangers: unknown[] = [
      undefined,
      null,
      'map',
      [],
      {},
      { entries: [] },
      { entries: {}, seen: [] },
      { entries: [entry], seen: [] },
      { entries: [entry, entry], seen },
      { entries: [['apple', []]], seen },
      { entries: [['apple', [['ann#1', 0]]]], seen },
      { entries: [['apple', [['ann#1', '1']]]], seen },
      { entries: [['apple', [['ann#2', 1]]]], seen },
      { entries: [[1, [['ann#1', 1]]]], seen },
      { entries: [], seen: [['ann', [[2, 1]]]] },
      {
        entries: [],
        seen: [
          [
            'ann',
            [
              [1, 2],
              [3, 4],
            ],
          ],
        ],
      },
      { entries: [], seen: [['ann', [[0, 2]]]] },
      { entries: [], seen: [['ann', []]] },
      {
        entries: [],
        seen: [
          ['bob', [[1, 1]]],
          ['ann', [[1, 1]]],
        ],
      },
    ];
    for (const value of strangers) expect(isAddWinsMap(value), JSON.stringify(value)).toBe(false);
  });
});
