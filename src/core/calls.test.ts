import { expect, test } from 'vitest';
import { Calls } from './calls.ts';
import { Random } from './random.ts';

test('a suspicion is told to all who wait for that peer, clients first, and to nobody else', () => {
  const calls = new Calls(new Random(1));
  const hint = calls.begin('hint', 'a');
  const put = calls.begin('put', 'a', 'b');
  const get = calls.begin('get', 'b');
  calls.asked(get, 'a');
  calls.begin('inspect', 'b');
  expect(calls.to('a')).toEqual([
    { id: put, purpose: 'put' },
    { id: get, purpose: 'get' },
    { id: hint, purpose: 'hint' },
  ]);
});

test('a call stays for late answers until its owner ends it', () => {
  const calls = new Calls(new Random(1));
  const id = calls.begin('get', 'a');
  calls.begin('put', 'b');
  expect(calls.purpose(id)).toBe('get');
  calls.end(id);
  expect([calls.purpose(id), calls.to('a'), calls.size]).toEqual([undefined, [], 1]);
});

test('no id is given twice, and none of an earlier process comes again', () => {
  const [one, other] = [new Calls(new Random(1)), new Calls(new Random(2))];
  const ids = [one, one, other, other].map((calls) => calls.nextId());
  expect(new Set(ids).size).toBe(ids.length);
});
