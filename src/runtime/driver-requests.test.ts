import { expect, test, vi } from 'vitest';
import { ClosedError, StorageError } from '../api/errors.ts';
import type { Input, Ready } from '../core/ready.ts';
import { ping, silent, started, turn } from './driver.fixture.ts';
import { requestsMax, waitingBytesMax } from './requests.ts';

const answering = (input: Input): Partial<Ready> | undefined =>
  input.type === 'request' && input.request.kind === 'inspect'
    ? { replies: [{ id: input.id, reply: { kind: 'inspect', replicas: [] } }] }
    : undefined;
const inspect = { kind: 'inspect', key: 'k' } as const;

test('a request resolves with its reply, and a failed one rejects by name', async () => {
  const { driver } = await started((input) => {
    if (input.type !== 'request') return undefined;
    if (input.request.kind === 'inspect') return answering(input);
    return { replies: [{ id: input.id, reply: { kind: 'failed', error: 'storage' } }] };
  });
  expect(await driver.request(inspect)).toEqual({ kind: 'inspect', replicas: [] });
  await expect(driver.request(silent)).rejects.toThrow(StorageError);
});

test('an abort rejects with its reason, before and after the request was made', async () => {
  const { driver, types } = await started();
  await expect(driver.request(silent, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  expect(types()).toEqual(['opened']);
  const controller = new AbortController();
  const request = driver.request(silent, controller.signal);
  controller.abort(new Error('my reason'));
  await expect(request).rejects.toThrow('my reason');
});

test('[OVR-1] requests over the limit wait, also for aborted ones, until replies make room; aborted while they wait they never begin', async () => {
  const ids: number[] = [];
  const { driver, receive } = await started((input) => {
    if (input.type === 'request') ids.push(input.id);
    const [first = 0] = ids;
    if (input.type === 'message') return { replies: [{ id: first, reply: { kind: 'inspect', replicas: [] } }] };
    return { wakeAt: 1e9 };
  });
  const controllers = Array.from({ length: requestsMax + 2 }, () => new AbortController());
  const requests = controllers.map(({ signal }) => driver.request(silent, signal));
  await turn();
  expect(ids).toHaveLength(requestsMax);
  expect(driver.load).toMatchObject({ underWay: requestsMax, waiting: 2 });
  expect(driver.load.waitingBytes).toBeGreaterThan(0);
  for (const controller of controllers.slice(0, -1)) controller.abort();
  await Promise.allSettled(requests.slice(0, -1));
  expect(driver.load).toMatchObject({ underWay: requestsMax, waiting: 1 });
  receive(ping(1));
  await turn();
  expect(ids.slice(requestsMax)).toEqual([requestsMax + 2]);
  expect(driver.load).toEqual({ underWay: requestsMax, waiting: 0, waitingBytes: 0 });
});

test('[OVR-1] only over the bound of bytes is a request refused; what changes the ring waits for nothing', async () => {
  const kinds: string[] = [];
  const { driver } = await started((input) => {
    if (input.type === 'request') kinds.push(input.request.kind);
    return undefined;
  });
  const value = new Uint8Array(1_048_576);
  const put = { kind: 'put', key: 'k', value, deleted: false, w: 0, time: 0, fastest: '' } as const;
  const requests = Array.from({ length: 90 }, () => driver.request({ ...put, context: { vector: [], dots: [] } }));
  const settled = Promise.allSettled(requests);
  const left = driver.request({ kind: 'leave' }).catch(() => undefined);
  await turn();
  expect(kinds).toEqual([...Array.from({ length: 15 }, () => 'put'), 'leave']);
  expect(driver.load.waitingBytes).toBeLessThanOrEqual(waitingBytesMax);
  await driver.close(new ClosedError('closed'));
  await left;
  const reasons = (await settled).map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : ''));
  expect(reasons.slice(0, 78)).toEqual(Array.from({ length: 78 }, () => 'ClosedError'));
  expect(reasons.slice(78)).toEqual(Array.from({ length: 12 }, () => 'OverloadedError'));
  expect(kinds).toHaveLength(16);
});

test('[OVR-1] a request that has waited is as it is to be in its turn', async () => {
  const asked: unknown[] = [];
  const { driver, receive } = await started((input) => {
    if (input.type === 'request') asked.push(input.request);
    if (input.type !== 'message') return undefined;
    return { replies: [{ id: 1, reply: { kind: 'inspect', replicas: [] } }] };
  });
  const requests = Array.from({ length: requestsMax }, () => driver.request(silent).catch(() => undefined));
  let key = 'then';
  const waiting = driver.request(silent, undefined, () => ({ ...silent, key })).catch(() => undefined);
  key = 'now';
  receive(ping(1));
  await turn();
  expect(asked.at(-1)).toMatchObject({ key: 'now' });
  await driver.close(new ClosedError('closed'));
  await Promise.all([...requests, waiting]);
});

test('close settles all that is pending with ClosedError, and stops everything', async () => {
  const { driver, storage, wire, receive, types } = await started();
  const request = driver.request(silent);
  const closed = vi.fn();
  driver.watch('k', { reply: () => undefined, closed });
  const before = types().length;
  const closing = driver.close(new ClosedError('closed'));
  await expect(request).rejects.toThrow(ClosedError);
  await closing;
  expect(closed).toHaveBeenCalledTimes(1);
  expect(wire.stopped).toBe(true);
  expect(storage.log).toEqual(['open', 'close']);
  receive(ping(1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(types()).toHaveLength(before);
  await expect(driver.request(silent)).rejects.toThrow(ClosedError);
});

test('a watcher hears every reply until it ends, and the node is told of the end', async () => {
  const { driver, inputs } = await started((input) =>
    input.type === 'hidden' ? { replies: [{ id: 1, reply: { kind: 'done' } }] } : undefined,
  );
  const reply = vi.fn();
  const unwatch = driver.watch('k', { reply, closed: () => undefined });
  driver.hidden(true);
  driver.hidden(false);
  await turn();
  unwatch();
  unwatch();
  driver.hidden(true);
  await turn();
  expect(reply).toHaveBeenCalledTimes(2);
  const requests = inputs.flatMap((input) => (input.type === 'request' ? [input.request] : []));
  expect(requests).toEqual([
    { kind: 'watch', key: 'k' },
    { kind: 'unwatch', watch: 1 },
  ]);
});
