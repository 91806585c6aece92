/** An opening is aborted at each call that it makes of its ports, before and after: nothing may be left ([API-3]). */
import { expect, test, vi } from 'vitest';
import type { ClockPort } from '../api/ports.ts';
import { nodeIdOf } from '../runtime/host.ts';
import { timerClock } from '../runtime/timer-clock.ts';
import { MemoryDisk, MemoryStorage } from '../testing/memory-storage.ts';
import { MemoryHub } from '../testing/memory-transport.ts';
import { openStore } from './open-store.ts';
import { idOf, open, optionsOn, until, within } from './store.fixture.ts';

/** So many microtasks after a call something may be awaited that comes of it. */
const steps = 10;

/** The port, with `moment` called at each call of its methods, and at each of some microtasks after its answer. */
function watched<P extends object>(port: P, moment: (name: string, step: number) => void): P {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...parameters: unknown[]): unknown => {
        moment(String(name), 0);
        const result: unknown = method.apply(target, parameters);
        const after = async (): Promise<void> => {
          for (let step = 1; step <= steps; step++) {
            moment(String(name), step);
            await undefined;
          }
        };
        if (result instanceof Promise) result.then(after, after);
        else void after();
        return result;
      };
    },
  });
}

const diskOf = (name: string): MemoryDisk => new MemoryDisk(() => nodeIdOf(name));

/** Opens a store beside another one; aborts at the `k`th moment, and says at which. Undefined if there is none. */
async function abortedAt(k: number) {
  const hub = new MemoryHub();
  // The same names each time, so that the moments are the same.
  const first = await open(hub, diskOf('first'));
  const stop = new AbortController();
  const add = vi.spyOn(stop.signal, 'addEventListener');
  const remove = vi.spyOn(stop.signal, 'removeEventListener');
  let moments = 0;
  let at: string | undefined;
  let isOpening = true;
  const called =
    (port: string) =>
    (name: string, step: number): void => {
      if (!isOpening || moments++ !== k) return;
      at = `${port}.${name} ${step}`;
      stop.abort(new Error('enough'));
    };
  const inner = timerClock();
  const pending = { alarm: false };
  const clock: ClockPort = {
    now: inner.now,
    wakeAt(time, call) {
      pending.alarm = true;
      inner.wakeAt(time, () => {
        pending.alarm = false;
        call();
      });
    },
    stop() {
      pending.alarm = false;
      inner.stop();
    },
  };
  const transport = hub.transport();
  const storage = new MemoryStorage(diskOf('second'));
  const ports = {
    transport: watched(transport, called('transport')),
    storage: watched(storage, called('storage')),
    // It is asked and set so often that nothing else could be told from it.
    clock,
    random: () => 7,
  };
  const opening = openStore({ ...optionsOn(hub), ports, signal: stop.signal });
  const outcome = await within(opening.then(() => 'open', String));
  isOpening = false;
  if (at === undefined) {
    await (await opening).close();
    return undefined;
  }
  await until(() => transport.signaling() === 'closed');
  // Whatever was under way has come.
  await vi.advanceTimersByTimeAsync(5000);
  const links = first.view().links.filter(({ state }) => state !== 'closed');
  const members = first.view().members.filter(({ id, status }) => id !== idOf(first) && status === 'up');
  const refused = await storage.write({ id: 1, writes: [], strict: true }).then(
    () => 'open',
    () => 'closed',
  );
  const listeners = (spy: typeof add | typeof remove) => new Set(spy.mock.calls.map(([, listener]) => listener));
  const held = [...listeners(add)].filter((listener) => !listeners(remove).has(listener)).length;
  await first.close();
  return {
    at,
    outcome,
    left: { links, members, alarm: pending.alarm, storage: refused, timers: vi.getTimerCount(), heldByTheSignal: held },
  };
}

test('[API-3] an opening that is aborted at any of its steps leaves no link, no storage, no timer', async () => {
  const nothing = { links: [], members: [], alarm: false, storage: 'closed', timers: 0, heldByTheSignal: 0 };
  const moments: string[] = [];
  for (let k = 0; ; k++) {
    const aborted = await abortedAt(k);
    if (aborted === undefined) break;
    moments.push(aborted.at);
    expect(aborted).toEqual({
      at: aborted.at,
      outcome: expect.stringMatching(/^(Error: enough|open)$/),
      left: nothing,
    });
  }
  const calls = ['storage.open', 'transport.start', 'transport.introduced', 'storage.write', 'transport.send'];
  for (const call of calls) {
    for (const step of [0, 1, steps]) expect(moments).toContain(`${call} ${step}`);
  }
}, 120_000);
