import { expect, test } from 'vitest';
import type { KeyOutcome } from '../api/api.ts';
import { type Many, outcomesOf } from './many.ts';

/** Asks answer when the test says so; there is always room. */
function manyOf(more: Partial<Many<string, string>> = {}) {
  const answers = new Map<string, { resolve: (value: string) => void; reject: (error: unknown) => void }>();
  const many: Many<string, string> = {
    signal: undefined,
    room: async () => undefined,
    take: (key) => ({
      key,
      request: (signal) =>
        new Promise((resolve, reject) => {
          answers.set(key, { resolve, reject });
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    }),
    ...more,
  };
  const answer = (key: string): void => answers.get(key)?.resolve(`${key}!`);
  return { many, answers, answer };
}

/** All that can happen without anybody doing something has happened. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A million entries, and how many of them were taken. */
function million() {
  const source = { taken: 0, ended: false };
  function* entries(): Generator<string> {
    try {
      for (; source.taken < 1_000_000; source.taken++) yield `${source.taken}`;
    } finally {
      source.ended = true;
    }
  }
  return { source, entries: entries() };
}

async function all(
  outcomes: AsyncIterable<KeyOutcome<string>>,
): Promise<{ told: KeyOutcome<string>[]; error?: unknown }> {
  const told: KeyOutcome<string>[] = [];
  try {
    for await (const outcome of outcomes) told.push(outcome);
  } catch (error) {
    return { told, error };
  }
  return { told };
}

test('[API-5] each entry has its outcome, with its place, in the order in which they end', async () => {
  const { many, answers, answer } = manyOf();
  const outcomes = all(outcomesOf(['a', 'b', 'c'], many));
  await quiet();
  answer('c');
  answers.get('a')?.reject('no');
  await quiet();
  answer('b');
  expect(await outcomes).toEqual({
    told: [
      { index: 2, key: 'c', status: 'fulfilled', value: 'c!' },
      { index: 0, key: 'a', status: 'rejected', reason: 'no' },
      { index: 1, key: 'b', status: 'fulfilled', value: 'b!' },
    ],
  });
});

test('[API-5] nothing is taken before it is iterated, and no more than a window of what nobody has looked at', async () => {
  const { many, answers, answer } = manyOf();
  const { source, entries } = million();
  const outcomes = outcomesOf(entries, many)[Symbol.asyncIterator]();
  await quiet();
  expect(source.taken).toBe(0);
  const first = outcomes.next();
  await quiet();
  expect(answers.size).toBe(64);
  for (const key of [...answers.keys()]) answer(key);
  await quiet();
  // One is with who iterates; of the others nobody has taken an outcome.
  expect(answers.size).toBe(65);
  expect((await first).value).toMatchObject({ index: 0, key: '0' });
  await outcomes.return?.();
  await quiet();
  expect(source).toEqual({ taken: 64, ended: true });
});

test('[API-5] without room for a request no entry is taken', async () => {
  let room: () => void = () => undefined;
  const wait = () =>
    new Promise<void>((resolve) => {
      room = resolve;
    });
  const { many, answers } = manyOf({ room: wait });
  const { source, entries } = million();
  const outcomes = outcomesOf(entries, many)[Symbol.asyncIterator]();
  const first = outcomes.next();
  await quiet();
  expect(answers.size).toBe(0);
  room();
  await quiet();
  expect([...answers.keys()]).toEqual(['0']);
  answers.get('0')?.resolve('');
  await first;
  await outcomes.return?.();
  expect(source.taken).toBe(0);
});

test('[API-5] a signal ends it: what was taken has its outcome, the source is closed, and the reason is told last', async () => {
  const stop = new AbortController();
  const { many, answer } = manyOf({ signal: stop.signal });
  const { source, entries } = million();
  const outcomes = all(outcomesOf(entries, many));
  await quiet();
  answer('5');
  await quiet();
  stop.abort('enough');
  const { told, error } = await outcomes;
  expect(error).toBe('enough');
  expect(told).toHaveLength(65);
  expect(
    told.filter(({ status }) => status === 'rejected').map((outcome) => 'reason' in outcome && outcome.reason),
  ).toEqual(Array.from({ length: 64 }, () => 'enough'));
  expect(source.ended).toBe(true);
  expect(await all(outcomesOf(['a'], { ...many, signal: stop.signal }))).toEqual({ told: [], error: 'enough' });
});

test('[API-5] a source that fails, or hangs, ends as it should', async () => {
  const { many, answer } = manyOf();
  async function* failing(): AsyncGenerator<string> {
    yield 'a';
    throw new Error('no more');
  }
  const failed = all(outcomesOf(failing(), many));
  await quiet();
  answer('a');
  expect(await failed).toMatchObject({ told: [{ key: 'a', status: 'fulfilled' }], error: new Error('no more') });

  const stop = new AbortController();
  const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  const hung = all(outcomesOf(hanging, { ...many, signal: stop.signal }));
  await quiet();
  stop.abort('enough');
  expect(await hung).toEqual({ told: [], error: 'enough' });
});

test('[API-5] an iterator whose steps are none does not go on for ever', async () => {
  const nonsense = { [Symbol.iterator]: () => ({ next: () => 7 as never }) };
  expect(await all(outcomesOf(nonsense, manyOf().many))).toMatchObject({ told: [], error: expect.any(TypeError) });
});

test('[API-5] an entry that cannot be taken has an outcome, and stops no other', async () => {
  const { many, answer } = manyOf();
  const take: typeof many.take = (key) => {
    if (key === 'bad') throw new TypeError('no entry');
    return many.take(key);
  };
  const outcomes = all(outcomesOf(['bad', 'a'], { ...many, take }));
  await quiet();
  answer('a');
  expect((await outcomes).told).toEqual([
    { index: 0, key: undefined, status: 'rejected', reason: new TypeError('no entry') },
    { index: 1, key: 'a', status: 'fulfilled', value: 'a!' },
  ]);
});

test('[API-5] what cannot be iterated, and text, is a TypeError at once', () => {
  const { many } = manyOf();
  for (const source of [undefined, null, 7, 'abc', {}, () => 1, { [Symbol.iterator]: 1 }]) {
    expect(() => outcomesOf(source as never, many)).toThrow(TypeError);
  }
});
