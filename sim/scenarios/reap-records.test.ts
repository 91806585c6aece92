import { describe, expect, test } from 'vitest';
import { emptyContext } from '../../src/core/version/context.ts';
import type { Host } from '../world/host.ts';
import { type Asked, Cluster, valuesOf } from './cluster.ts';
import { cluster5, deleted, reap, reapedOf, times } from './reaped.ts';

describe('a reap record', () => {
  test('[DEL-3] keeps a deleted value away that comes back with a node after the tombstone time', () => {
    const cluster = cluster5();
    const { first, outsider, third } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.crash(third);
    const removed = cluster.answer(outsider, { kind: 'remove', node: third.id });
    expect(removed.kind).toBe('done');
    cluster.until(() => cluster.agreed(), 'the removal');
    cluster.settle();
    cluster.put(first, 'cart', undefined, { ...cluster.get(first, 'cart'), w: 3 });
    reap(cluster);
    // It has the value still, and joins again.
    cluster.restart(third);
    cluster.settle();
    reap(cluster);
    for (const host of cluster.hosts) expect(cluster.read(host, 'cart', 3)).toEqual([]);
  });

  test('[DEL-3] keeps a deleted value away from every get that comes back with an older copy of a profile', () => {
    // One in which gets fall between the return of the copy and its first comparison.
    const cluster = new Cluster(5, { seed: 3, times });
    const { first, third } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    const older = third.disk.backup();
    cluster.put(first, 'cart', undefined, { ...cluster.get(first, 'cart'), w: 3 });
    reap(cluster);
    cluster.crash(third);
    cluster.world.restore(third, older);
    cluster.world.start(third);
    const gets: Asked[] = [];
    for (let ms = 0; ms < 2000; ms += 5) {
      gets.push(cluster.beginGet(first, 'cart', 3));
      cluster.wait(5);
    }
    cluster.until(() => gets.every(({ replies }) => replies.length > 0), 'all answers');
    const found = gets.flatMap(({ replies: [reply] }) =>
      reply?.kind === 'get' ? valuesOf(reply.outcome.siblings) : [],
    );
    expect(found).toEqual([]);
    expect(
      cluster
        .arrivals('fetched')
        .filter(({ from, message }) => from === third.id && valuesOf(message.siblings).length > 0),
    ).not.toEqual([]);
  });

  test('[DEL-3] lets a get say that the key was deleted, and a session go on from there', () => {
    const cluster = cluster5();
    const { first, outsider } = cluster.roles('cart');
    deleted(cluster);
    const before = cluster.get(outsider, 'cart');
    reap(cluster);
    const { siblings, context, quorum } = cluster.get(outsider, 'cart', 2, before.context);
    expect([siblings.length, quorum]).toEqual([0, 'met']);
    expect(context.vector.length).toBeGreaterThan(0);
    cluster.put(first, 'cart', 'pear', { context, w: 3 });
    expect(cluster.get(outsider, 'cart', 2, before.context).quorum).toBe('met');
    expect(cluster.read(outsider, 'cart', 3)).toEqual(['pear']);
  });

  test('[DEL-3] is undone where the primaries change, so that new ones learn of the delete', () => {
    const cluster = cluster5();
    deleted(cluster);
    reap(cluster);
    const before = cluster.owners('cart');
    while (cluster.owners('cart').every((host) => before.includes(host))) cluster.join();
    cluster.until(() => cluster.mark('reap-undone') > 0, 'the reapRecords to be opened');
    reap(cluster);
    cluster.settle();
  });

  test('[DEL-3] survives a restart, and goes when its time is over', () => {
    const cluster = new Cluster(5, { times: { ...times, reapMemory: 20_000, alive: 1000 } });
    const { first } = cluster.roles('cart');
    deleted(cluster);
    reap(cluster);
    cluster.crash(first);
    cluster.restart(first);
    expect(reapedOf(first)).not.toEqual([]);
    cluster.until(
      () => cluster.owners('cart').every((host) => host.disk.entry('cart') === undefined),
      'the end of the reap records',
    );
    expect(cluster.get(first, 'cart').context).toEqual(emptyContext);
  });

  test('[DEL-3] a node that was away for longer than reapRecords last says so', () => {
    const cluster = new Cluster(3, { times: { ...times, reapMemory: 20_000, alive: 1000 } });
    const host = cluster.host(0);
    cluster.wait(2000);
    cluster.crash(host);
    cluster.wait(30_000);
    cluster.restart(host);
    cluster.wait(1000);
    expect(cluster.view(host).alarms.map(({ code }) => code)).toContain('late-return');
  });

  test('[VER-3] who minted for what was reaped takes a new epoch before it mints for it again', () => {
    const cluster = cluster5();
    const { first } = cluster.roles('cart');
    deleted(cluster);
    const { actor } = cluster.view(first).self;
    reap(cluster);
    cluster.put(first, 'cart', 'pear', { w: 3 });
    expect(cluster.view(first).self.actor).not.toBe(actor);
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear']);
  });
});

