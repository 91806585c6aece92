import { expect, test, vi } from 'vitest';
import { ClosedError } from '../api/errors.ts';
import { StorageFailure } from '../api/ports.ts';
import type { Message } from '../core/message.ts';
import type { Input, Ready } from '../core/ready.ts';
import { batch, never, onMessage, other, peer, ping, self, silent, started, turn } from './driver.fixture.ts';

test('[PUT-2] a send without `after` leaves at once, one with it only when the write is complete', async () => {
  const script = onMessage(() => ({
    writes: batch(1),
    sends: [
      { to: peer, message: ping(10), after: 1 },
      { to: peer, message: ping(11) },
    ],
  }));
  const { storage, wire, receive, types } = await started(script);
  receive(ping(1));
  await turn();
  expect(wire.sent.map(({ message }) => message)).toEqual([ping(11)]);
  storage.writes.get(1)?.resolve();
  await turn();
  expect(wire.sent.map(({ message }) => message)).toEqual([ping(11), ping(10)]);
  expect(types()).toEqual(['opened', 'message', 'written']);
});

test('[PUT-2] what leaves at once leaves before the write is begun', async () => {
  const script = onMessage(() => ({ writes: batch(1), sends: [{ to: peer, message: ping(10) }] }));
  const { storage, wire, receive } = await started(script);
  const sent: number[] = [];
  const write = storage.write.bind(storage);
  storage.write = (begun) => {
    sent.push(wire.sent.length);
    return write(begun);
  };
  receive(ping(1));
  await turn();
  expect(sent).toEqual([1]);
});

test('[STO-2] what waits for a write that fails is dropped, and the node is told', async () => {
  const script = onMessage(() => ({ writes: batch(1), sends: [{ to: peer, message: ping(10), after: 1 }] }));
  const { storage, wire, receive, types, alarms } = await started(script);
  receive(ping(1));
  await turn();
  storage.writes.get(1)?.reject(new StorageFailure('full', 'quota'));
  await turn();
  expect(wire.sent).toEqual([]);
  expect(types()).toEqual(['opened', 'message', 'write-failed']);
  expect(alarms.map(({ code }) => code)).toEqual(['storage-full']);
});

test('[STO-2] a full disk is an alarm until a write succeeds', async () => {
  const { driver, storage, receive } = await started(onMessage((seq) => ({ writes: batch(seq) })));
  receive(ping(1));
  await turn();
  storage.writes.get(1)?.reject(new StorageFailure('full', 'quota'));
  await turn();
  expect(driver.alarms().map(({ code }) => code)).toEqual(['storage-full']);
  receive(ping(2));
  await turn();
  storage.writes.get(2)?.resolve();
  await turn();
  expect(driver.alarms()).toEqual([]);
});

test('[STO-5] a write that is refused for want of space is a reason to look how much is left, 10 s after the last look', async () => {
  const space = { usage: 1e6, quota: 1e9 };
  const estimate = vi.fn(async () => space);
  const bucket = { estimate, persisted: async () => true, persist: async () => true };
  const { driver, storage, receive } = await started(
    onMessage((seq) => ({ writes: batch(seq) })),
    { bucket },
  );
  await turn();
  expect(driver.quota.space).toMatchObject(space);
  space.usage = 999e6;
  receive(ping(1));
  await turn();
  storage.writes.get(1)?.reject(new StorageFailure('full', 'quota'));
  await vi.advanceTimersByTimeAsync(9900);
  expect(driver.alarms().map(({ code }) => code)).toEqual(['storage-full']);
  await vi.advanceTimersByTimeAsync(200);
  expect(driver.alarms().map(({ code }) => code)).toEqual(['storage-full', 'storage-nearfull']);
  expect(estimate).toHaveBeenCalledTimes(2);
  driver.hidden(true);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(estimate).toHaveBeenCalledTimes(2);
});

test('a completion is fed before anything else, and a later step may still wait for that write until then', async () => {
  const script = onMessage((seq) =>
    seq === 1 ? { writes: batch(1) } : { sends: [{ to: peer, message: ping(20), ...(seq === 2 && { after: 1 }) }] },
  );
  const { storage, wire, receive, types } = await started(script);
  receive(ping(1));
  receive(ping(2));
  await turn();
  expect(wire.sent).toEqual([]);
  storage.writes.get(1)?.resolve();
  receive(ping(3));
  await turn();
  expect(types()).toEqual(['opened', 'message', 'message', 'written', 'message']);
  expect(wire.sent).toHaveLength(2);
});

