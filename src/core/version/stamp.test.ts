import { describe, expect, test } from 'vitest';
import type { Dot } from '../ids.ts';
import { nothingSeen, type Seen } from './seen.ts';
import { type Clock, seenBy } from './siblings.ts';
import { stamp } from './stamp.ts';

const value = new Uint8Array([1, 2, 3]);
const put = (seen: Seen) => ({ ...seen, value, deleted: false, time: 9, op: 'a.1/9' });
const clock = (dot: Dot, context: Clock['context'] = []): Clock => {
  return { dot, context, beyond: [], deleted: false, size: 1, time: 1, op: dot.join() };
};
const [x, y] = [clock(['x.1', 1]), clock(['y.1', 4], [['z.1', 2]])];

describe('a new version', () => {
  test('[VER-1] is its dot, what its writer had seen, the value, and the time for display', () => {
    const { version } = stamp([], ['a.1', 1], put(nothingSeen));
    expect(version).toEqual({
      dot: ['a.1', 1],
      context: [],
      beyond: [],
      deleted: false,
      size: 3,
      time: 9,
      op: 'a.1/9',
      value,
    });
  });

  test('[PUT-2] leaves beside it what its writer has not seen, and claims none of it', () => {
    const { version, siblings } = stamp([x, y], ['a.1', 2], put(seenBy([x])));
    expect(siblings).toEqual([y]);
    expect(version.context).toEqual([['x.1', 1]]);
  });

  test('[PUT-2] of a writer that has seen everything is behind all that the coordinator knows', () => {
    const { version, siblings } = stamp(
      [x, y],
      ['a.1', 2],
      put({
        context: [
          ['x.1', 1],
          ['y.1', 4],
        ],
        beyond: [],
      }),
    );
    expect(siblings).toEqual([]);
    expect(version.context).toEqual([
      ['x.1', 1],
      ['y.1', 4],
      ['z.1', 2],
    ]);
  });

  test('[VER-3] the writer’s next context does not claim a sibling of the same actor that it never read', () => {
    const other = clock(['a.1', 1]);
    const { seen } = stamp([other], ['a.1', 2], put(nothingSeen));
    expect(seen).toEqual({ context: [], beyond: [['a.1', 2]] });
    expect(stamp([], ['a.1', 2], put(nothingSeen)).seen).toEqual({ context: [['a.1', 2]], beyond: [] });
  });
});
