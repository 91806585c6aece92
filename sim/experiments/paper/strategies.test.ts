import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../world/random.ts';
import { equalShares, namesOf, type Partitioning, randomTokens, tokensOverPartitions } from './strategies.ts';

const rings = fc.record({
  seed: fc.integer(),
  nodes: fc.integer({ min: 1, max: 12 }),
  n: fc.integer({ min: 1, max: 4 }),
  perNode: fc.integer({ min: 1, max: 20 }),
});

const strategies: Record<string, (random: SeededRandom, names: string[], n: number, perNode: number) => Partitioning> =
  {
    'strategy 1': randomTokens,
    'strategy 2': (random, names, n, perNode) => tokensOverPartitions(random, names, n, perNode, 64),
    'strategy 3': (_, names, n) => equalShares(names, n, 64),
  };

describe.each(Object.entries(strategies))('%s', (_, strategy) => {
  test('gives every key to N distinct nodes, or to all if there are fewer', () => {
    fc.assert(
      fc.property(rings, ({ seed, nodes, n, perNode }) => {
        const random = new SeededRandom(seed);
        const names = namesOf(random, nodes);
        const { arcs } = strategy(random, names, n, perNode);
        for (const arc of arcs) {
          expect(new Set(arc.nodes).size).toBe(arc.nodes.length);
          expect(arc.nodes).toHaveLength(Math.min(n, nodes));
          for (const node of arc.nodes) expect(names).toContain(node);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('leaves no position without an arc', () => {
    fc.assert(
      fc.property(rings, ({ seed, nodes, n, perNode }) => {
        const random = new SeededRandom(seed);
        const { arcs } = strategy(random, namesOf(random, nodes), n, perNode);
        const ends = arcs.map(({ end }) => end);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
        expect(ends[0]).toBeGreaterThanOrEqual(0);
        expect(ends.at(-1)).toBe(1);
      }),
      { numRuns: 30 },
    );
  });
});

test('strategy 1: the first of a key is the node of the next token clockwise', () => {
  const random = new SeededRandom(7);
  const names = namesOf(random, 5);
  const { arcs, metadata } = randomTokens(random, names, 3, 4);
  expect(metadata).toBe(20);
  // 20 tokens, and the arc from the last of them over 1, which is of the first.
  expect(arcs).toHaveLength(21);
  expect(arcs.at(-1)?.nodes).toEqual(arcs[0]?.nodes);
  for (const name of names) expect(arcs.slice(0, 20).filter(({ nodes }) => nodes[0] === name)).toHaveLength(4);
});

test('strategy 2: a partition is placed from its end on, so with many partitions it is strategy 1', () => {
  const names = namesOf(new SeededRandom(3), 5);
  const one = randomTokens(new SeededRandom(11), names, 2, 3);
  const two = tokensOverPartitions(new SeededRandom(11), names, 2, 3, 4096);
  const at = (partitioning: Partitioning, position: number) =>
    partitioning.arcs.find(({ end }) => end >= position)?.nodes;
  const ends = two.arcs.map(({ end }) => end);
  const placed = ends.slice(0, -1).map((end) => [at(two, end), at(one, end)]);
  for (const [second, first] of placed) expect(second).toEqual(first);
  expect(two.metadata).toBe(one.metadata);
});

test('strategy 2: what lies after the last token is of the first', () => {
  const names = namesOf(new SeededRandom(3), 4);
  const one = randomTokens(new SeededRandom(5), names, 3, 2);
  const two = tokensOverPartitions(new SeededRandom(5), names, 3, 2, 8);
  expect(two.arcs.at(-1)?.nodes).toEqual(one.arcs[0]?.nodes);
});
