import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

describe('a delete', () => {
  test('[DEL-1] stores a tombstone: a get then finds no value, but a context', () => {
    const cluster = new Cluster(5);
    const { first, outsider } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.put(outsider, 'cart', undefined, cluster.get(outsider, 'cart'));
    const { siblings, context } = cluster.get(outsider, 'cart');
    expect(siblings.map(({ deleted }) => deleted)).toEqual([true]);
    expect(context.vector.length).toBeGreaterThan(0);
    cluster.settle();
    expect(cluster.onDisk(first, 'cart')).toHaveLength(1);
  });

  test('[DEL-1] what is made again with its context descends from it', () => {
    const cluster = new Cluster(5);
    const { first, second } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.put(first, 'cart', undefined, cluster.get(first, 'cart'));
    cluster.put(second, 'cart', 'pear', cluster.get(second, 'cart'));
    cluster.settle();
    const { siblings } = cluster.get(first, 'cart', 3);
    expect(siblings.map(({ deleted }) => deleted)).toEqual([false]);
    expect(cluster.read(first, 'cart', 3)).toEqual(['pear']);
  });

  test('[DEL-1] a put that the deleter had not seen survives it', () => {
    const cluster = new Cluster(5);
    const { first, second } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    const seen = cluster.get(first, 'cart');
    cluster.put(second, 'cart', 'pear', seen);
    cluster.put(first, 'cart', undefined, seen);
    cluster.settle();
    for (const host of cluster.hosts) expect(cluster.read(host, 'cart', 3)).toEqual(['pear']);
    expect(cluster.dots(first, 'cart')).toHaveLength(2);
  });

  test('[DEL-1] does not come undone when an owner returns that was away', () => {
    const cluster = new Cluster(5);
    const { first, third } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.crash(third);
    cluster.put(first, 'cart', undefined, cluster.get(first, 'cart'));
    cluster.restart(third);
    cluster.settle();
    expect(cluster.read(third, 'cart', 1)).toEqual([]);
    expect(cluster.read(third, 'cart', 3)).toEqual([]);
  });
});