test('a message to the node itself comes back as an input, after its write', async () => {
  const script = onMessage((seq) =>
    seq === 1 ? { writes: batch(1), sends: [{ to: self, message: ping(2), after: 1 }] } : {},
  );
  const { storage, wire, inputs, receive } = await started(script);
  receive(ping(1));
  await turn();
  expect(inputs).toHaveLength(2);
  storage.writes.get(1)?.resolve();
  await turn();
  expect(inputs.slice(2)).toEqual([
    { type: 'written', id: 1 },
    { type: 'message', from: self, message: ping(2) },
  ]);
  expect(wire.sent).toEqual([]);
});

test('one message to several nodes is encoded once', async () => {
  const message = ping(7);
  const script = onMessage(() => ({ sends: [peer, other].map((to) => ({ to, message })) }));
  const { wire, receive } = await started(script);
  receive(ping(1));
  await turn();
  expect(wire.raw).toHaveLength(2);
  expect(wire.raw[0]).toBe(wire.raw[1]);
});

test('[NET-1] large states and background work travel in the bulk lane, the rest in control', async () => {
  const store = (bytes: number, reason: 'put' | 'sync'): Message => {
    const version = {
      dot: ['aaaaaaaaaaaa000000.1', 1],
      context: { vector: [], dots: [] },
      deleted: false,
      size: bytes,
      time: 0,
      op: 'op',
    } as const;
    const siblings = [{ ...version, value: new Uint8Array(bytes) }];
    return { type: 'store', id: 1, key: 'k', siblings, hintFor: [], reason, strict: true };
  };
  const messages = [ping(1), store(10, 'put'), store(9000, 'put'), store(10, 'sync')];
  const { wire, receive } = await started(
    onMessage(() => ({ sends: messages.map((message) => ({ to: peer, message })) })),
  );
  receive(ping(1));
  await turn();
  expect(wire.sent.map(({ lane }) => lane)).toEqual(['control', 'control', 'bulk', 'bulk']);
});

test('[API-1] what no peer would take is not sent: it is counted, and an alarm', async () => {
  const messages: Message[] = [{ type: 'probe', target: 'nobody' }, ping(-1), ping(7)];
  const { wire, driver, receive } = await started(
    onMessage(() => ({ sends: [peer, other].flatMap((to) => messages.map((message) => ({ to, message }))) })),
  );
  receive(ping(1));
  await turn();
  expect(wire.sent.map(({ message }) => message)).toEqual([ping(7), ping(7)]);
  expect(driver.alarms()).toMatchObject([
    { code: 'message-unsent', message: expect.stringMatching(/^4 .*'ping'.*reload/) },
  ]);
});

test('[NET-3] bytes that are no message are refused and reach no step', async () => {
  const { wire, types } = await started();
  expect(wire.handlers?.message(peer, new Uint8Array([1, 2, 3]))).toBe(false);
  await turn();
  expect(types()).toEqual(['opened']);
});

test('the node is woken at its deadline, once, and a new deadline replaces the old', async () => {
  let wakeAt = never;
  const { driver, receive, types } = await started(() => ({ wakeAt }));
  wakeAt = driver.deadlines.now() + 100;
  receive(ping(1));
  await turn();
  wakeAt = driver.deadlines.now() + 500;
  receive(ping(2));
  await vi.advanceTimersByTimeAsync(499);
  expect(types().filter((type) => type === 'wake')).toHaveLength(0);
  wakeAt = never;
  await vi.advanceTimersByTimeAsync(1000);
  expect(types().filter((type) => type === 'wake')).toHaveLength(1);
});

test('a node that keeps talking to itself does not hold up the page', async () => {
  let told = 0;
  const script = onMessage((seq) => {
    told = seq;
    return seq < 2500 ? { sends: [{ to: self, message: ping(seq + 1) }] } : {};
  });
  const { receive } = await started(script);
  receive(ping(1));
  await Promise.resolve();
  expect(told).toBe(1000);
  await vi.advanceTimersByTimeAsync(10);
  expect(told).toBe(2500);
});

const storing = (input: Input): Partial<Ready> | undefined =>
  input.type === 'message'
    ? { writes: batch(1), reads: [{ id: 9, key: 'k', dots: [['s.1', 1]], withEntry: false }] }
    : undefined;

test('[STO-2] a lost database fails what is under way, and is opened again with a new epoch', async () => {
  const { driver, storage, inputs, alarms, receive } = await started(storing);
  receive(ping(1));
  await turn();
  storage.lose();
  await turn();
  expect(inputs.at(-1)).toEqual({ type: 'write-failed', id: 1 });
  expect(driver.alarms().map(({ code }) => code)).toEqual(['storage-lost']);
  storage.writes.get(1)?.resolve();
  storage.opened('store', 2);
  await turn();
  expect(inputs.at(-1)).toMatchObject({ type: 'opened', opened: { storeId: 'store', epoch: 2 } });
  expect(inputs.filter(({ type }) => type === 'written')).toEqual([]);
  expect(driver.alarms()).toEqual([]);
  expect(alarms).toHaveLength(1);
});

