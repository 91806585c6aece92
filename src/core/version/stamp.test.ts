import { describe, expect, test } from 'vitest';
import type { Dot } from '../ids.ts';
import { type CausalContext, emptyContext } from './context.ts';
import { contextOf, type VersionMetadata } from './siblings.ts';
import { stamp } from './stamp.ts';
import type { VersionVector } from './vector.ts';

const value = new Uint8Array([1, 2, 3]);
const put = (context: CausalContext) => ({ context, value, deleted: false, time: 9, op: 'a.1/9' });
const held = (dot: Dot, vector: VersionVector = []): VersionMetadata => {
  return { dot, context: { vector, dots: [] }, deleted: false, size: 1, time: 1, op: dot.join() };
};
const [x, y] = [held(['x.1', 1]), held(['y.1', 4], [['z.1', 2]])];

describe('a new version', () => {
  test('[VER-1] is its dot, what its writer had seen, the value, and the time for display', () => {
    const { version } = stamp([], ['a.1', 1], put(emptyContext));
    expect(version).toEqual({
      dot: ['a.1', 1],
      context: { vector: [], dots: [] },
      deleted: false,
      size: 3,
      time: 9,
      op: 'a.1/9',
      value,
    });
  });

  test('[PUT-2] leaves beside it what its writer has not seen, and claims none of it', () => {
    const { version, siblings } = stamp([x, y], ['a.1', 2], put(contextOf([x])));
    expect(siblings).toEqual([y]);
    expect(version.context.vector).toEqual([['x.1', 1]]);
  });

  test('[PUT-2] of a writer that has seen everything is behind all that the coordinator knows', () => {
    const { version, siblings } = stamp(
      [x, y],
      ['a.1', 2],
      put({
        vector: [
          ['x.1', 1],
          ['y.1', 4],
        ],
        dots: [],
      }),
    );
    expect(siblings).toEqual([]);
    expect(version.context.vector).toEqual([
      ['x.1', 1],
      ['y.1', 4],
      ['z.1', 2],
    ]);
  });

  test('[VER-3] the writer’s next context does not claim a sibling of the same actor that it never read', () => {
    const other = held(['a.1', 1]);
    const { context } = stamp([other], ['a.1', 2], put(emptyContext));
    expect(context).toEqual({ vector: [], dots: [['a.1', 2]] });
    expect(stamp([], ['a.1', 2], put(emptyContext)).context).toEqual({ vector: [['a.1', 2]], dots: [] });
  });

  test('[PUT-1] names what it replaces and was forwarded, what its writer has read elsewhere, and what that had replaced', () => {
    const [forwarded, own] = [held(['x.1', 1]), { ...held(['a.1', 1]), op: 'a.1/1' }];
    const earlier = { ...held(['y.1', 1]), replaced: ['old', 'late'] };
    const seen = { ...contextOf([forwarded, own, earlier]), forwards: ['read'] };
    const { version } = stamp([forwarded, own, earlier], ['a.1', 2], put(seen), (op) => op !== 'old');
    expect(version.replaced).toEqual([forwarded.op, earlier.op, 'read', 'late']);
    expect(version.context).not.toHaveProperty('forwards');
  });

  test('[PUT-1] replaces another version of a write that its writer has read elsewhere', () => {
    const twin = { ...held(['x.1', 1]), op: 'b.1/7', retried: true as const };
    const read = { vector: [['y.1', 4]], dots: [], forwards: ['b.1/7'] } as const;
    expect(stamp([twin], ['a.1', 2], put(read)).siblings).toEqual([]);
  });
});
