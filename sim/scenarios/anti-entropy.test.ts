import { describe, expect, test } from 'vitest';
import { leafOf, positionOf } from '../../src/core/ring/position.ts';
import { Cluster } from './cluster.ts';

const keys = Array.from({ length: 60 }, (_, i) => `key${i}`);

describe('anti-entropy', () => {
  test('[AE-1] a replica that has lost everything gets all of it again, tombstones included, without a request', () => {
    const cluster = new Cluster(3);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    for (const key of keys) cluster.put(a, key, key, { w: 3 });
    cluster.put(a, 'key0', undefined, cluster.get(a, 'key0'));
    cluster.settle();
    cluster.wipe(b);
    expect(cluster.view(b).keys).toBe(0);
    cluster.until(() => keys.every((key) => cluster.onDisk(b, key).length > 0), 'all keys', 25_000);
    cluster.settle();
    for (const { partitions } of [cluster.view(a).ring]) {
      for (let p = 0; p < partitions; p++) expect(b.core?.root(p)).toBe(a.core?.root(p));
    }
    expect(b.core?.versions('key0')).toMatchObject([{ deleted: true }]);
  });

  test('[AE-1] differences on both sides meet in the middle: each gets what only the other has', () => {
    const cluster = new Cluster(3, { times: { hedgeAfter: 1e6 } });
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.isolate(a);
    for (const key of keys.slice(0, 20)) for (const host of [a, b]) cluster.begin(host, key, `${key} at ${host.id}`);
    cluster.wait(6000);
    cluster.heal();
    cluster.settle();
    for (const host of [a, b, c]) expect(cluster.read(host, 'key7', 1)).toHaveLength(2);
    expect(cluster.view(a).repair.sent + cluster.view(b).repair.sent + cluster.view(c).repair.sent).toBeGreaterThan(0);
  });

  test('[AE-1] one key that differs moves alone, even among keys of its own leaf', () => {
    const cluster = new Cluster(3, { partitions: 1 });
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    const leaf = leafOf(positionOf('key7'));
    const neighbours = Array.from({ length: 2000 }, (_, i) => `key${i}`).filter(
      (key) => leafOf(positionOf(key)) === leaf,
    );
    expect(neighbours.length).toBeGreaterThan(3);
    for (const key of [...keys, ...neighbours]) cluster.put(a, key, key, { ...cluster.get(a, key), w: 3 });
    cluster.settle();
    cluster.wait(20_000);
    cluster.cut([a], [b, c], 'filter', true);
    cluster.put(a, 'key7', 'new', { ...cluster.get(a, 'key7', 1), w: 1 });
    cluster.wait(100);
    cluster.heal();
    const since = cluster.world.now;
    cluster.settle();
    cluster.wait(20_000);
    const moved = cluster.sends('store', since);
    expect(new Set(moved.map(({ message }) => message.key))).toEqual(new Set(['key7']));
    expect(moved.length).toBeLessThanOrEqual(4);
    expect(cluster.read(c, 'key7', 1)).toEqual(['new']);
  });

  test('[AE-1] idle and equal, roots are compared and no state flows', () => {
    const cluster = new Cluster(5);
    for (const key of keys) cluster.put(cluster.host(0), key, key);
    cluster.settle();
    cluster.wait(20_000);
    const since = cluster.world.now;
    const rounds = cluster.view(cluster.host(0)).repair.rounds;
    cluster.wait(60_000);
    expect(cluster.view(cluster.host(0)).repair.rounds).toBeGreaterThan(rounds);
    for (const type of ['store', 'fetched', 'changed', 'descend', 'listed', 'want'] as const) {
      expect(cluster.sends(type, since)).toEqual([]);
    }
  });

  test('[AE-1] under steady writes rounds are made now and then, not back to back, and little is sent twice', () => {
    const cluster = new Cluster(3, { partitions: 1 });
    const [a, b] = [cluster.host(0), cluster.host(1)];
    // One disk is slower: at any moment it lacks what the others have.
    b.disk.latency = 250;
    const since = cluster.world.now;
    const rounds = () => cluster.hosts.reduce((sum, host) => sum + cluster.view(host).repair.rounds, 0);
    const before = rounds();
    for (let i = 0; i < 900; i++) {
      cluster.begin(a, `key${i}`, 'apple');
      cluster.wait(33);
    }
    // Three pairs, three periods, and a few rounds more at the beginning.
    expect(rounds() - before).toBeGreaterThanOrEqual(6);
    expect(rounds() - before).toBeLessThanOrEqual(3 * 8);
    // What is on its way to the slow disk is not sent a second time.
    const synced = cluster.sends('store', since).filter(({ message }) => message.reason === 'sync');
    expect(synced.length).toBeLessThan(10);
    cluster.settle();
  });

  test('[AE-1] what a round found is looked at again a moment later, and no more once all is equal', () => {
    const cluster = new Cluster(3, { times: { syncInterval: 60_000 } });
    const [a, b] = [cluster.host(0), cluster.host(1)];
    for (const key of keys) cluster.put(a, key, key, { w: 3 });
    cluster.settle();
    cluster.wait(120_000);
    cluster.wipe(b);
    const since = cluster.world.now;
    cluster.until(() => cluster.isSettled(), 'all keys', 61_000);
    cluster.wait(50_000);
    const found = cluster.sends('listed', since).map(({ at }) => at);
    const compared = cluster.sends('compare', since).filter(({ to, from }) => to === b.id || from === b.id);
    const after = compared.filter(({ at }) => at > Math.max(...found));
    expect(after.length).toBeGreaterThanOrEqual(2);
    expect(after.length).toBeLessThanOrEqual(6);
    expect(after.some(({ at }) => at - Math.max(...found) < 2000)).toBe(true);
  });

  test('[AE-1] a replica that lacks much asks for a little at a time, by count and by bytes', () => {
    const cluster = new Cluster(3, { partitions: 1 });
    const [a, b] = [cluster.host(0), cluster.host(1)];
    const large = 'x'.repeat(1_000_000);
    for (const key of keys) cluster.put(a, key, key, { w: 3 });
    for (let i = 0; i < 16; i++) cluster.put(a, `large${i}`, large, { w: 3 });
    cluster.settle();
    const since = cluster.world.now;
    cluster.wipe(b);
    cluster.until(() => cluster.view(b).keys === keys.length + 16, 'all keys', 25_000);
    for (const host of [a, cluster.host(2)]) {
      // Asked for and not yet come, in the order of what happened at the one that asks.
      const asked = cluster.sends('want', since).filter(({ from, to }) => from === b.id && to === host.id);
      const came = cluster.arrivals('store', since).filter(({ from, to }) => from === host.id && to === b.id);
      for (const { at } of asked) {
        const open = asked.filter((want) => want.at <= at).flatMap(({ message }) => message.keys);
        for (const { message } of came.filter((store) => store.at <= at)) {
          const place = open.indexOf(message.key);
          if (place >= 0) open.splice(place, 1);
        }
        expect(open.length).toBeLessThanOrEqual(32);
        expect(open.filter((key) => key.startsWith('large')).length).toBeLessThanOrEqual(5);
      }
    }
    expect(cluster.sends('want', since).length).toBeGreaterThan(1);
    cluster.settle();
  });

  test('[AE-1] goes on after an interruption, where it matters', () => {
    const cluster = new Cluster(3);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    for (const key of keys) cluster.put(a, key, key, { w: 3 });
    cluster.settle();
    cluster.wipe(b);
    cluster.until(() => cluster.view(b).keys > 5, 'some keys', 25_000);
    cluster.isolate(b);
    cluster.wait(10_000);
    cluster.heal();
    cluster.settle();
    expect(cluster.view(b).keys).toBe(keys.length);
  });
});
