import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { claimNode, historyFreed, type IdentityEdges, isHistoryFree } from './identity.ts';
import { FakeLocks, fakeStorage } from './profile.fixture.ts';
import type { Contents } from './storage-contents.ts';

let locks: FakeLocks;
/** By name, what each has. */
let databases: Map<string, Contents>;
let profile: ReturnType<typeof fakeStorage>;

interface Tab {
  readonly edges: IdentityEdges;
  readonly session: ReturnType<typeof fakeStorage>;
}

/** A tab of the profile; a duplicate has a copy of what the other's session held. */
function openTab(duplicateOf?: Tab): Tab {
  const session = fakeStorage();
  for (const [name, value] of duplicateOf?.session.items ?? []) session.setItem(name, value);
  return {
    session,
    edges: {
      locks,
      databaseNames: async () => [...databases.keys()],
      contents: async (name) => databases.get(name) ?? 'nothing',
      remove: async (name) => void databases.delete(name),
      session: () => session,
      local: () => profile,
    },
  };
}

/** Claims, and joins: its database has a history then; or it never meets anybody, and has nothing. */
async function open(tab: Tab, room = 'room', has: Contents = 'history') {
  const claim = await claimNode(room, tab.edges);
  if (claim.fresh) databases.set(claim.database, has);
  return claim;
}

let timeouts: AbortController[];

