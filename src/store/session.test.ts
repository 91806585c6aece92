import { expect, test } from 'vitest';
import type { VersionVector } from '../core/version/vector.ts';
import { Session } from './session.ts';

const upTo = (...vector: VersionVector) => ({ vector, dots: [] });

test('[GET-4] what a session has seen of a key only grows', () => {
  const session = new Session();
  expect(session.seen('k')).toEqual(upTo());
  session.saw('k', upTo(['a.1', 3]));
  session.saw('k', { vector: [['a.1', 2]], dots: [['b.1', 7]] });
  expect(session.seen('k')).toEqual({ vector: [['a.1', 3]], dots: [['b.1', 7]] });
  session.saw('k', upTo(['b.1', 9]));
  expect(session.seen('k')).toEqual(upTo(['a.1', 3], ['b.1', 9]));
  expect(session.seen('other')).toEqual(upTo());
});

test('only the keys used last are remembered', () => {
  const session = new Session(2);
  session.saw('one', upTo(['a.1', 1]));
  session.saw('two', upTo(['a.1', 2]));
  session.saw('one', upTo());
  session.saw('three', upTo(['a.1', 3]));
  expect(['one', 'two', 'three'].map((key) => session.seen(key).vector.length)).toEqual([1, 0, 1]);
});
