import { describe, expect, test } from 'vitest';
import type { Times } from '../../core/config.ts';
import { Cluster } from './cluster.ts';

/** The third owner is down, and its stand-in holds a write for it. */
function hintHeld(times: Partial<Times> = {}) {
  const cluster = new Cluster(5, { times: { syncInterval: 1e9, ...times } });
  const roles = cluster.roles('cart');
  cluster.crash(roles.third);
  cluster.put(roles.first, 'cart', 'apple', { w: 3 });
  expect(cluster.role(roles.spare, 'cart')).toBe('hint');
  expect(cluster.view(roles.spare).hints).toEqual({ held: 1, bytes: 5 });
  return { cluster, ...roles };
}

describe('a hint', () => {
  test('[HINT-1] is delivered when the owner is back, without waiting for a scan, and then it is gone', () => {
    const { cluster, third, spare } = hintHeld({ hintScan: 1e9 });
    cluster.restart(third);
    cluster.until(() => cluster.onDisk(third, 'cart').length > 0, 'the delivery', 500);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go', 500);
    expect(cluster.mark('hint-delivered')).toBe(1);
    expect(cluster.view(spare).hints).toEqual({ held: 0, bytes: 0 });
  });

  test('[HINT-1] survives a restart of its holder', () => {
    const { cluster, first, second, third, spare } = hintHeld();
    cluster.crash(spare);
    cluster.restart(spare);
    expect(cluster.role(spare, 'cart')).toBe('hint');
    for (const other of [first, second]) cluster.crash(other);
    cluster.restart(third);
    cluster.until(() => cluster.onDisk(third, 'cart').length > 0, 'the delivery');
    expect(cluster.read(third, 'cart', 1)).toEqual(['apple']);
  });

  test('[HINT-1] stays until the owner has committed it, not only received it', () => {
    const { cluster, third, spare } = hintHeld();
    cluster.freeze(third);
    cluster.restart(third);
    cluster.until(() => cluster.dots(third, 'cart').length > 0, 'the delivery to be received');
    cluster.wait(20_000);
    expect(cluster.onDisk(spare, 'cart')).toHaveLength(1);
    cluster.thaw(third);
    cluster.crash(third);
    cluster.restart(third);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go');
    expect(cluster.onDisk(third, 'cart')).toHaveLength(1);
  });

  test('[HINT-1] stays while the owner’s disk refuses it', () => {
    const { cluster, third, spare } = hintHeld();
    third.disk.full = true;
    cluster.restart(third);
    cluster.wait(20_000);
    expect(cluster.onDisk(spare, 'cart')).toHaveLength(1);
    third.disk.full = false;
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go');
    expect(cluster.onDisk(third, 'cart')).toHaveLength(1);
  });

  test('[HINT-1] that has grown during its delivery is delivered again before it goes', () => {
    const { cluster, first, second, third, spare } = hintHeld();
    third.disk.latency = 3000;
    cluster.world.start(third);
    cluster.until(() => cluster.dots(third, 'cart').length > 0, 'the delivery to be received');
    cluster.cut([first, second], [third]);
    const { context } = cluster.put(first, 'cart', 'pear', cluster.get(first, 'cart', 1));
    cluster.until(
      () => cluster.dots(spare, 'cart')[0] !== cluster.dots(third, 'cart')[0],
      'the newer write at the holder',
    );
    const newer = cluster.dots(spare, 'cart');
    expect(newer).toEqual([context.at(-1)?.join(':')]);
    cluster.until(() => {
      const held = cluster.onDisk(spare, 'cart').length > 0;
      expect(held || cluster.onDisk(third, 'cart').join() === newer.join()).toBe(true);
      return !held;
    }, 'the hint to go');
    expect(cluster.onDisk(third, 'cart')).toEqual(newer);
  });

  test('[HINT-1] is found by the scan, if the owner was never away for its holder', () => {
    const cluster = new Cluster(5, { times: { syncInterval: 1e9 } });
    const { first, second, third, spare } = cluster.roles('cart');
    cluster.cut([first, second], [third]);
    cluster.until(() => cluster.status(first, third) !== 'up', 'the silence to be noticed');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(cluster.status(spare, third)).toBe('up');
    cluster.until(() => cluster.onDisk(third, 'cart').length > 0, 'the scan', 2500);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go', 500);
  });

  test('[HINT-1] one copy held for two owners goes only when both have it', () => {
    const cluster = new Cluster(4, { times: { syncInterval: 1e9 } });
    const key = 'cart';
    const [first, second, third] = cluster.owners(key);
    const [spare] = cluster.others(key);
    if (!first || !second || !third || !spare) throw new Error('a ring of four');
    for (const owner of [first, second, third]) cluster.crash(owner);
    const { hinted } = cluster.put(spare, key, 'apple');
    expect(hinted).toHaveLength(3);
    for (const owner of [third, first]) {
      cluster.world.start(owner);
      cluster.until(() => cluster.onDisk(owner, key).length > 0, 'the delivery');
      cluster.wait(1000);
      expect(cluster.onDisk(spare, key)).toHaveLength(1);
    }
    cluster.restart(second);
    cluster.until(() => cluster.onDisk(spare, key).length === 0, 'the hint to go');
    expect(cluster.onDisk(second, key)).toHaveLength(1);
  });

  test('[HINT-1] for a node that the ring no longer makes an owner goes to those who are, without waiting for it', () => {
    const cluster = new Cluster(5);
    const away = cluster.host(0);
    const keys = Array.from({ length: 40 }, (_, i) => `key${i}`).filter((key) => cluster.owners(key).includes(away));
    cluster.crash(away);
    const held = () => cluster.world.live().flatMap((host) => [...(host.core?.held() ?? [])]);
    for (const key of keys) cluster.put(cluster.host(1), key, key, { w: 3 });
    const before = held().filter(({ role }) => role === 'hint').length;
    for (let i = 0; i < 3; i++) cluster.join();
    const moved = keys.filter((key) => !cluster.owners(key).includes(away));
    expect(moved.length).toBeGreaterThan(0);
    const strays = () => held().filter(({ key, role }) => role !== 'primary' && moved.includes(key));
    cluster.until(() => strays().length === 0, 'the hints to reach the new owners');
    expect(held().filter(({ role }) => role === 'hint').length).toBeLessThan(before);
  });
});
