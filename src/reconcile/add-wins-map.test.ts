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

/** A naive map: all edits ever made, each by itself, and all that were ever taken away. */
interface Oracle {
  readonly edits: ReadonlyMap<string, { readonly item: string; readonly added?: number; readonly typed?: number }>;
  readonly gone: ReadonlySet<string>;
}
interface Pair {
  readonly map: AddWinsMap;
  readonly oracle: Oracle;
}

const nothing: Pair = { map: emptyMap(), oracle: { edits: new Map(), gone: new Set() } };
const mergePairs = (a: Pair, b: Pair): Pair => ({
  map: merge(a.map, b.map),
  oracle: {
    edits: new Map([...a.oracle.edits, ...b.oracle.edits]),
    gone: new Set([...a.oracle.gone, ...b.oracle.gone]),
  },
});
function without({ edits, gone }: Oracle, item: string): Oracle {
  const tags = [...edits].filter(([, edit]) => edit.item === item).map(([tag]) => tag);
  return { edits, gone: new Set([...gone, ...tags]) };
}
const withEdit = ({ edits, gone }: Oracle, tag: string, edit: { item: string; added?: number; typed?: number }) => ({
  edits: new Map([...edits, [tag, edit]]),
  gone,
});
function sumOf({ edits, gone }: Oracle, item: string): number {
  const live = [...edits].filter(([tag, edit]) => edit.item === item && !gone.has(tag)).map(([, edit]) => edit);
  const typed = Math.max(0, ...live.map((edit) => edit.typed ?? 0));
  return live.reduce((sum, { added = 0 }) => sum + added, typed);
}
function added(oracle: Oracle, item: string, quantity: number, tag: string): Oracle {
  const present = Math.max(0, sumOf(oracle, item));
  const left = present + quantity;
  const kept = present === 0 || left <= 0 ? without(oracle, item) : oracle;
  return left > 0 ? withEdit(kept, tag, { item, added: quantity }) : kept;
}
function expected(oracle: Oracle): { item: string; quantity: number }[] {
  const items = new Set([...oracle.edits.values()].map(({ item }) => item));
  return [...items]
    .map((item) => ({ item, quantity: sumOf(oracle, item) }))
    .filter(({ quantity }) => quantity > 0)
    .sort((a, b) => (a.item < b.item ? -1 : 1));
}

/** Edits start from any version ever made, also from one that lacks the editor's own last edit. */
const anyAction = fc.record({
  kind: fc.constantFrom('add' as const, 'add' as const, 'set' as const, 'remove' as const, 'merge' as const),
  /** How many versions before the last one. */
  base: fc.oneof(fc.constant(0), fc.nat(3), fc.nat()),
  other: fc.nat(),
  editor: fc.constantFrom('ann', 'bob', 'a#b'),
  item: fc.constantFrom('apple', 'apple', '__proto__', ''),
  quantity: fc.integer({ min: 1, max: 5 }),
  isLess: fc.boolean(),
});
const anyVersions = fc.array(anyAction, { minLength: 1, maxLength: 40 }).map((actions) => {
  const versions: Pair[] = [nothing];
  const counters = new Map<string, number>();
  const pick = (n: number) => versions[n % versions.length] ?? nothing;
  for (const { kind, base, other, editor, item, quantity, isLess } of actions) {
    const from = pick(versions.length - 1 - (base % versions.length));
    const { map, oracle } = from;
    if (kind === 'merge') versions.push(mergePairs(from, pick(other)));
    if (kind === 'remove') versions.push({ map: remove(map, item), oracle: without(oracle, item) });
    if (kind === 'merge' || kind === 'remove') continue;
    const counter = (counters.get(editor) ?? 0) + 1;
    counters.set(editor, counter);
    const tag = `${editor}#${counter}`;
    const delta = isLess ? -quantity : quantity;
    if (kind === 'add') {
      versions.push({ map: add(map, item, delta, tag), oracle: added(oracle, item, delta, tag) });
    } else {
      const set = withEdit(without(oracle, item), tag, { item, typed: quantity });
      versions.push({ map: setQuantity(map, item, quantity, tag), oracle: set });
    }
  }
  return versions;
});
const runs = { numRuns: 500 };

