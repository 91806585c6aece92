import { expect, test } from 'vitest';
import { OverloadedError } from '../api/errors.ts';
import { Admission } from './admission.ts';

function queue(bounds: Partial<ConstructorParameters<typeof Admission>[0]> = {}) {
  const admission = new Admission({ requests: 2, bytes: 100, waitingBytes: 50, ...bounds });
  const begun: string[] = [];
  const enter = (name: string, bytes = 1) => admission.enter(bytes, () => begun.push(name));
  return { admission, begun, enter };
}

test('[OVR-1] what is over the bound of requests waits, and begins in order as others end', () => {
  const { admission, begun, enter } = queue();
  for (const name of ['a', 'b', 'c', 'd']) enter(name, 10);
  expect(begun).toEqual(['a', 'b']);
  expect(admission.load).toEqual({ underWay: 2, waiting: 2, waitingBytes: 20 });
  admission.leave(10);
  expect(begun).toEqual(['a', 'b', 'c']);
  admission.leave(10);
  admission.leave(10);
  admission.leave(10);
  expect([begun, admission.load]).toEqual([['a', 'b', 'c', 'd'], { underWay: 0, waiting: 0, waitingBytes: 0 }]);
});

test('[OVR-1] so does what is over the bound of bytes; a small one does not overtake, and one alone may be large', () => {
  const { admission, begun, enter } = queue({ requests: 9, waitingBytes: 500 });
  enter('large', 400);
  enter('b', 60);
  admission.leave(400);
  expect(begun).toEqual(['large', 'b']);
  enter('c', 60);
  enter('small', 1);
  expect(begun).toEqual(['large', 'b']);
  admission.leave(60);
  expect(begun).toEqual(['large', 'b', 'c', 'small']);
});

test('[OVR-1] only what would have to wait over the bound of bytes is refused', () => {
  const { admission, enter } = queue();
  expect(() => admission.check(1000)).not.toThrow();
  enter('a');
  enter('b');
  admission.check(50);
  expect(() => admission.check(51)).toThrow(OverloadedError);
  enter('c', 50);
  expect(() => admission.check(1)).toThrow(/1 requests .* 50 bytes/);
  admission.leave(1);
  admission.check(1);
});

test('[OVR-1] what is given up while it waits never begins, and makes room for those behind it', () => {
  const { admission, begun, enter } = queue();
  enter('a');
  const large = enter('large', 100);
  enter('c', 10);
  expect(begun).toEqual(['a']);
  expect(large()).toBe(true);
  expect(begun).toEqual(['a', 'c']);
  expect(large()).toBe(false);
  expect(admission.load).toEqual({ underWay: 2, waiting: 0, waitingBytes: 0 });
});

test('[OVR-1] who waits for room gets it in turn, and takes none', () => {
  const { admission, begun, enter } = queue();
  enter('a');
  enter('b');
  admission.room(() => begun.push('room'));
  enter('c');
  expect(begun).toEqual(['a', 'b']);
  admission.leave(1);
  expect(begun).toEqual(['a', 'b', 'room', 'c']);
  expect(admission.load.underWay).toBe(2);
});

test('[OVR-1] after the close nothing begins', () => {
  const { admission, begun, enter } = queue();
  for (const name of ['a', 'b', 'c']) enter(name);
  admission.close();
  admission.leave(1);
  expect([begun, admission.load.waiting]).toEqual([['a', 'b'], 0]);
});
