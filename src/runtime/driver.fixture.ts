/**
 * A driver with a scripted node and two peers, and with storage whose calls the test settles, and a transport that notes what is
 * sent. Time is faked.
 */
import { afterEach, beforeEach, vi } from 'vitest';
import type { Lane, StoragePort, TransportHandlers, TransportPort } from '../api/ports.ts';
import type { Alarm } from '../core/alarms.ts';
import type { Message } from '../core/message.ts';
import type { Input, Ready } from '../core/ready.ts';
import type { Found, Opened, Read, WriteBatch } from '../core/storage.ts';
import { decode, encode } from '../wire/codec.ts';
import { encodeGreeting } from '../wire/greeting.ts';
import { protocols } from '../wire/version.ts';
import { Driver } from './driver.ts';
import type { NodeClaim } from './host.ts';
import type { Bucket } from './quota.ts';
import { timerClock } from './timer-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

export const never = Number.POSITIVE_INFINITY;
export const ping = (seq: number): Message => ({ type: 'ping', seq });
export const batch = (id: number): WriteBatch => ({ id, writes: [{ kind: 'epoch', epoch: id }], strict: true });
const ready = (part: Partial<Ready> = {}): Ready => ({
  writes: undefined,
  reads: [],
  sends: [],
  replies: [],
  notices: [],
  dial: undefined,
  wakeAt: never,
  ...part,
});

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let [resolve, reject]: [Deferred<T>['resolve'], Deferred<T>['reject']] = [() => undefined, () => undefined];
  const promise = new Promise<T>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}

/** StoragePort whose every call is settled by the test. */
class SlowStorage implements StoragePort {
  readonly log: string[] = [];
  readonly writes = new Map<number, Deferred<void>>();
  readonly reads = new Map<number, Deferred<Found>>();
  opening: Deferred<Opened>[] = [];
  lose: () => void = () => undefined;
  open(onLost: () => void): Promise<Opened> {
    this.log.push('open');
    this.lose = onLost;
    const opening = deferred<Opened>();
    this.opening.push(opening);
    return opening.promise;
  }
  write({ id }: WriteBatch): Promise<void> {
    const write = deferred<void>();
    this.writes.set(id, write);
    return write.promise;
  }
  read({ id }: Read): Promise<Found> {
    const read = deferred<Found>();
    this.reads.set(id, read);
    return read.promise;
  }
  close(): Promise<void> {
    this.log.push('close');
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
  opened(storeId = 'store', epoch = 1): void {
    this.opening.shift()?.resolve({ storeId, epoch, history: [], entries: [] });
  }
}

class Wire implements TransportPort {
  readonly sent: { peer: string; message: Message | { type: 'rejected' }; lane: Lane }[] = [];
  readonly raw: Uint8Array[] = [];
  handlers: TransportHandlers | undefined;
  dialled: readonly string[] = [];
  stopped = false;
  start(_self: string, handlers: TransportHandlers): void {
    this.handlers = handlers;
  }
  introduced(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  dial(peers: readonly string[]): void {
    this.dialled = peers;
  }
  send(peer: string, message: Uint8Array, lane: Lane): void {
    this.raw.push(message);
    this.sent.push({ peer, message: decode(message), lane });
  }
  links(): [] {
    return [];
  }
  signaling(): 'closed' {
    return 'closed';
  }
  cut(): void {}
  heal(): void {}
  rejected(): Record<string, number> {
    return {};
  }
  stop(): void {
    this.stopped = true;
  }
}

export const self = 'aaaaaaaaaaaa';
export const peer = 'bbbbbbbbbbbb';
export const other = 'cccccccccccc';

/** A driver with a node that does what `script` says, and remembers its inputs. */
export async function started(
  script: (input: Input) => Partial<Ready> | undefined = () => undefined,
  { claim, bucket }: { claim?: NodeClaim; bucket?: Bucket } = {},
) {
  const storage = new SlowStorage();
  const wire = new Wire();
  const inputs: Input[] = [];
  const alarms: Alarm[] = [];
  const halted = vi.fn();
  const driver = new Driver(
    { ports: { transport: wire, storage, clock: timerClock() }, claim, bucket },
    {
      notice: () => undefined,
      linksChanged: () => undefined,
      alarm: (alarm) => alarms.push(alarm),
      cleared: () => undefined,
      halted,
    },
  );
  const node = {
    step(_now: number, input: Input): Ready {
      inputs.push(input);
      return ready(script(input) ?? {});
    },
  };
  const start = driver.start(() => ({ self, node }));
  storage.opened();
  await start;
  for (const linked of [peer, other]) {
    wire.handlers?.up(linked);
    wire.handlers?.message(linked, encodeGreeting({ ...protocols, heard: true }));
  }
  await turn();
  // A test begins with two peers that have greeted, and an empty wire.
  inputs.splice(1);
  wire.sent.length = 0;
  wire.raw.length = 0;
  const receive = (message: Message): boolean | undefined => wire.handlers?.message(peer, encode(message));
  const types = (): string[] => inputs.map(({ type }) => type);
  return { driver, storage, wire, inputs, alarms, halted, receive, types };
}

/** All that can happen without time passing has happened. */
export const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

export const onMessage =
  (part: (seq: number) => Partial<Ready>) =>
  (input: Input): Partial<Ready> | undefined =>
    input.type === 'message' && input.message.type === 'ping' ? part(input.message.seq) : undefined;

/** A request that the scripts of these tests do not answer. */
export const silent = { kind: 'get', key: 'k', r: 0, session: { vector: [], dots: [] } } as const;
