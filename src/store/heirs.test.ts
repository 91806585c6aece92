import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from '../runtime/deadlines.ts';
import type { StoreHost } from '../runtime/host.ts';
import { givenHost } from '../runtime/host.ts';
import { timerClock } from '../runtime/timer-clock.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { Heirs } from './heirs.ts';

const after = 30_000;
const host = (): StoreHost =>
  givenHost({ transport: new MemoryHub().transport(), storage: new MemoryStorage(new MemoryDisk()) });

/** An heir of nodes that are free, and what it has taken over. */
function heir() {
  const world = {
    free: new Set<string>(),
    taken: [] as string[],
    after,
    isConnected: true,
    end: (): void => undefined,
    fail: (): void => undefined,
    signal: undefined as AbortSignal | undefined,
  };
  const heirs = new Heirs({
    deadlines: new Deadlines(timerClock()),
    estates: {
      free: async () => [...world.free],
      inherit: async (node) => {
        world.taken.push(node);
        world.free.delete(node);
        return host();
      },
    },
    after: () => world.after,
    isConnected: () => world.isConnected,
    retire: (_, signal) =>
      new Promise<void>((resolve, reject) => {
        world.signal = signal;
        world.end = resolve;
        world.fail = () => reject(new Error('nobody is there'));
      }),
    changed: () => undefined,
  });
  return { world, heirs };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('[ID-2] a node is taken over once it has been free for so long, and not before', async () => {
  const { world, heirs } = heir();
  world.free.add('a');
  await pass(4000);
  expect(heirs.list(after)).toEqual([{ node: 'a', inMs: 28_000 }]);
  await pass(24_000);
  expect(world.taken).toEqual([]);
  await pass(8000);
  expect(world.taken).toEqual(['a']);
  expect(heirs.list(after)).toEqual([{ node: 'a', inMs: 0 }]);
  world.end();
  await pass(0);
  expect(heirs.list(after)).toEqual([]);
});

test('[ID-2] one that was held meanwhile has its time again', async () => {
  const { world } = heir();
  world.free.add('a');
  await pass(20_000);
  world.free.delete('a');
  await pass(4000);
  world.free.add('a');
  await pass(26_000);
  expect(world.taken).toEqual([]);
  await pass(10_000);
  expect(world.taken).toEqual(['a']);
});

test('[ID-2] one at a time; one that could not be handed over is tried again', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const { world } = heir();
  world.free.add('a').add('b');
  await pass(40_000);
  expect(world.taken).toEqual(['a']);
  world.fail();
  world.free.add('a');
  await pass(4000);
  expect(world.taken).toEqual(['a', 'b']);
  expect(warn).toHaveBeenCalledOnce();
  world.end();
  await pass(40_000);
  expect(world.taken).toEqual(['a', 'b', 'a']);
});

test('[ID-2] nobody is an heir while it can meet nobody, and none where the ring wants none', async () => {
  const { world, heirs } = heir();
  world.isConnected = false;
  world.free.add('a');
  await pass(60_000);
  world.isConnected = true;
  world.after = 0;
  await pass(60_000);
  expect(world.taken).toEqual([]);
  expect(heirs.list(0)).toEqual([]);
  world.after = after;
  await pass(40_000);
  expect(world.taken).toEqual(['a']);
});

test('[ID-2] [API-3] what an heir has begun ends with its store, and nothing is begun after', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const { world, heirs } = heir();
  world.free.add('a').add('b');
  await pass(40_000);
  expect(world.signal?.aborted).toBe(false);
  heirs.stop();
  expect(world.signal?.aborted).toBe(true);
  world.fail();
  await pass(60_000);
  expect(world.taken).toEqual(['a']);
  expect(warn).not.toHaveBeenCalled();
});
