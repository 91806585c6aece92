import { beforeEach, expect, test } from 'vitest';
import { nothingTracked, OperationLog, type WriteOperation } from '../world/operation-log.ts';
import { expected } from './lost.ts';

let log: OperationLog;

beforeEach(() => {
  log = new OperationLog((_checker, text) => {
    throw new Error(text);
  });
});

/** A write whose writer had seen these others. */
function write(status: WriteOperation['status'], ...seen: WriteOperation[]): WriteOperation {
  const past = new Set(seen.flatMap(({ index, token }) => [index, ...token.past]));
  const about = {
    kind: 'put',
    key: 'k',
    node: 'a',
    session: 1,
    invokedAt: 0,
    w: 0,
    token: { ...nothingTracked, past },
  } as const;
  const made = log.beginWrite(about, (index) => `${index}`);
  made.status = status;
  return made;
}

const indexes = (writes: ReadonlySet<WriteOperation>): number[] => [...writes].map(({ index }) => index);
const judged = () => ({ must: indexes(expected(log, 'k').must), may: indexes(expected(log, 'k').may) });

test('[S1] acknowledged writes that nobody has seen must be there', () => {
  write('ok');
  write('ok');
  expect(judged()).toEqual({ must: [1, 2], may: [] });
});

test('[S1] what an acknowledged write has seen, at whatever remove, must not', () => {
  const first = write('ok');
  const second = write('ok', first);
  write('ok', second);
  expect(judged()).toEqual({ must: [3], may: [] });
});

test('[S1] what only an unanswered write has seen may be there, and so may that write', () => {
  const first = write('ok');
  write('unknown', first);
  expect(judged()).toEqual({ must: [], may: [1, 2] });
});

test('[S1] a write that failed is neither, and replaces nothing', () => {
  const first = write('ok');
  write('failed', first);
  expect(judged()).toEqual({ must: [1], may: [] });
});

test('[S1] an excused write may be missing, and what it replaced may be back', () => {
  const first = write('ok');
  write('ok', first).excused = true;
  expect(judged()).toEqual({ must: [], may: [1, 2] });
});

test('[S2] a dot that names two writes is reported', () => {
  const [first, second] = [write('ok'), write('ok')];
  const dot = ['a.1', 1] as const;
  const clock = (of: WriteOperation) => ({
    ...{ dot, context: { vector: [], dots: [] }, deleted: false, size: 0, op: '' },
    time: of.time,
  });
  expect(log.identify('k', clock(first))).toBe(first);
  expect(() => log.identify('k', clock(second))).toThrow('a.1:1 names write 1 of k and write 2 of k');
});
