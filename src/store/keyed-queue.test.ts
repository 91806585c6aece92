import { expect, test } from 'vitest';
import { OverloadedError } from '../api/errors.ts';
import { KeyedQueue } from './keyed-queue.ts';

test('tasks of one key run one at a time and in order, also past a failure', async () => {
  const queue = new KeyedQueue(10);
  const log: string[] = [];
  const task = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'a') throw new Error('a failed');
  };
  const runs = [queue.run('k', task('a')), queue.run('k', task('b'))];
  expect((await Promise.allSettled(runs)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('tasks of different keys run at once', async () => {
  const queue = new KeyedQueue(10);
  const log: string[] = [];
  await Promise.all(
    ['a', 'b'].map((key) =>
      queue.run(key, async () => {
        log.push(key);
        await Promise.resolve();
        log.push(key);
      }),
    ),
  );
  expect(log).toEqual(['a', 'b', 'a', 'b']);
});

test('[OVR-1] over the limit a task is refused, until one has ended', async () => {
  const queue = new KeyedQueue(1);
  let finish: () => void = () => undefined;
  const first = queue.run(
    'k',
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  await expect(queue.run('other', async () => 1)).rejects.toThrow(OverloadedError);
  finish();
  await first;
  await Promise.resolve();
  await Promise.resolve();
  expect(await queue.run('k', async () => 2)).toBe(2);
});