beforeEach(() => {
  locks = new FakeLocks();
  databases = new Map();
  profile = fakeStorage();
  timeouts = [];
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    expect(ms).toBeLessThanOrEqual(700);
    const controller = new AbortController();
    timeouts.push(controller);
    return controller.signal;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const timeOut = (): void => {
  for (const controller of timeouts.splice(0)) controller.abort();
};

describe('[ID-1] a tab is a node of its room', () => {
  test('the first tab is a new node', async () => {
    const claim = await open(openTab());
    expect(claim.fresh).toBe(true);
    expect(claim.node).toMatch(/^[a-z2-7]{12}$/);
    expect(claim.database).toBe(`tabring/room/${claim.node}`);
    expect(locks.isHeld(claim.database)).toBe(true);
  });

  test('tabs that are open at once are different nodes, and the same profile', async () => {
    const claims = await Promise.all(Array.from({ length: 5 }, () => open(openTab())));
    expect(new Set(claims.map(({ node }) => node)).size).toBe(5);
    expect(new Set(claims.map(({ zone }) => zone)).size).toBe(1);
  });

  test('a tab opened later resumes a node that nobody is, and creates none', async () => {
    const first = await open(openTab());
    const second = await open(openTab());
    first.release();
    await vi.waitUntil(() => !locks.isHeld(first.database));
    const third = await open(openTab());
    expect(third).toMatchObject({ node: first.node, database: first.database, fresh: false, zone: second.zone });
    expect((await open(openTab())).fresh).toBe(true);
  });

  test('a reloaded tab waits for its own node, though another is free', async () => {
    const others = await Promise.all([open(openTab()), open(openTab())]);
    const tab = openTab();
    const before = await open(tab);
    for (const other of others) other.release();
    const after = open(tab);
    await vi.waitUntil(() => timeouts.length > 1);
    before.release();
    expect(await after).toMatchObject({ node: before.node, fresh: false });
  });

  test('a duplicated tab never shares: it gives up waiting and is another node', async () => {
    const tab = openTab();
    const original = await open(tab);
    const duplicate = open(openTab(tab));
    await vi.waitUntil(() => timeouts.length > 1);
    timeOut();
    const claim = await duplicate;
    expect(claim.node).not.toBe(original.node);
    expect(claim.fresh).toBe(true);
    expect(locks.isHeld(original.database)).toBe(true);
  });

  test('a node whose database is gone is not resumed', async () => {
    const tab = openTab();
    const left = await open(tab);
    databases.delete(left.database);
    left.release();
    const claim = await open(tab);
    expect(claim).toMatchObject({ fresh: true });
    expect(claim.node).not.toBe(left.node);
  });

  test('a node that leaves while another tab waits for it is not resumed', async () => {
    const tab = openTab();
    const leaving = await open(tab);
    const claim = open(tab);
    await vi.waitUntil(() => timeouts.length > 1);
    databases.delete(leaving.database);
    leaving.release();
    expect((await claim).node).not.toBe(leaving.node);
    expect(locks.isHeld(leaving.database)).toBe(false);
  });

  test('rooms do not mix, nor do other databases', async () => {
    const inA = await open(openTab(), 'a');
    inA.release();
    for (const name of ['tabring/a/notes', 'tabring/a/b/aaaaaaaaaaaa', 'other']) databases.set(name, 'history');
    await vi.waitUntil(() => !locks.isHeld(inA.database));
    const inB = await open(openTab(), 'a/b');
    expect(inB.node).toBe('aaaaaaaaaaaa');
    expect((await open(openTab(), 'b')).fresh).toBe(true);
    expect((await open(openTab(), 'a')).node).toBe(inA.node);
  });
});

describe('[ID-1] a node with a history comes first', () => {
  /** Free nodes of the room that have this, by names that sort in this order. */
  function free(...contents: Contents[]): string[] {
    const names = contents.map((_, at) => `tabring/room/${'abcdef'.charAt(at).repeat(12)}`);
    names.forEach((name, at) => void databases.set(name, contents[at] ?? 'nothing'));
    return names;
  }

  test.each<Contents[]>([
    ['nothing', 'nothing', 'history'],
    ['data', 'nothing', 'history'],
    ['nothing', 'data'],
  ])('of %j the last is taken', async (...contents) => {
    const names = free(...contents);
    const claim = await claimNode('room', openTab().edges);
    expect(claim).toMatchObject({ database: names.at(-1), fresh: false });
    expect(names.map((name) => locks.isHeld(name))).toEqual(names.map((name) => name === claim.database));
  });

  test('what never joined goes, and is nobody: also the node that this tab was', async () => {
    const tab = openTab();
    const waiting = await open(tab, 'room', 'nothing');
    waiting.release();
    free('nothing');
    await vi.waitUntil(() => !locks.isHeld(waiting.database));
    const claim = await claimNode('room', tab.edges);
    expect(claim.fresh).toBe(true);
    expect(claim.node).not.toBe(waiting.node);
    await vi.waitUntil(() => databases.size === 0);
  });

  test('one that is held is let alone, whatever it has', async () => {
    const waiting = await open(openTab(), 'room', 'nothing');
    await open(openTab());
    expect([databases.get(waiting.database), locks.isHeld(waiting.database)]).toEqual(['nothing', true]);
  });

  test('before the one that this tab was, if that never joined', async () => {
    const tab = openTab();
    const waiting = await open(tab, 'room', 'nothing');
    const [withHistory] = free('history');
    waiting.release();
    await vi.waitUntil(() => !locks.isHeld(waiting.database));
    expect((await claimNode('room', tab.edges)).database).toBe(withHistory);
  });

  test('who waits hears of one that is freed, and not of a page that is loaded again', async () => {
    const tab = openTab();
    const other = await open(tab);
    const waiting = await open(openTab(), 'room', 'nothing');
    vi.useFakeTimers();
    try {
      const freed = vi.fn();
      const stop = new AbortController();
      const { edges } = openTab();
      void historyFreed('room', waiting.node, stop.signal, edges).then(freed);
      await vi.advanceTimersByTimeAsync(990);
      other.release();
      await vi.advanceTimersByTimeAsync(20);
      const again = await claimNode('room', tab.edges);
      expect(again.node).toBe(other.node);
      await vi.advanceTimersByTimeAsync(5000);
      expect([freed.mock.calls.length, await isHistoryFree('room', waiting.node, edges)]).toEqual([0, false]);
      again.release();
      await vi.advanceTimersByTimeAsync(2100);
      expect([freed.mock.calls.length, await isHistoryFree('room', waiting.node, edges)]).toEqual([1, true]);
      expect([locks.isHeld(other.database), vi.getTimerCount()]).toEqual([false, 0]);

      void historyFreed('room', waiting.node, stop.signal, edges).then(freed);
      stop.abort();
      await vi.advanceTimersByTimeAsync(5000);
      expect([freed.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what a browser may refuse', () => {
  const refused = (): never => {
    throw new DOMException('denied', 'SecurityError');
  };

  test('storages that throw: the node is its own zone', async () => {
    const edges = { ...openTab().edges, session: refused, local: refused };
    const claim = await claimNode('room', edges);
    expect(claim).toMatchObject({ fresh: true, zone: claim.node });
  });

  test('no list of databases: a new node', async () => {
    const edges = { ...openTab().edges, databaseNames: () => Promise.reject(new Error('no')) };
    expect((await claimNode('room', edges)).fresh).toBe(true);
  });

  test('a zone that is no id is replaced', async () => {
    profile.setItem('tabring/zone', '<script>');
    const { zone } = await open(openTab());
    expect(zone).toMatch(/^[a-z2-7]{12}$/);
    expect(profile.items.get('tabring/zone')).toBe(zone);
  });
});

describe('a browser that does not answer', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('[API-4] locks that are neither granted nor refused: a named error within 10 s, and no node', async () => {
    const { edges } = openTab();
    const claim = claimNode('room', { ...edges, locks: { request: never, query: () => locks.query() } }).then(
      String,
      String,
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await claim).toMatch(/^StorageError: .*locks.*restart the browser/);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('[API-4] a lock that is granted after that is let go again', async () => {
    const { edges } = openTab();
    let grant = (): void => undefined;
    let granted: unknown;
    const request = async (_name: string, _options: unknown, whileHeld?: unknown): Promise<unknown> => {
      await new Promise<void>((resolve) => {
        grant = resolve;
      });
      granted = typeof whileHeld === 'function' ? whileHeld({ name: '', mode: 'exclusive' }) : 'no callback';
      return granted;
    };
    const claim = claimNode('room', { ...edges, locks: { request, query: () => locks.query() } }).then(String, String);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await claim).toMatch(/^StorageError/);
    grant();
    await vi.advanceTimersByTimeAsync(0);
    expect(granted).toBeUndefined();
  });

  test('[API-4] a list of databases that never comes is no empty list: the data would be hidden', async () => {
    const claim = claimNode('room', { ...openTab().edges, databaseNames: never }).then(String, String);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await claim).toMatch(/^StorageError: .*IndexedDB/);
  });
});
