import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

const sorted = (values: string[] | undefined): string[] => (values ?? []).toSorted();

describe('a watcher', () => {
  test('[WATCH-1] hears of what is there, and of each new version as it commits', () => {
    const cluster = new Cluster(5);
    const { first, second, outsider } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple');
    const watching = cluster.watch(outsider, 'cart');
    cluster.until(() => sorted(watching.latest()).join() === 'apple', 'what is there', 500);
    cluster.put(second, 'cart', 'pear', cluster.get(second, 'cart'));
    cluster.until(() => sorted(watching.latest()).join() === 'pear', 'the new version', 500);
    cluster.put(second, 'cart', undefined, cluster.get(second, 'cart'));
    cluster.until(() => watching.latest()?.length === 0, 'the delete', 500);
  });

  test('[WATCH-1] is told only of what is on disk', () => {
    const cluster = new Cluster(3);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    const watching = cluster.watch(b, 'cart');
    for (const host of cluster.hosts) cluster.freeze(host);
    cluster.begin(a, 'cart', 'apple');
    cluster.until(() => cluster.dots(b, 'cart').length > 0, 'the write to arrive');
    cluster.wait(1000);
    expect(watching.latest()).toBeUndefined();
  });

  for (const how of ['filter', 'wall'] as const) {
    test(`[WATCH-1] that was cut off (${how}) for longer than its leases does not miss the final state`, () => {
      const cluster = new Cluster(5);
      const { first, outsider } = cluster.roles('cart');
      const watching = cluster.watch(outsider, 'cart');
      cluster.put(first, 'cart', 'apple');
      cluster.until(() => watching.latest()?.join() === 'apple', 'the first version');
      cluster.isolate(outsider, how);
      cluster.wait(15_000);
      cluster.put(first, 'cart', 'pear', cluster.get(first, 'cart'));
      cluster.wait(15_000);
      expect(watching.latest()).toEqual(['apple']);
      cluster.heal();
      cluster.until(() => watching.latest()?.join() === 'pear', 'the final state', 10_000);
    });
  }

  test('[WATCH-1] does not miss what comes while the replicas that it leased from are gone', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare, outsider } = cluster.roles('cart');
    const watching = cluster.watch(outsider, 'cart');
    cluster.wait(100);
    for (const owner of [first, second, third]) cluster.crash(owner);
    cluster.put(spare, 'cart', 'apple');
    cluster.until(() => watching.latest()?.join() === 'apple', 'the write to the stand-ins', 1000);
  });

  test('[WATCH-1] turns to the stand-ins as soon as the owners are gone, not only when its leases end', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare, outsider } = cluster.roles('cart');
    const watching = cluster.watch(outsider, 'cart');
    cluster.wait(100);
    const since = cluster.world.now;
    for (const owner of [first, second, third]) cluster.world.stop(owner, 'close');
    for (const host of [spare, outsider]) {
      cluster.until(
        () => [first, second, third].every((owner) => cluster.status(host, owner) !== 'up'),
        'the goodbyes',
      );
    }
    cluster.put(spare, 'cart', 'apple');
    cluster.until(() => watching.latest()?.join() === 'apple', 'the write to the stand-ins');
    expect(cluster.world.now - since).toBeLessThan(1000);
  });

  test('[WATCH-1] follows its key to new owners', () => {
    const cluster = new Cluster(4);
    const key = 'cart';
    const watching = cluster.watch(cluster.host(0), key);
    for (let i = 0; i < 6; i++) {
      cluster.join();
      cluster.settle();
    }
    const [owner] = cluster.owners(key);
    if (owner === undefined) throw new Error('there are owners');
    cluster.put(owner, key, 'apple');
    cluster.until(() => watching.latest()?.join() === 'apple', 'the write at the new owner', 500);
  });

  test('[WATCH-1] sees the whole of what two halves of a split ring wrote', () => {
    const cluster = new Cluster(5);
    const { first, second, outsider } = cluster.roles('cart');
    const watching = cluster.watch(outsider, 'cart');
    cluster.cut([first], cluster.except(first));
    cluster.wait(4000);
    cluster.put(first, 'cart', 'apple');
    cluster.put(second, 'cart', 'pear');
    cluster.heal();
    cluster.until(() => sorted(watching.latest()).join() === 'apple,pear', 'both halves’ writes', 15_000);
  });

  for (const { later, shown } of [
    { later: undefined, shown: '' },
    { later: 'pear', shown: 'pear' },
  ]) {
    test(`[DEL-3] that missed a delete until it was reaped does not show the value beside ${later ?? 'nothing'}`, () => {
      const cluster = new Cluster(5, { times: { reapScan: 1000, tombstone: 5000 } });
      const { first, outsider } = cluster.roles('cart');
      const watching = cluster.watch(outsider, 'cart');
      cluster.put(first, 'cart', 'apple', { w: 3 });
      cluster.until(() => watching.latest()?.join() === 'apple', 'the value');
      cluster.isolate(outsider, 'wall');
      cluster.put(first, 'cart', undefined, { ...cluster.get(first, 'cart'), w: 3 });
      const reaped = () => cluster.owners('cart').every((owner) => cluster.onDisk(owner, 'cart').length === 0);
      cluster.until(reaped, 'the tombstone to be reaped', 60_000);
      if (later !== undefined) cluster.put(first, 'cart', later, { w: 3 });
      cluster.heal();
      cluster.until(() => watching.latest()?.join() === shown, 'the final state', 10_000);
    });
  }

  test('[WATCH-1] that has ended is told nothing more', () => {
    const cluster = new Cluster(5);
    const { first, outsider } = cluster.roles('cart');
    const watching = cluster.watch(outsider, 'cart');
    cluster.wait(100);
    cluster.ask(outsider, { kind: 'unwatch', watch: watching.id });
    cluster.wait(100);
    const since = cluster.world.now;
    cluster.put(first, 'cart', 'apple');
    cluster.wait(20_000);
    expect(watching.latest()).toBeUndefined();
    expect([...cluster.sends('changed', since), ...cluster.sends('watch', since)]).toEqual([]);
  });
});
