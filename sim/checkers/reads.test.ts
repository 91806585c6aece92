import { expect, test } from 'vitest';
import type { Dot } from '../../src/core/ids.ts';
import type { GetOutcome } from '../../src/core/requests.ts';
import { nothingTracked } from '../world/operation-log.ts';
import { bytesOf } from '../world/text.ts';
import { found, strangers, versionOf, written } from './fixture.ts';
import { ReadsChecker } from './reads.ts';

const { world } = strangers(1);
const first = written(world, 'ok');
const second = written(world, 'ok', { seen: [first] });
const one = versionOf(first, ['a.1', 1]);
const two = versionOf(second, ['a.1', 2], [['a.1', 1]]);
for (const version of [one, two]) world.log.identify('k', version);

/** What is found of a read of session 1, which had seen these writes. */
function read(siblings: GetOutcome['siblings'], context: readonly Dot[], seen: readonly number[] = [], session = 1) {
  world.violations.length = 0;
  const about = { key: 'k', node: 'a', session, invokedAt: 0, r: 0, seen: { ...nothingTracked, past: new Set(seen) } };
  const outcome = { siblings, context: { vector: context, dots: [] }, replicas: ['a'], quorum: 'met' } as const;
  new ReadsChecker(world).answered(world.log.beginRead(about), { kind: 'get', outcome });
  return found(world);
}

test('[S6] a context that misses a version, and a value that nobody wrote, are found', () => {
  expect(read([two], [['a.1', 2]])).toEqual([]);
  expect(read([two], [['a.1', 1]])).toContain('S6');
  expect(read([{ ...two, value: bytesOf('other') }], [['a.1', 2]])).toEqual(['S6']);
});

test('[S3] a context that claims what the read does not show is found', () => {
  expect(read([one], [['a.1', 2]])).toEqual(['S3']);
});

test('[S5] a version beside what replaced it is found', () => {
  expect(read([one, two], [['a.1', 2]])).toEqual(['S5']);
});

test('[GET-4] a read that goes back is found, and named by whose write it misses', () => {
  expect(read([one], [['a.1', 1]], [second.index])).toEqual(['read-your-writes']);
  expect(read([one], [['a.1', 1]], [second.index], 2)).toEqual(['monotonic-reads']);
  expect(read([two], [['a.1', 2]], [first.index, second.index])).toEqual([]);
});

test('[GET-4] a write that does not follow what its writer had read is found', () => {
  const third = written(world, 'ok', { seen: [second] });
  expect(
    read(
      [versionOf(third, ['b.1', 1], [['a.1', 2]])],
      [
        ['a.1', 2],
        ['b.1', 1],
      ],
    ),
  ).toEqual([]);
  const fourth = written(world, 'ok', { seen: [second] });
  expect(read([versionOf(fourth, ['c.1', 1])], [['c.1', 1]])).toEqual(['writes-follow-reads', 'writes-follow-reads']);
});
