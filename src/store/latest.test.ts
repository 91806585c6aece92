import { expect, test, vi } from 'vitest';
import { Latest } from './latest.ts';

test('[WATCH-1] a slow consumer skips to the latest and never misses the last', async () => {
  const latest = new Latest<number>(() => undefined);
  latest.push(1);
  latest.push(2);
  latest.push(3);
  latest.end();
  const seen: number[] = [];
  for await (const item of latest) seen.push(item);
  expect(seen).toEqual([3]);
});

test('a waiting consumer gets the next item at once', async () => {
  const latest = new Latest<number>(() => undefined);
  const first = latest.next();
  const second = latest.next();
  latest.push(1);
  latest.push(2);
  expect(await Promise.all([first, second])).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
});

test('return ends a pending next, forgets what was not taken, and says so once', async () => {
  const onEnd = vi.fn();
  const latest = new Latest<number>(onEnd);
  const pending = latest.next();
  await latest.return();
  expect(await pending).toEqual({ done: true, value: undefined });
  latest.push(1);
  latest.end();
  expect(await latest.next()).toEqual({ done: true, value: undefined });
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('an error is thrown once, then the iteration is over', async () => {
  const latest = new Latest<number>(() => undefined);
  latest.end({ error: new Error('gone') });
  await expect(latest.next()).rejects.toThrow('gone');
  expect(await latest.next()).toEqual({ done: true, value: undefined });
});
