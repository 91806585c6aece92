import { describe, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';
import { cluster5, deleted, reap, reapedOf, times } from './reaped.ts';

describe('a tombstone', () => {
  test('[DEL-2] is reaped on all primaries once the tombstone time is over, and not before', () => {
    const cluster = cluster5();
    deleted(cluster);
    cluster.wait(4000);
    expect(cluster.mark('reaped')).toBe(0);
    reap(cluster);
    expect(cluster.view(cluster.roles('cart').first).keys).toBe(0);
    expect(cluster.hosts.map((host) => cluster.role(host, 'cart'))).toEqual(Array(5).fill(undefined));
  });

  test('[DEL-2] stays while a primary is away, or does not hold it', () => {
    const cluster = cluster5();
    const { third } = cluster.roles('cart');
    deleted(cluster);
    cluster.crash(third);
    cluster.wait(30_000);
    expect(cluster.mark('reaped')).toBe(0);
    cluster.restart(third);
    reap(cluster);
  });

  test('[DEL-2] stays while somebody within reach holds a hint or a copy of that partition', () => {
    const cluster = cluster5();
    const { first, second, third, spare } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    const seen = cluster.get(first, 'cart', 3);
    cluster.cut([spare], [first, second, third]);
    cluster.crash(third);
    cluster.until(() => cluster.status(spare, first) !== 'up' && cluster.status(spare, second) !== 'up', 'the cut');
    // The stand-in alone takes this: none of the owners hears of it.
    cluster.put(spare, 'cart', 'pear', { w: 1 });
    cluster.world.start(third);
    cluster.until(() => cluster.status(first, third) === 'up' && cluster.status(second, third) === 'up', 'the owners');
    cluster.put(first, 'cart', undefined, { ...seen, w: 3 });
    cluster.wait(8000);
    cluster.heal();
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear']);
  });

  test('[DEL-2] stays while somebody whom one owner cannot reach holds a hint of what was deleted', () => {
    const cluster = new Cluster(5, { times: { ...times, reapMemory: 1000 } });
    const { first, third, spare } = cluster.roles('cart');
    cluster.crash(third);
    cluster.until(() => cluster.status(first, third) !== 'up', 'the third owner to be missed');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.until(() => cluster.role(spare, 'cart') !== undefined, 'the hint');
    cluster.cut([spare], [third]);
    cluster.world.start(third);
    cluster.until(() => cluster.onDisk(third, 'cart').length === 1, 'the third owner to have it');
    cluster.put(first, 'cart', undefined, { ...cluster.get(first, 'cart'), w: 3 });
    cluster.wait(30_000);
    cluster.heal();
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual([]);
  });

  test('[DEL-2] a write in the moment of agreement stays', () => {
    const cluster = cluster5();
    const { first, second } = cluster.roles('cart');
    deleted(cluster);
    cluster.until(() => cluster.sends('reap-commit').length > 0, 'the agreement');
    cluster.put(second, 'cart', 'pear', { w: 3 });
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear']);
  });

  test('[DEL-2] is not reaped by who has agreed, and has opened its storage again before the reap', () => {
    const cluster = cluster5();
    const [leader, follower] = cluster.owners('cart').sort((a, b) => (a.id < b.id ? -1 : 1));
    if (leader === undefined || follower === undefined) throw new Error('there should be owners');
    const { actor } = cluster.view(follower).self;
    deleted(cluster);
    // All agree, but the leader has to wait for one of the answers.
    cluster.world.network.slow(cluster.roles('cart').outsider.id, leader.id, 2000);
    const agreed = () =>
      cluster.sends('reap-vote').some(({ from, message }) => from === follower.id && message.keys[0]);
    cluster.until(() => agreed(), 'the agreement');
    follower.loseDisk('closed');
    cluster.until(() => cluster.view(follower).self.actor !== actor, 'the new opening');
    const openedAt = cluster.world.now;
    expect(cluster.sends('reap-commit')).toEqual([]);
    cluster.until(() => reapedOf(follower).length > 0, 'the reap');
    expect(cluster.sends('reap-commit')[0]?.at).toBeLessThan(openedAt + 2000);
    expect(cluster.world.now - openedAt).toBeGreaterThanOrEqual(times.tombstone);
    reap(cluster);
    cluster.settle();
  });

  test.each([
    { late: 1, of: 'all of the key', beside: [], earlier: 0 },
    { late: 2, of: 'all of the key', beside: [], earlier: 0 },
    { late: 1, of: 'one sibling', beside: ['pear'], earlier: 0 },
    { late: 2, of: 'one sibling', beside: ['pear'], earlier: 0 },
    { late: 1, of: 'a second delete', beside: [], earlier: 1 },
    { late: 2, of: 'a second delete', beside: [], earlier: 1 },
  ])('[DEL-2] [AE-1] moves nothing while other owner $late has not heard yet that $of is reaped', (now) => {
    const cluster = new Cluster(5, { times: { ...times, syncInterval: 200 } });
    const [leader, ...others] = cluster.owners('cart').sort((a, b) => (a.id < b.id ? -1 : 1));
    const late = others[now.late - 1];
    if (leader === undefined || late === undefined) throw new Error('there should be owners');
    deleted(cluster);
    if (now.earlier > 0) {
      reap(cluster);
      // Who has not read the key has not seen what was reaped of it.
      cluster.put(leader, 'cart', undefined, { w: 3 });
    }
    for (const value of now.beside) cluster.put(leader, 'cart', value, { w: 3 });
    cluster.settle();
    cluster.wait(1000);
    const sent = () => cluster.hosts.reduce((sum, { core }) => sum + (core?.view().repair.sent ?? 0), 0);
    const before = sent();
    cluster.world.network.slow(leader.id, late.id, 1500);
    cluster.until(() => cluster.owners('cart').every((host) => reapedOf(host).length > now.earlier), 'the reap');
    const since = cluster.sends('reap-commit').at(-1)?.at ?? 0;
    const between = others.map(({ id }) => id);
    expect(
      cluster.sends('listed', since).filter(({ from, to }) => between.includes(from) && between.includes(to)),
    ).not.toEqual([]);
    cluster.wait(5000);
    expect(sent()).toBe(before);
    expect(cluster.mark('reap-undone')).toBe(0);
    expect(cluster.read(leader, 'cart', 3)).toEqual(now.beside);
  });

  test('[DEL-2] half reaped, since the last message was lost, it is whole again, and reaped once more', () => {
    const cluster = cluster5();
    const { first, second, third } = cluster.roles('cart');
    deleted(cluster);
    cluster.until(() => cluster.sends('reap-commit').length > 0, 'the agreement');
    const leader = cluster.of(cluster.sends('reap-commit')[0]?.from ?? '');
    for (const host of [first, second, third]) if (host !== leader) cluster.cut([leader], [host], 'filter', true);
    cluster.wait(3000);
    cluster.heal();
    reap(cluster);
    cluster.settle();
    expect(cluster.read(first, 'cart', 3)).toEqual([]);
  });
});

describe('a long clock', () => {
  /** Each write by a new epoch of its coordinator. */
  function writtenByMany(cluster: Cluster): void {
    const { first } = cluster.roles('cart');
    for (let i = 0; i <= limits.clockAlarm + 1; i++) {
      const seen = i === 0 ? {} : cluster.get(first, 'cart', 3);
      cluster.put(first, 'cart', `apple ${i}`, { ...seen, w: 3 });
      cluster.world.stop(first, 'close');
      cluster.restart(first);
    }
  }
  const length = (host: Host) => host.disk.entry('cart')?.versions[0]?.context.vector.length;

  test('[VER-5] is cut when all primaries agree; the value and what follows it stay', () => {
    const cluster = new Cluster(5, { times: { reapScan: 1000, tombstone: 5000, ping: 100, gossip: 200 } });
    writtenByMany(cluster);
    const { first, second } = cluster.roles('cart');
    const session = cluster.get(second, 'cart', 3);
    expect(length(first)).toBeGreaterThan(limits.clockAlarm);
    cluster.until(() => cluster.owners('cart').every((host) => length(host) === 0), 'the versions to be cut');
    const { siblings, context, quorum } = cluster.get(second, 'cart', 2, session.context);
    expect([siblings.length, context.vector.length, quorum]).toEqual([1, 1, 'met']);
    cluster.put(second, 'cart', 'pear', { ...session, w: 3 });
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear']);
  });
});
