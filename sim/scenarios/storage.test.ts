import { describe, expect, test } from 'vitest';
import type { Found } from '../../src/core/storage.ts';
import { emptyContext } from '../../src/core/version/context.ts';
import type { Host } from '../world/host.ts';
import { Cluster, type Setup } from './cluster.ts';

describe('a disk that refuses', () => {
  test('[STO-2] its replica never acks, and what it could not write is undone; the others carry on', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare } = cluster.roles('cart');
    third.disk.full = true;
    const outcome = cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(outcome.acks).not.toContain(third.id);
    expect(outcome.acks).toEqual(expect.arrayContaining([first.id, second.id, spare.id]));
    expect(cluster.dots(third, 'cart')).toEqual([]);
    expect(cluster.onDisk(third, 'cart')).toEqual([]);
    for (const host of cluster.hosts) expect(cluster.read(host, 'cart')).toEqual(['apple']);
    third.disk.full = false;
    cluster.settle();
    expect(cluster.read(third, 'cart', 1)).toEqual(['apple']);
  });

  test('[STO-2] a refused write leaves what was stored before as it was', () => {
    const cluster = new Cluster(5);
    const { first, third } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.settle();
    const before = cluster.dots(third, 'cart');
    third.disk.full = true;
    cluster.put(first, 'cart', 'pear', cluster.get(first, 'cart'));
    cluster.wait(3000);
    expect(cluster.dots(third, 'cart')).toEqual(before);
    expect(cluster.read(third, 'cart', 1).length).toBeGreaterThan(0);
    third.disk.full = false;
    cluster.settle();
    expect(cluster.read(third, 'cart', 1)).toEqual(['pear']);
  });

  test('[STO-2] a coordinator whose own disk is full does not count itself, and loses nothing', () => {
    const cluster = new Cluster(5);
    const { first } = cluster.roles('cart');
    first.disk.full = true;
    const outcome = cluster.put(first, 'cart', 'apple');
    expect(outcome).toMatchObject({ quorum: 'met' });
    expect(outcome.acks).not.toContain(first.id);
    expect(cluster.dots(first, 'cart')).toEqual([]);
    expect(cluster.onDisk(first, 'cart')).toEqual([]);
    first.disk.full = false;
    cluster.settle();
    expect(cluster.read(first, 'cart', 1)).toEqual(['apple']);
  });

  test('[STO-2] a node whose disk refuses the epoch that a put needs lets another one coordinate it', () => {
    const cluster = new Cluster(5);
    const { first, third, spare } = cluster.roles('cart');
    cluster.crash(third);
    // It stands in, hands over, and forgets: from now on it needs a new epoch for this key.
    cluster.put(spare, 'cart', 'apple');
    cluster.restart(third);
    cluster.settle();
    cluster.crash(third);
    spare.disk.full = true;
    const { acks } = cluster.put(spare, 'cart', 'pear', cluster.get(spare, 'cart'));
    expect(acks).not.toContain(spare.id);
    expect(acks).toContain(first.id);
  });

  test('[STO-2] with no disk that takes it the put fails, and nobody shows the value afterwards', () => {
    const cluster = new Cluster(3);
    for (const host of cluster.hosts) host.disk.full = true;
    const outcome = cluster.outcome(cluster.begin(cluster.host(0), 'cart', 'apple'));
    expect(outcome).toMatchObject({ ok: false, error: 'storage', acks: [] });
    cluster.wait(1000);
    for (const host of cluster.hosts) {
      host.disk.full = false;
      expect(cluster.dots(host, 'cart')).toEqual([]);
    }
    expect(cluster.get(cluster.host(0), 'cart', 3).siblings).toEqual([]);
  });

  test('[STO-2] its replica says so at once, and hints and repairs leave it alone for longer and longer', () => {
    const cluster = new Cluster(5, { times: { syncInterval: 3000 } });
    const { first, third } = cluster.roles('cart');
    third.disk.full = true;
    const since = cluster.world.now;
    cluster.put(first, 'cart', 'apple', { w: 3 });
    // No stand-in waits for a silent owner here.
    expect(cluster.world.now - since).toBeLessThan(300);
    expect(cluster.sends('refused', since).map(({ from }) => from)).toContain(third.id);
    const pushes = () =>
      cluster.sends('store', since).filter(({ to, message }) => to === third.id && message.reason !== 'put');
    cluster.wait(60_000);
    const early = pushes().length;
    cluster.wait(60_000);
    // Two neighbours and a stand-in ask each half a minute by now, and not every round or scan.
    expect(pushes().length - early).toBeGreaterThan(0);
    expect(pushes().length - early).toBeLessThanOrEqual(9);
    third.disk.full = false;
    cluster.until(() => cluster.isSettled(), 'the write', 31_000);
  });

  test('[STO-2] a later write of the key takes along, whole, what an earlier one could not store', () => {
    const cluster = new Cluster(1);
    const host = cluster.host(0);
    host.disk.full = true;
    const refused = cluster.begin(host, 'cart', 'apple');
    cluster.until(() => cluster.dots(host, 'cart').length > 0, 'the put to begin');
    host.disk.full = false;
    const taken = cluster.begin(host, 'cart', 'pear');
    expect(cluster.outcome(refused).ok).toBe(false);
    expect(cluster.outcome(taken).ok).toBe(true);
    cluster.crash(host);
    cluster.restart(host);
    expect(cluster.read(host, 'cart').toSorted()).toEqual(['apple', 'pear']);
  });
});

