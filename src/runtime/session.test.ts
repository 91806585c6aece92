import { expect, test } from 'vitest';
import { Session } from './session.ts';

test('[GET-4] what a session has seen of a key only grows', () => {
  const session = new Session();
  expect(session.seen('k')).toEqual([]);
  session.saw('k', [['a.1', 3]]);
  session.saw('k', [
    ['a.1', 2],
    ['b.1', 1],
  ]);
  expect(session.seen('k')).toEqual([
    ['a.1', 3],
    ['b.1', 1],
  ]);
  expect(session.seen('other')).toEqual([]);
});

test('only the keys used last are remembered', () => {
  const session = new Session(2);
  session.saw('one', [['a.1', 1]]);
  session.saw('two', [['a.1', 2]]);
  session.saw('one', []);
  session.saw('three', [['a.1', 3]]);
  expect(['one', 'two', 'three'].map((key) => session.seen(key).length)).toEqual([1, 0, 1]);
});