test('[STO-2] while the database is lost writes fail at once and reads wait', async () => {
  const { storage, inputs, receive } = await started(storing);
  storage.lose();
  receive(ping(1));
  await turn();
  expect(inputs.at(-1)).toEqual({ type: 'write-failed', id: 1 });
  expect(storage.reads.has(9)).toBe(false);
  storage.opened('another', 1);
  await turn();
  storage.reads.get(9)?.resolve({ entry: undefined, values: [undefined] });
  await turn();
  expect(inputs.at(-1)).toEqual({ type: 'read', id: 9, found: { entry: undefined, values: [undefined] } });
});

test('[STO-2] opening again is tried with backoff until it succeeds', async () => {
  const { storage, types } = await started();
  const fail = async (): Promise<void> => {
    storage.opening.shift()?.reject(new StorageFailure('lost', 'still gone'));
    await turn();
  };
  storage.lose();
  await fail();
  expect(storage.log).toEqual(['open', 'open']);
  await vi.advanceTimersByTimeAsync(100);
  await fail();
  await vi.advanceTimersByTimeAsync(199);
  expect(storage.log).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(storage.log).toHaveLength(4);
  storage.opened();
  await turn();
  expect(types()).toEqual(['opened', 'opened']);
});

test('a read that fails is asked again, and never answered with what storage did not say', async () => {
  const { driver, storage, inputs, receive } = await started(storing);
  receive(ping(1));
  await turn();
  storage.reads.get(9)?.reject(new StorageFailure('failed', 'rot'));
  await turn();
  expect(inputs.at(-1)?.type).toBe('message');
  expect(driver.alarms().map(({ code }) => code)).toEqual(['storage-failed']);
  await vi.advanceTimersByTimeAsync(1000);
  storage.reads.get(9)?.resolve({ entry: undefined, values: [new Uint8Array([7])] });
  await turn();
  expect(inputs.at(-1)).toEqual({ type: 'read', id: 9, found: { entry: undefined, values: [new Uint8Array([7])] } });
});

test('a node that breaks an invariant says nothing more: all is closed, and an alarm says why', async () => {
  const { driver, wire, alarms, halted, receive } = await started((input) => {
    if (input.type === 'message') throw new Error('broken invariant: S5');
    return undefined;
  });
  const request = driver.request(silent);
  receive(ping(1));
  await expect(request).rejects.toThrow(ClosedError);
  expect(wire.stopped).toBe(true);
  expect(alarms.map(({ code }) => code)).toEqual(['crashed']);
  expect(halted).toHaveBeenCalledTimes(1);
});

test('[ID-3] a node that another tab has stops, and an alarm says so for good; one that was closed before is let be', async () => {
  for (const isClosed of [false, true]) {
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const claim = { alarms: { 'no-web-locks': 'plain http' }, lost };
    const { driver, wire, alarms, halted } = await started(undefined, { claim });
    const request = driver.request(silent).catch(String);
    if (isClosed) await driver.close(new ClosedError('enough'));
    lose();
    expect(await request).toMatch(isClosed ? /enough/ : /^ClosedError: another tab .* reload this page/);
    expect(wire.stopped).toBe(true);
    expect(alarms.map(({ code }) => code)).toEqual(['no-web-locks', ...(isClosed ? [] : ['taken'])]);
    expect(halted).toHaveBeenCalledTimes(isClosed ? 0 : 1);
  }
});

test('[MON-1] answered gets and puts are timed, from call to answer', async () => {
  const ids: number[] = [];
  const reply = {
    kind: 'get',
    outcome: { siblings: [], context: { vector: [], dots: [] }, replicas: [], quorum: 'met' },
  } as const;
  const { driver, receive } = await started((input) => {
    if (input.type === 'request') ids.push(input.id);
    return input.type === 'message' ? { replies: ids.map((id) => ({ id, reply })) } : undefined;
  });
  const request = driver.request(silent);
  await vi.advanceTimersByTimeAsync(100);
  receive(ping(1));
  await request;
  const { count, p50 } = driver.latencies.get.summary();
  expect(count).toBe(1);
  expect(p50).toBeGreaterThan(95);
  expect(p50).toBeLessThan(105);
  expect(driver.latencies.put.summary().count).toBe(0);
});