describe('a database that is lost', () => {
  test('[STO-2] a wiped one is opened as a new store, and gets everything again from the others', () => {
    const cluster = new Cluster(3);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    cluster.put(a, 'cart', 'apple', { w: 3 });
    const { actor } = cluster.view(b).self;
    cluster.wipe(b);
    expect(cluster.view(b).self.actor.split('.')[0]).not.toBe(actor.split('.')[0]);
    expect(cluster.read(b, 'cart')).toEqual(['apple']);
    cluster.settle();
    expect(cluster.onDisk(b, 'cart')).toHaveLength(1);
  });

  test('[STO-2] a put under way as the database goes is answered by the others’ copies', () => {
    const cluster = new Cluster(3);
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.freeze(a);
    const put = cluster.begin(a, 'cart', 'apple');
    cluster.wait(1);
    cluster.thaw(a);
    cluster.wipe(a);
    const outcome = cluster.outcome(put);
    expect(outcome.acks).not.toContain(a.id);
    expect(outcome.acks.toSorted()).toEqual([b.id, c.id].toSorted());
    cluster.settle();
    expect(cluster.read(a, 'cart', 3)).toEqual(['apple']);
  });
});

describe('the slow pass over storage', () => {
  const keys = Array.from({ length: 30 }, (_, i) => `key${i}`);

  /** Everything is on every disk; no read, comparison or request would find what befalls it. */
  function filled(options: Partial<Setup> = {}) {
    const cluster = new Cluster(3, { cacheBytes: 0, ...options, times: { syncInterval: 1e9, ...options.times } });
    for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
    cluster.settle();
    cluster.wait(10_000);
    return { cluster, a: cluster.host(0), b: cluster.host(1) };
  }

  /** What the disk answers if it is asked now. */
  function stored(cluster: Cluster, host: Host, key: string): Found {
    const dots = host.core?.versions(key).map(({ dot }) => dot) ?? [];
    let answer: Found | undefined;
    host.disk.read({ id: 0, key, dots, withEntry: true }, (found) => {
      answer = found;
    });
    cluster.until(() => answer !== undefined, 'the disk’s answer');
    return answer ?? { entry: undefined, values: [] };
  }

  const isWhole = ({ entry, values }: Found) => entry !== undefined && values.length > 0 && !values.includes(undefined);

  test('[AE-1] goes over a small store in less than two minutes, a few keys at a time, and finds nothing amiss', () => {
    const { cluster, b } = filled();
    const since = cluster.world.now;
    const reads: number[] = [];
    cluster.world.observe({ stepped: (host, _input, ready) => void (host === b && reads.push(ready.reads.length)) });
    cluster.until(() => cluster.mark('scrubbed') >= 3, 'a pass on each node', 120_000);
    expect(Math.max(...reads)).toBe(8);
    expect(reads.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(keys.length);
    expect([cluster.mark('rot-found'), cluster.mark('value-lost')]).toEqual([0, 0]);
    expect(cluster.sends('store', since)).toEqual([]);
  });

  test('[AE-1] finds values that are gone, before anybody asks for them; the others bring them back', () => {
    const { cluster, a, b } = filled();
    cluster.world.damage(b, 'rotten');
    const lost = keys.filter((key) => !isWhole(stored(cluster, b, key)));
    expect(lost.length).toBeGreaterThan(3);
    cluster.until(() => cluster.mark('rot-found') === lost.length, 'all of it to be found', 120_000);
    // Once more over each link, as every syncInterval would.
    cluster.cut([b], cluster.except(b));
    cluster.until(() => cluster.status(a, b) !== 'up', 'the cut');
    cluster.heal();
    cluster.until(() => keys.every((key) => isWhole(stored(cluster, b, key))), 'all values');
    for (const key of keys) expect(cluster.read(b, key, 1)).toEqual([key]);
  });

  test('[AE-1] writes again from memory what is gone on disk, and takes no new epoch for it', () => {
    const { cluster, b } = filled({ cacheBytes: 1_000_000 });
    const { actor } = cluster.view(b).self;
    cluster.world.damage(b, 'rotten');
    expect(keys.every((key) => isWhole(stored(cluster, b, key)))).toBe(false);
    cluster.until(() => keys.every((key) => isWhole(stored(cluster, b, key))), 'all values', 120_000);
    expect(cluster.mark('value-lost')).toBe(0);
    expect(cluster.view(b).self.actor).toBe(actor);
  });

  test('[AE-1] [VER-3] a node that has lost a value it minted mints for that key under a new epoch', () => {
    const { cluster, a } = filled();
    const { actor } = cluster.view(a).self;
    cluster.world.damage(a, 'rotten');
    const key = keys.find((each) => !isWhole(stored(cluster, a, each))) ?? '';
    cluster.until(() => cluster.dots(a, key).length === 0, 'the loss to be found', 120_000);
    cluster.put(a, key, 'again');
    expect(cluster.view(a).self.actor).not.toBe(actor);
  });

  test('[AE-1] waits while the disk is busy with reads', () => {
    const { cluster, a, b } = filled();
    b.disk.latency = 1e9;
    cluster.beginGet(a, 'key1', 3);
    cluster.wait(1000);
    const reads: number[] = [];
    cluster.world.observe({ stepped: (host, _input, ready) => void (host === b && reads.push(ready.reads.length)) });
    cluster.wait(100_000);
    expect(Math.max(...reads)).toBe(0);
    cluster.thaw(b);
  });
});

describe('a disk that neither takes nor refuses what it is given', () => {
  /** Longer than a request and all its attempts may take. */
  const patience = 45_000;

  test('[REQ-1] [VER-3] a put that waits for a new epoch is coordinated elsewhere', () => {
    const cluster = new Cluster(5, { seed: 11 });
    const { spare } = cluster.roles('cart');
    // It stands in, hands over, and forgets: from now on it needs a new epoch for this key.
    cluster.isolate(spare, 'wall');
    cluster.until(() => cluster.view(spare).alarms.length > 0, 'the isolation to show');
    cluster.put(spare, 'cart', 'apple');
    cluster.heal();
    cluster.settle();
    cluster.isolate(spare, 'wall');
    cluster.until(() => cluster.view(spare).alarms.length > 0, 'the isolation to show');
    cluster.freeze(spare);
    const alone = cluster.begin(spare, 'cart', 'pear');
    cluster.until(() => alone.replies.length > 0, 'the end of a put that nobody else can take', patience);
    expect(alone.replies).toMatchObject([{ kind: 'put', outcome: { ok: false, error: 'storage' } }]);
    cluster.heal();
    cluster.until(() => cluster.view(spare).members.every(({ status }) => status === 'up'), 'the links');
    cluster.put(spare, 'cart', 'plum');
    expect(cluster.read(cluster.host(0), 'cart', 3)).toContain('plum');
  });

  test('[REQ-1] each kind of request ends', () => {
    const cluster = new Cluster(5);
    const [host] = cluster.hosts;
    if (host === undefined) throw new Error('there are hosts');
    const { id } = cluster.host(4);
    cluster.crash(cluster.host(4));
    const config = { ...cluster.view(host).ring, times: cluster.view(host).ring.times };
    cluster.freeze(host);
    const put = {
      kind: 'put',
      key: 'cart',
      value: new Uint8Array(1),
      deleted: false,
      fastest: '',
      w: 5,
      time: 1,
    } as const;
    const asked = [
      cluster.ask(host, { kind: 'get', key: 'cart', r: 5, session: emptyContext }),
      cluster.ask(host, { ...put, context: emptyContext }),
      cluster.ask(host, { kind: 'inspect', key: 'cart' }),
      cluster.ask(host, { kind: 'join', time: 1 }),
      cluster.ask(host, { kind: 'remove', node: id }),
      cluster.ask(host, { kind: 'configure', config: { n: config.n, r: config.r, w: config.w, times: config.times } }),
    ];
    cluster.until(() => asked.every(({ replies }) => replies.length > 0), 'the end of all requests', patience);
    expect(asked.map(({ replies }) => replies.length)).toEqual(asked.map(() => 1));
  });
});