describe('the bound on reap records', () => {
  const bounded = (reapRecords: number, more: object = {}) =>
    new Cluster(5, { limits: { reapRecords }, times: { ...times, ...more } });
  const records = (host: Host, keys: readonly string[]) => keys.filter((key) => reapedOf(host, key).length > 0).length;
  const isGone = (cluster: Cluster, key: string) =>
    cluster.owners(key).every((host) => cluster.onDisk(host, key).length === 0);

  test('[DEL-3] [DEL-2] a place is kept for what was agreed to: a batch is reaped by all of its owners, or by none', () => {
    const cluster = bounded(3, { syncInterval: 200 });
    const keys = Array.from({ length: 24 }, (_, i) => `key${i}`);
    for (const key of keys) deleted(cluster, key);
    // So that the rounds of several nodes overlap.
    for (const a of cluster.hosts)
      for (const b of cluster.hosts) if (a !== b) cluster.world.network.slow(a.id, b.id, 400);
    // One node is never heard of: nothing gives way.
    const { outsider } = cluster.roles('key0');
    cluster.crash(outsider);
    cluster.until(() => cluster.hosts.some((host) => records(host, keys) === 3), 'a full node');
    cluster.wait(15_000);
    expect(Math.max(...cluster.hosts.map((host) => records(host, keys)))).toBe(3);
    expect(cluster.mark('reap-undone')).toBe(0);
    for (const key of keys) {
      const owners = cluster.owners(key).filter((host) => host !== outsider);
      expect(new Set(owners.map((host) => reapedOf(host, key).length > 0)).size, key).toBe(1);
    }
  });

  test('[DEL-3] who deletes all day has everything reaped, while all members are heard of', () => {
    const cluster = bounded(4);
    const keys = Array.from({ length: 30 }, (_, i) => `key${i}`);
    for (const key of keys) deleted(cluster, key);
    cluster.until(() => keys.every((key) => isGone(cluster, key)), 'all to be reaped', 400_000);
    expect(Math.max(...cluster.hosts.map((host) => records(host, keys)))).toBeLessThanOrEqual(4);
    cluster.settle();
  });

  test('[DEL-3] no record gives way while a member that was away may come with an older value; an alarm names it', () => {
    const cluster = bounded(4);
    const { first, third, spare } = cluster.roles('cart');
    cluster.isolate(third);
    cluster.wait(4000);
    cluster.put(first, 'cart', 'apple');
    cluster.until(() => cluster.role(spare, 'cart') === 'hint', 'the hint');
    cluster.isolate(spare, 'wall');
    cluster.wait(100);
    cluster.heal();
    cluster.isolate(spare, 'wall');
    cluster.until(() => cluster.status(first, third) === 'up', 'the third owner to be back');
    cluster.until(() => cluster.onDisk(third, 'cart').length > 0, 'the third owner to have it');
    cluster.put(first, 'cart', undefined, { ...cluster.get(first, 'cart'), w: 3 });
    reap(cluster);
    const others = Array.from({ length: 400 }, (_, i) => `key${i}`)
      .filter((key) => !cluster.owners(key).includes(spare))
      .slice(0, 12);
    for (const key of others) deleted(cluster, key);
    const alarms = () => cluster.except(spare).flatMap((host) => cluster.view(host).alarms);
    cluster.until(() => alarms().some(({ code }) => code === 'reaping-waits'), 'the alarm');
    expect(alarms().find(({ code }) => code === 'reaping-waits')?.message).toContain(spare.id);
    cluster.wait(20_000);
    expect(others.every((key) => isGone(cluster, key))).toBe(false);
    cluster.heal();
    cluster.until(() => others.every((key) => isGone(cluster, key)), 'all to be reaped', 400_000);
    expect(alarms().filter(({ code }) => code === 'reaping-waits')).toEqual([]);
    expect(cluster.read(first, 'cart', 3)).toEqual([]);
    cluster.settle();
  });

  test('[DEL-3] nor while a member says that it holds a hint of that partition', () => {
    const cluster = new Cluster(5, { partitions: 1, limits: { reapRecords: 1 }, times });
    const { first, third, spare } = cluster.roles('a');
    deleted(cluster, 'a');
    reap(cluster, 'a');
    cluster.isolate(third);
    cluster.until(() => cluster.status(first, third) !== 'up', 'the cut');
    cluster.put(first, 'b', 'pear');
    cluster.until(() => cluster.role(spare, 'b') === 'hint', 'the hint');
    // All are heard of from now on, but the hint cannot be delivered.
    cluster.heal();
    cluster.cut([third], [spare]);
    cluster.wait(30_000);
    expect(cluster.role(spare, 'b')).toBe('hint');
    expect(reapedOf(first, 'a')).not.toEqual([]);
  });
});

