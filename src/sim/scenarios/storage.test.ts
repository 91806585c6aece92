import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

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
    expect(cluster.get(cluster.host(0), 'cart', 3).versions).toEqual([]);
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
