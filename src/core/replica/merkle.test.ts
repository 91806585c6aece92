import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafOf, positionOf } from '../ring/position.ts';
import { MerkleForest } from './merkle.ts';

type Content = ReadonlyMap<string, string>;
const fill = (forest: MerkleForest, content: Iterable<readonly [string, string | undefined]>, partition = 7) => {
  for (const [key, canonical] of content) forest.set(partition, leafOf(positionOf(key)), key, canonical);
  return forest;
};
const of = (content: Iterable<readonly [string, string]>) => fill(new MerkleForest(), content);
const anyContent = fc
  .dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 30 })
  .map((record): Content => new Map(Object.entries(record)));
const allBranches = Array.from({ length: 16 }, (_, i) => i);
const differing = (a: readonly unknown[], b: readonly unknown[]) =>
  a.flatMap((hash, i) => (JSON.stringify(hash) === JSON.stringify(b[i]) ? [] : [i]));

describe('the Merkle trees', () => {
  test('[AE-1] equal contents have equal roots, whatever came and went before and in whatever order', () => {
    const anyCase = anyContent.chain((content) =>
      fc.tuple(
        fc.constant(content),
        fc.shuffledSubarray([...content], { minLength: content.size }),
        anyContent,
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(anyCase, ([content, shuffled, before, look]) => {
        const forest = of(before);
        if (look) forest.root(7);
        fill(
          forest,
          [...before.keys()].map((key) => [key, undefined] as const),
        );
        expect(forest.root(7)).toBe('');
        fill(forest, shuffled);
        const fresh = of(content);
        expect(forest.root(7)).toBe(fresh.root(7));
        expect(forest.branches(7)).toEqual(fresh.branches(7));
        expect(forest.leaves(7, allBranches)).toEqual(fresh.leaves(7, allBranches));
      }),
    );
  });

  test('[AE-1] any one difference shows in the root, and in exactly its branch and leaf', () => {
    const anyCase = fc.tuple(anyContent, fc.string({ minLength: 1, maxLength: 3 }), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(anyCase, ([content, key, canonical]) => {
        fc.pre(content.get(key) !== canonical);
        const forest = of(content);
        const [root, branches] = [forest.root(7), forest.branches(7)];
        const leaves = new Map(forest.leaves(7, allBranches));
        fill(forest, [[key, canonical]]);
        const leaf = leafOf(positionOf(key));
        expect(forest.root(7)).not.toBe(root);
        expect(differing(forest.branches(7), branches)).toEqual([leaf >> 4]);
        const changed = forest.leaves(7, allBranches).filter(([at, hash]) => leaves.get(at) !== hash);
        expect(changed.map(([at]) => at)).toEqual([leaf]);
      }),
    );
  });

  test('[AE-1] texts that run together are not confused', () => {
    const roots = [[['a', 'b']], [['a', 'b","c']], [['a', '']], [['a"', 'b']], [['a,b', '']]].map((content) => {
      const forest = new MerkleForest();
      for (const [key = '', canonical = ''] of content) forest.set(0, 0, key, canonical);
      return forest.root(0);
    });
    expect(new Set(roots).size).toBe(roots.length);
  });

  test('has 16 branches and shows leaves that are not empty, under the branches asked for', () => {
    const forest = new MerkleForest();
    forest.set(3, 0x12, 'a', '1');
    forest.set(3, 0x1f, 'b', '1');
    forest.set(3, 0xff, 'c', '1');
    expect(forest.branches(3)).toHaveLength(16);
    expect(forest.branches(3).flatMap((hash, i) => (hash === '' ? [] : [i]))).toEqual([1, 15]);
    expect(forest.leaves(3, [1]).map(([leaf]) => leaf)).toEqual([0x12, 0x1f]);
    expect(forest.leaves(3, [0, 15]).map(([leaf]) => leaf)).toEqual([0xff]);
    expect(forest.root(3)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('tells the keys of a leaf and of a partition, and the partitions that hold any', () => {
    const forest = new MerkleForest();
    forest.set(9, 1, 'a', '1');
    forest.set(2, 1, 'b', '1');
    forest.set(2, 1, 'c', '1');
    forest.set(2, 200, 'd', '1');
    expect(forest.partitions()).toEqual([2, 9]);
    expect(forest.keys(2, 1)).toEqual(['b', 'c']);
    expect(forest.allKeys(2).sort()).toEqual(['b', 'c', 'd']);
    forest.set(9, 1, 'a', undefined);
    expect(forest.partitions()).toEqual([2]);
    expect(forest.root(9)).toBe('');
    forest.clear();
    expect(forest.partitions()).toEqual([]);
    expect(forest.keys(2, 1)).toEqual([]);
  });

  test('a partition does not see another’s keys', () => {
    const forest = fill(of([['a', '1']]), [['b', '1']], 8);
    const root = forest.root(7);
    fill(forest, [['b', '2']], 8);
    expect(forest.root(7)).toBe(root);
    expect(root).toBe(of([['a', '1']]).root(7));
  });
});
