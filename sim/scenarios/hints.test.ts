import { describe, expect, test } from 'vitest';
import type { Times } from '../../src/core/config.ts';
import type { Host } from '../world/host.ts';
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
    third.disk.latency = 8000;
    cluster.world.start(third);
    cluster.until(() => cluster.dots(third, 'cart').length > 0, 'the delivery to be received');
    cluster.cut([first, second], [third]);
    const { context } = cluster.put(first, 'cart', 'pear', cluster.get(first, 'cart', 1));
    cluster.until(
      () => cluster.dots(spare, 'cart')[0] !== cluster.dots(third, 'cart')[0],
      'the newer write at the holder',
    );
    const newer = cluster.dots(spare, 'cart');
    expect(newer).toEqual([context.vector.at(-1)?.join(':')]);
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

describe('an old hint', () => {
  const times = { hintAge: 10_000 };

  test('[HINT-1] is given up once W owners that are there have it on disk, and its owner gets it from them', () => {
    const { cluster, first, second, third, spare } = hintHeld(times);
    const newest = cluster.dots(spare, 'cart');
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go', 16_000);
    expect([cluster.mark('hint-expired'), cluster.mark('hint-delivered')]).toEqual([1, 0]);
    for (const owner of [first, second]) expect(cluster.onDisk(owner, 'cart')).toEqual(newest);
    cluster.restart(third);
    // Without the hint, and without a periodic comparison: the links that come up are enough.
    cluster.until(() => cluster.onDisk(third, 'cart').join() === newest.join(), 'the repair', 2000);
  });

  test('[HINT-1] is not given up before its time, nor for the time that its holder slept', () => {
    const { cluster, spare } = hintHeld(times);
    cluster.wait(3000);
    spare.pause();
    cluster.wait(60_000);
    spare.resume();
    cluster.wait(1000);
    expect(cluster.onDisk(spare, 'cart')).toHaveLength(1);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go', 12_000);
  });

  test('[HINT-1] brings owners that lack it what it holds, before it goes', () => {
    const { cluster, second, third, spare } = hintHeld({ ...times, straggler: 1e6 });
    const newest = cluster.dots(spare, 'cart');
    cluster.wipe(second);
    cluster.until(() => {
      const gone = cluster.onDisk(spare, 'cart').length === 0;
      if (gone) expect(cluster.onDisk(second, 'cart')).toEqual(newest);
      return gone;
    }, 'the hint to go');
    cluster.restart(third);
    cluster.settle();
  });

  test('[HINT-1] stays while fewer than W owners can be reached, and an alarm says for whom it is', () => {
    const { cluster, first, third, spare } = hintHeld(times);
    const codes = () => cluster.view(spare).alarms.map(({ code }) => code);
    cluster.crash(first);
    cluster.wait(4000);
    expect(codes()).toEqual([]);
    cluster.wait(60_000);
    expect(cluster.onDisk(spare, 'cart')).toHaveLength(1);
    expect(cluster.view(spare).alarms).toMatchObject([
      { code: 'hints-old', message: expect.stringContaining(third.id) },
    ]);
    expect(cluster.mark('hint-expired')).toBe(0);
    cluster.restart(first);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go', 5000);
    cluster.until(() => codes().length === 0, 'the alarm to end', 3000);
  });

  test('[HINT-1] stays while an owner has received it and not committed it', () => {
    const { cluster, second, spare } = hintHeld(times);
    cluster.freeze(second);
    cluster.wait(60_000);
    expect(cluster.onDisk(spare, 'cart')).toHaveLength(1);
    cluster.thaw(second);
    cluster.crash(second);
    cluster.restart(second);
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go');
  });

  test('[HINT-1] that has grown while it was handed over stays until W owners have all of it', () => {
    const { cluster, first, second, third, spare } = hintHeld(times);
    const seen = cluster.get(first, 'cart', 1);
    for (const owner of [first, second]) owner.disk.latency = 3000;
    const since = cluster.world.now;
    const handed = () => cluster.arrivals('store', since).filter(({ message }) => message.reason === 'hint').length;
    cluster.until(() => handed() === 2, 'the handing over');
    // The newest write is at one owner and at the holder. The acks of what was handed over are still to come.
    cluster.cut([first], cluster.except(first, spare));
    cluster.cut([second], cluster.except(second, spare));
    cluster.begin(first, 'cart', 'pear', seen);
    const before = cluster.dots(spare, 'cart').join();
    cluster.until(() => cluster.dots(spare, 'cart').join() !== before, 'the hint to grow', 300);
    const newest = cluster.dots(spare, 'cart');
    expect(cluster.dots(second, 'cart')).not.toEqual(newest);
    cluster.until(
      () => {
        const gone = cluster.onDisk(spare, 'cart').length === 0;
        for (const owner of gone ? [first, second] : []) expect(cluster.onDisk(owner, 'cart')).toEqual(newest);
        return gone;
      },
      'the hint to go',
      120_000,
    );
    expect(cluster.mark('hint-expired')).toBe(1);
    cluster.heal();
    for (const owner of [first, second]) cluster.thaw(owner);
    cluster.restart(third);
    cluster.settle();
  });

  test('[HINT-1] [VER-3] who gave up a hint that it minted mints for that key under a new epoch', () => {
    const cluster = new Cluster(5, { times });
    const { first, spare } = cluster.roles('cart');
    cluster.crash(first);
    cluster.put(spare, 'cart', 'apple');
    const { actor } = cluster.view(spare).self;
    cluster.until(() => cluster.onDisk(spare, 'cart').length === 0, 'the hint to go');
    expect(cluster.mark('hint-expired')).toBeGreaterThan(0);
    cluster.put(spare, 'cart', 'pear');
    expect(cluster.view(spare).self.actor).not.toBe(actor);
    cluster.restart(first);
    cluster.settle();
    expect(cluster.read(first, 'cart', 3).toSorted()).toEqual(['apple', 'pear']);
  });
});