describe('machines that sleep', () => {
  const days = 86_400_000;

  test('[DEL-3] their sleep is no time in which they remember: who was cut off meanwhile brings nothing back', () => {
    const cluster = new Cluster(6, { seed: 5, times: { tombstone: 1000, reapScan: 1000 } });
    const { first, third, spare, outsider } = cluster.roles('cart');
    // The spare keeps a hint for the third, and is cut off before it can hand it over.
    cluster.isolate(third);
    cluster.wait(4000);
    cluster.put(first, 'cart', 'apple');
    cluster.wait(500);
    expect(cluster.role(spare, 'cart')).toBe('hint');
    cluster.isolate(spare, 'wall');
    cluster.wait(100);
    cluster.heal();
    cluster.isolate(spare, 'wall');
    cluster.wait(8000);
    cluster.put(first, 'cart', undefined, cluster.get(first, 'cart'));
    reap(cluster);
    const awake = cluster.except(spare);
    for (const host of awake) host.sleep();
    for (const host of awake) host.wake(8 * days);
    cluster.wait(3000);
    expect(cluster.owners('cart').map((host) => reapedOf(host).length > 0)).toEqual([true, true, true]);
    cluster.heal();
    cluster.wait(15_000);
    expect(cluster.read(outsider, 'cart', 3)).toEqual([]);
  });

  test('[DEL-2] nor does a tombstone ripen in it', () => {
    const cluster = new Cluster(3, { times: { reapScan: 1000, tombstone: 60_000 } });
    cluster.put(cluster.host(0), 'cart', undefined, { w: 3 });
    cluster.wait(3000);
    for (const host of cluster.hosts) host.sleep();
    for (const host of cluster.hosts) host.wake(8 * days);
    cluster.wait(20_000);
    expect(cluster.mark('reaped')).toBe(0);
    cluster.wait(60_000);
    expect(cluster.mark('reaped')).toBe(3);
  });

  test('[DEL-3] who wakes after longer than the others remember says so', () => {
    const cluster = new Cluster(3, { times: { reapMemory: days } });
    const codes = (host: Host) => cluster.view(host).alarms.map(({ code }) => code);
    const [short, long] = [cluster.host(0), cluster.host(1)];
    for (const host of [short, long]) host.sleep();
    short.wake(days / 2);
    long.wake(2 * days);
    cluster.wait(2000);
    expect([codes(short), codes(long)]).toEqual([[], ['late-return']]);
  });
});
