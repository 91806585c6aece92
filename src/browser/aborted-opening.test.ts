/**
 * An opening with the browser's own edges is aborted at each call that it makes of the browser, and some time after each:
 * nothing may be left ([API-3]).
 */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore } from '../store/open-store.ts';

/** What the opening asks of the browser, in order; each is a moment at which to abort. */
let moment: (what: string) => void = () => undefined;

const locks = new Map<string, Promise<unknown>>();
const sockets = new Set<EventTarget>();
const workers = new Set<EventTarget>();
const connections = new Set<IDBDatabase>();
const listeners = new Map<string, number>();

const lockManager = {
  async request(name: string, options: LockOptions, granted: (lock: Lock | null) => unknown): Promise<unknown> {
    moment('locks.request');
    await Promise.resolve();
    if (locks.has(name)) return granted(null);
    const held = Promise.resolve(granted({ name, mode: options.mode ?? 'exclusive' }));
    locks.set(name, held);
    moment('locks granted');
    return held.finally(() => locks.delete(name));
  },
  query: async () => ({ held: [], pending: [] }),
};

class FakeWorker extends EventTarget {
  constructor() {
    super();
    workers.add(this);
    moment('new Worker');
  }
  postMessage(): void {}
  terminate(): void {
    workers.delete(this);
  }
}

/** An introducer that welcomes everybody, to nobody. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  constructor() {
    super();
    sockets.add(this);
    moment('new WebSocket');
    setTimeout(() => {
      if (this.readyState === 3) return;
      this.readyState = 1;
      this.dispatchEvent(new Event('open'));
      moment('open');
    });
  }
  send(): void {
    moment('send');
    setTimeout(() => {
      if (this.readyState !== 1) return;
      this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify({ type: 'welcome', peers: [] }) }));
      moment('welcome');
    });
  }
  close(): void {
    this.readyState = 3;
    sockets.delete(this);
  }
}

/** A page’s storage, or whatever else listens: who listens until a signal ends is no listener after that. */
function target(): Pick<EventTarget, 'addEventListener' | 'removeEventListener'> {
  const count = (type: string, by: number): unknown => listeners.set(type, (listeners.get(type) ?? 0) + by);
  return {
    addEventListener(type: string, _: unknown, options?: AddEventListenerOptions): void {
      if (options?.signal?.aborted) return;
      count(type, 1);
      options?.signal?.addEventListener('abort', () => count(type, -1));
    },
    removeEventListener: (type: string): void => void count(type, -1),
  };
}

const items = () => ({ getItem: (): null => null, setItem: (): void => moment('setItem') });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  vi.stubGlobal('navigator', { locks: lockManager });
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', class {});
  vi.stubGlobal('sessionStorage', items());
  vi.stubGlobal('localStorage', items());
  vi.stubGlobal('document', { hidden: false, ...target() });
  const page = target();
  vi.stubGlobal('addEventListener', page.addEventListener);
  vi.stubGlobal('removeEventListener', page.removeEventListener);
  const { open, databases, deleteDatabase } = indexedDB;
  vi.spyOn(indexedDB, 'open').mockImplementation((...parameters) => {
    moment('indexedDB.open');
    const request = open.apply(indexedDB, parameters);
    request.addEventListener('success', () => {
      const { result } = request;
      connections.add(result);
      const { close } = result;
      result.close = () => {
        connections.delete(result);
        close.call(result);
      };
      moment('indexedDB opened');
    });
    return request;
  });
  vi.spyOn(indexedDB, 'databases').mockImplementation(() => {
    moment('indexedDB.databases');
    return databases.call(indexedDB);
  });
  vi.spyOn(indexedDB, 'deleteDatabase').mockImplementation((name) => deleteDatabase.call(indexedDB, name));
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...parameters) {
    const made = transaction.apply(this, parameters);
    moment('transaction');
    made.addEventListener('complete', () => moment('complete'));
    return made;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Time passes, and what IndexedDB does by itself. */
async function passes(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 25) {
    await vi.advanceTimersByTimeAsync(25);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function abortedAt(k: number, room: string) {
  const stop = new AbortController();
  let moments = 0;
  let at: string | undefined;
  moment = (what) => {
    if (moments++ !== k) return;
    at = what;
    stop.abort(new Error('enough'));
  };
  let outcome: string | undefined;
  const opening = openStore({ room, signaling: 'ws://127.0.0.1/', signal: stop.signal });
  opening.then(
    () => {
      outcome = 'open';
    },
    (error: unknown) => {
      outcome = String(error);
    },
  );
  for (let waited = 0; outcome === undefined && waited < 20_000; waited += 500) await passes(500);
  moment = () => undefined;
  if (at === undefined) await (await opening).close();
  await passes(1000);
  const names = (await indexedDB.databases()).flatMap(({ name = '' }) => (name.includes(room) ? [name] : []));
  const left = {
    locks: [...locks.keys()],
    sockets: sockets.size,
    workers: workers.size,
    connections: connections.size,
    listeners: [...listeners].filter(([, count]) => count > 0),
    timers: vi.getTimerCount(),
  };
  return { at, outcome, left, databases: names.length };
}

test.each(['Web Locks', 'none'])(
  '[API-3] [ID-3] with %s: aborted at any call to the browser, an opening leaves no lock, socket, worker, connection, timer',
  async (which) => {
    if (which === 'none') vi.stubGlobal('navigator', {});
    const nothing = { locks: [], sockets: 0, workers: 0, connections: 0, listeners: [], timers: 0 };
    const moments: string[] = [];
    for (let k = 0; k < 200; k++) {
      const { at, outcome, left, databases } = await abortedAt(k, `aborted ${k} with ${which}`);
      expect({ k, at, left }).toEqual({ k, at, left: nothing });
      if (at === undefined) break;
      moments.push(at);
      // Until others may know of the node, its database goes with it.
      if (outcome !== 'open' && !moments.includes('welcome')) expect({ at, databases }).toEqual({ at, databases: 0 });
    }
    for (const what of [
      ...(which === 'none' ? [] : ['locks.request', 'locks granted']),
      'indexedDB.open',
      'indexedDB opened',
      'complete',
      'new Worker',
    ]) {
      expect(moments).toContain(what);
    }
    for (const what of ['setItem', 'new WebSocket', 'open', 'send', 'welcome']) expect(moments).toContain(what);
  },
  120_000,
);