describe('what is held for absent owners', () => {
  /** The third owner is down; its stand-in has room for four hints or so. */
  function crowded() {
    const cluster = new Cluster(6, { hintBytes: 1500, times: { syncInterval: 1e9 } });
    const away = cluster.host(5);
    cluster.crash(away);
    const keys = Array.from({ length: 300 }, (_, i) => `key${i}`).filter((key) => cluster.owners(key).includes(away));
    return { cluster, away, keys };
  }

  const bytes = (cluster: Cluster, host: Host) => {
    const { held, bytes: values } = cluster.view(host).hints;
    return values + held * 256;
  };

  test('[HINT-1] is bounded in bytes: above that a stand-in refuses, and the next one is asked', () => {
    const { cluster, keys } = crowded();
    for (const key of keys.slice(0, 12)) {
      const [owner] = cluster.owners(key).filter(({ state }) => state === 'up');
      if (owner) expect(cluster.put(owner, key, key).quorum).toBe('met');
      for (const host of cluster.world.live()) expect(bytes(cluster, host)).toBeLessThanOrEqual(1500);
    }
    expect(cluster.mark('hint-refused')).toBeGreaterThan(0);
    const standIns = cluster.world.live().filter((host) => cluster.view(host).hints.held > 0);
    expect(standIns.length).toBeGreaterThan(1);
    const asked = cluster.sends('refused').map(({ message }) => message.id);
    const again = cluster
      .sends('store')
      .filter(({ message }) => asked.includes(message.id) && message.hintFor.length > 0);
    expect(again.length).toBeGreaterThan(asked.length);
  });

  test('[HINT-1] never keeps a node from taking a put of its own, however much it holds', () => {
    const { cluster, away, keys } = crowded();
    const [one, ...others] = cluster.world.live();
    if (one === undefined) throw new Error('a node runs');
    for (const host of others) cluster.crash(host);
    for (const key of keys.slice(0, 20)) expect(cluster.put(one, key, key).acks).toEqual([one.id]);
    expect(bytes(cluster, one)).toBeGreaterThan(1500);
    expect(cluster.mark('hint-refused')).toBe(0);
    for (const host of [...others, away]) cluster.restart(host);
    cluster.settle();
    for (const key of keys.slice(0, 20)) expect(cluster.read(away, key, 3)).toEqual([key]);
  });
});