describe('an add-wins map', () => {
  test('[MAP-1] shows what all edits come to but those that were seen and taken away, in any concurrent history', () => {
    fc.assert(
      fc.property(anyVersions, (versions) => {
        for (const { map, oracle } of versions) expect(entries(map)).toEqual(expected(oracle));
        const all = versions.reduce(mergePairs, nothing);
        expect(entries(all.map)).toEqual(expected(all.oracle));
      }),
      { numRuns: 1500 },
    );
  });

  test('[MAP-1] merges commutatively, associatively and idempotently', () => {
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

  const apples = (map: AddWinsMap): number => entries(map)[0]?.quantity ?? 0;
  const five = setQuantity(emptyMap(), 'apple', 5, 'zoe#1');
  const press =
    (by: number, editor: string, counter = 1) =>
    (map: AddWinsMap) =>
      add(map, 'apple', by, `${editor}#${counter}`);
  const type = (quantity: number, editor: string) => (map: AddWinsMap) =>
    setQuantity(map, 'apple', quantity, `${editor}#1`);
  const takeAway = (map: AddWinsMap): AddWinsMap => remove(map, 'apple');

  /** The table of docs/decisions/add-wins-map.md: what two do apart to five apples, and how many there are then. */
  test.each([
    ['+ and +', press(1, 'ann'), press(1, 'bob'), 7],
    ['− and −', press(-1, 'ann'), press(-1, 'bob'), 3],
    ['+ and −', press(1, 'ann'), press(-1, 'bob'), 5],
    ['3 typed, and 4 typed', type(3, 'ann'), type(4, 'bob'), 4],
    ['3 typed, and +', type(3, 'ann'), press(1, 'bob'), 4],
    ['3 typed, and −', type(3, 'ann'), press(-1, 'bob'), 2],
    ['removed, and +', takeAway, press(1, 'bob'), 1],
    ['removed, and −', takeAway, press(-1, 'bob'), 0],
    ['removed, and 3 typed', takeAway, type(3, 'bob'), 3],
    ['removed, and removed', takeAway, takeAway, 0],
    ['all taken by −, and +', press(-5, 'ann'), press(1, 'bob'), 1],
    ['more taken by − than there is', press(-3, 'ann'), press(-3, 'bob'), 0],
  ])('%s', (_, one, other, together) => {
    expect(apples(merge(one(five), other(five)))).toBe(together);
    expect(apples(merge(other(five), one(five)))).toBe(together);
  });

  test('[MAP-1] what an editor added itself is taken away only as far as it was seen', () => {
    const three = press(3, 'ann')(emptyMap());
    const six = press(3, 'ann', 2)(three);
    expect(apples(merge(takeAway(three), six))).toBe(3);
    expect(apples(merge(type(10, 'bob')(three), six))).toBe(13);
    expect(apples(merge(takeAway(six), six))).toBe(0);
  });

  test('below zero is zero: the next addition counts from there', () => {
    const none = merge(press(-4, 'ann')(five), press(-4, 'bob')(five));
    expect(entries(none)).toEqual([]);
    expect(apples(press(2, 'ann', 2)(none))).toBe(2);
    expect(apples(press(-1, 'ann', 2)(none))).toBe(0);
    expect(apples(merge(press(2, 'ann', 2)(none), press(3, 'bob', 2)(none)))).toBe(5);
  });

  test('an editor that missed its own last edit does not remove it by going on', () => {
    const missed = press(1, 'ann')(emptyMap());
    const next = remove(add(emptyMap(), 'pear', 1, 'ann#2'), 'pear');
    expect(entries(merge(missed, next))).toEqual([{ item: 'apple', quantity: 1 }]);
    expect(merge(missed, next).seen).toEqual([['ann', [[1, 2]]]]);
    const apart = merge(press(1, 'ann', 2)(missed), press(1, 'ann', 3)(missed));
    expect(apples(apart)).toBe(3);
  });

  test('[MAP-1] reads maps of 0.1.0, and goes on with them', () => {
    const seen = [
      ['old.1', [[1, 4]]],
      ['old.2', [[1, 1]]],
    ];
    const old: unknown = {
      entries: [
        [
          'apple',
          [
            ['old.1#2', 3],
            ['old.1#4', 1],
            ['old.2#1', 1],
          ],
        ],
      ],
      seen,
    };
    if (!isAddWinsMap(old)) throw new Error('a map of 0.1.0 is a map');
    expect(apples(old)).toBe(5);
    expect(apples(merge(press(1, 'ann')(old), press(1, 'bob')(old)))).toBe(7);
    expect(apples(merge(type(3, 'ann')(old), press(1, 'bob')(old)))).toBe(4);
    expect(apples(add(old, 'apple', 1, 'old.2#2'))).toBe(6);
    expect(takeAway(old)).toEqual({ entries: [], seen });
    expect(apples(merge(takeAway(old), old))).toBe(0);
  });

  test('the same edit again changes nothing, before and after its item was removed', () => {
    const once = add(emptyMap(), 'apple', 1, 'ann#1');
    expect(add(once, 'apple', 1, 'ann#1')).toBe(once);
    const removed = remove(once, 'apple');
    expect(setQuantity(removed, 'apple', 1, 'ann#1')).toBe(removed);
  });

  test('[MAP-1] does not grow with presses, nor with removals: it has one count per editor and item', () => {
    const size = (map: AddWinsMap): number => JSON.stringify(map).length;
    let map = five;
    for (let i = 1; i <= 1000; i++) map = press(i % 3 === 0 ? -1 : 1, i % 2 ? 'ann' : 'bob', Math.ceil(i / 2))(map);
    expect(apples(map)).toBe(5 + 667 - 333);
    expect(size(map)).toBeLessThan(180);
    for (let i = 501; i <= 1000; i++) {
      map = takeAway(map);
      for (const editor of ['ann', 'bob'])
        map = setQuantity(press(2, editor, 2 * i)(map), 'apple', 1, `${editor}#${2 * i + 1}`);
    }
    expect(size(map)).toBeLessThan(2 * 180);
    for (let i = 2002; i <= 3000; i++) map = remove(add(map, `item ${i}`, 1, `ann#${i}`), `item ${i}`);
    expect(map.entries.map(([item]) => item)).toEqual(['apple', 'item 3000']);
  });

  test('refuses quantities and tags that are none', () => {
    for (const quantity of [0, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => add(emptyMap(), 'apple', quantity, 'ann#1')).toThrow(RangeError);
    }
    expect(() => add(add(emptyMap(), 'apple', 2 ** 53 - 1, 'ann#1'), 'apple', 1, 'ann#2')).toThrow(RangeError);
    for (const quantity of [0, -1, 1.5]) {
      expect(() => setQuantity(emptyMap(), 'apple', quantity, 'ann#1')).toThrow(RangeError);
    }
    for (const tag of ['ann', '#1', 'ann#', 'ann#0', 'ann#01', 'ann#-1', 'ann#1e3']) {
      expect(() => add(emptyMap(), 'apple', 1, tag), tag).toThrow(TypeError);
    }
  });

  test('values of other kinds are not taken for maps', () => {
    const seen = [['ann', [[1, 3]]]];
    const entry = ['apple', [['ann#1', 1]]];
    const of = (share: unknown) => ({ entries: [['apple', [['ann#2', share]]]], seen });
    for (const value of [{ entries: [entry], seen }, of({ typed: 2 }), of([3, -1, 0, 0]), of([3, 2, 2, 1])]) {
      expect(isAddWinsMap(value), JSON.stringify(value)).toBe(true);
    }
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
      { entries: [['apple', [['ann#4', 1]]]], seen },
      ...[{ typed: 0 }, { typed: 1, more: 1 }, [], [3], [4, 1, 0, 0], [1, 1, 0, 0], [3, 1, 1, 1], [3, 1, 4, 1]].map(of),
      ...[[3, 1, 0, 1], [3, 1, 3, 2], [3, '1', 0, 0], [3, 0.5, 0, 0], [3, 1, -1, 0], [3, 1, 0, 0, 0], null].map(of),
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
