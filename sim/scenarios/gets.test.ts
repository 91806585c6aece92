import { describe, expect, test } from 'vitest';
import { emptyContext } from '../../src/core/version/context.ts';
import type { Host } from '../world/host.ts';
import { Cluster, valuesOf } from './cluster.ts';

/** No comparing of replicas in the background: what a get repairs, nothing else has. */
const noSync = { times: { syncInterval: 1e9 } };

/** A ring of five whose third owner has lost its copy. */
function oneOwnerLacksIt() {
  const cluster = new Cluster(5, noSync);
  const roles = cluster.roles('cart');
  cluster.put(roles.first, 'cart', 'apple', { w: 3 });
  cluster.wipe(roles.third);
  return { cluster, ...roles };
}

/** The disk of a host loses the values of a key, which are not in memory, and does not know it. */
function rot(cluster: Cluster, host: Host, key: string): void {
  cluster.crash(host);
  cluster.restart(host);
  cluster.settle();
  for (let i = 0; i < 50 && !host.disk.hasLost(key); i++) cluster.world.damage(host, 'rotten');
  expect(host.disk.hasLost(key)).toBe(true);
}

describe('the answer to a get', () => {
  test('[GET-1] any tab coordinates', () => {
    const cluster = new Cluster(5);
    cluster.put(cluster.host(0), 'cart', 'apple', { w: 3 });
    for (const host of cluster.hosts) expect(cluster.read(host, 'cart')).toEqual(['apple']);
  });

  test('[GET-1] not found is an answer: R misses meet the quorum', () => {
    const cluster = new Cluster(5);
    const { outsider } = cluster.roles('cart');
    const { siblings, quorum, replicas, context } = cluster.get(outsider, 'cart');
    expect({ siblings, quorum, context }).toEqual({ siblings: [], quorum: 'met', context: emptyContext });
    expect(replicas.length).toBeGreaterThanOrEqual(2);
  });

  test('[GET-1] one value beats any number of misses', () => {
    const { cluster, first, second, third, outsider } = oneOwnerLacksIt();
    cluster.wipe(second);
    expect(cluster.read(outsider, 'cart', 3)).toEqual(['apple']);
    expect(cluster.onDisk(first, 'cart')).toHaveLength(1);
    expect(third.lives).toBe(true);
  });

  test('[GET-1] the miss of a stand-in is none while an owner may have it', () => {
    const cluster = new Cluster(5, { cacheBytes: 0, replication: { n: 2, r: 1, w: 2 } });
    const [first, second] = cluster.owners('cart');
    const [asker] = cluster.others('cart');
    if (!first || !second || !asker) throw new Error('there are two owners and others');
    cluster.put(first, 'cart', 'apple');
    rot(cluster, first, 'cart');
    cluster.world.network.slow(second.id, asker.id, 300);
    const { siblings, quorum } = cluster.get(asker, 'cart', 1);
    expect({ values: valuesOf(siblings), quorum }).toEqual({ values: ['apple'], quorum: 'met' });
  });

  test('[GET-1] an owner that has lost the only copy does not say that there never was one', () => {
    const cluster = new Cluster(4, { cacheBytes: 0, replication: { n: 1, r: 1, w: 1 } });
    const [owner] = cluster.owners('cart');
    if (!owner) throw new Error('there is an owner');
    cluster.put(owner, 'cart', 'apple');
    rot(cluster, owner, 'cart');
    for (const host of [...cluster.hosts, ...cluster.hosts]) {
      expect(cluster.get(host, 'cart')).toMatchObject({ siblings: [], quorum: 'under' });
    }
    cluster.put(owner, 'cart', 'pear');
    for (const host of cluster.hosts) expect(cluster.get(host, 'cart')).toMatchObject({ quorum: 'met' });
  });

  test('[GET-1] [DEL-3] all that an owner says is of one moment, also when it finds its value lost between two reads', () => {
    const cluster = new Cluster(4, { seed: 21, cacheBytes: 0, times: { tombstone: 1000, reapScan: 1000, scrub: 1e9 } });
    const owners = cluster.owners('cart');
    const [first, second, frail] = owners;
    if (!first || !second || !frail) throw new Error('there are three owners');
    cluster.put(first, 'cart', 'apple');
    cluster.wait(300);
    cluster.put(second, 'cart', undefined);
    cluster.until(() => owners.every((host) => host.disk.entry('cart')?.reapRecord !== undefined), 'the reap', 120_000);
    rot(cluster, frail, 'cart');
    const asked = [cluster.beginGet(frail, 'cart', 3), cluster.beginGet(frail, 'cart', 3)];
    cluster.until(() => asked.every(({ replies }) => replies.length > 0), 'the answers');
    for (const { replies } of asked) {
      const [reply] = replies;
      expect(reply?.kind === 'get' && valuesOf(reply.outcome.siblings)).toEqual(['apple']);
    }
  });

  test('[GET-1] comes after R answers: one owner of three is not enough', () => {
    const cluster = new Cluster(3);
    const [first, second, third] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.put(first, 'cart', 'apple', { w: 3 });
    for (const late of [second, third]) cluster.world.network.slow(late.id, first.id, 250);
    const asked = cluster.beginGet(first, 'cart', 2);
    cluster.wait(200);
    expect(asked.replies).toEqual([]);
    cluster.until(() => asked.replies.length > 0, 'the second answer', 400);
  });

  test('[GET-1] a stand-in’s miss is no answer while the owners may still answer', () => {
    const { cluster, first, second, third } = oneOwnerLacksIt();
    for (const slow of [first, second]) cluster.world.network.slow(slow.id, third.id, 900);
    expect(cluster.read(third, 'cart')).toEqual(['apple']);
    expect(cluster.mark('hedge')).toBeGreaterThan(0);
  });

  test('[GET-1] says under quorum when fewer than R can be asked', () => {
    const cluster = new Cluster(5);
    const { first } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.isolate(first);
    cluster.until(() => cluster.view(first).alarms.length > 0, 'the isolation to show');
    expect(cluster.get(first, 'cart').quorum).toBe('under');
    expect(cluster.read(first, 'cart')).toEqual(['apple']);
  });
});

describe('what a get does beside its answer', () => {
  test('[GET-2] a stale replica that answers after the reply is repaired all the same', () => {
    const { cluster, third, outsider } = oneOwnerLacksIt();
    cluster.world.network.slow(third.id, outsider.id, 150);
    expect(cluster.read(outsider, 'cart')).toEqual(['apple']);
    expect(cluster.dots(third, 'cart')).toEqual([]);
    cluster.until(() => cluster.onDisk(third, 'cart').length === 1, 'the repair', 1000);
    expect(cluster.sends('store').filter(({ message }) => message.reason === 'repair')).toHaveLength(1);
  });

  test('[GET-2] the repair is a merge: it loses nothing that the replica alone has', () => {
    const cluster = new Cluster(5, noSync);
    const { first, second, third, outsider } = cluster.roles('cart');
    cluster.isolate(third);
    cluster.put(first, 'cart', 'apple');
    cluster.put(third, 'cart', 'pear', { w: 1 });
    cluster.heal();
    cluster.until(() => cluster.status(outsider, third) === 'up', 'the cut to be forgotten');
    expect(cluster.read(outsider, 'cart', 3).toSorted()).toEqual(['apple', 'pear']);
    const owners = [first, second, third];
    cluster.until(() => owners.every((owner) => cluster.onDisk(owner, 'cart').length === 2), 'the repairs', 1500);
  });

  test('[GET-2] nothing is repaired where nothing is stale', () => {
    const cluster = new Cluster(5, noSync);
    cluster.put(cluster.host(0), 'cart', 'apple', { w: 3 });
    cluster.wait(3000);
    const stores = cluster.sends('store').length;
    for (const host of cluster.hosts) cluster.read(host, 'cart', 3);
    cluster.wait(3000);
    expect(cluster.sends('store')).toHaveLength(stores);
  });

  test('[GET-3] past the time that a replica usually takes the next ones are asked too', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare, outsider } = cluster.roles('cart');
    cluster.put(first, 'cart', 'apple', { w: 3 });
    cluster.wait(1000);
    cluster.cut([first, second], [third], 'filter');
    const since = cluster.world.now;
    expect(cluster.read(third, 'cart')).toEqual(['apple']);
    const asked = cluster.sends('fetch', since).filter(({ to }) => to === spare.id || to === outsider.id);
    expect(asked.map(({ at }) => at - since)).toEqual([400, 400]);
    expect(cluster.world.now - since).toBeLessThan(4000);
  });

  test('[GET-3] a stand-in that holds something answers for a silent owner', () => {
    const cluster = new Cluster(5);
    const { first, second, third, spare } = cluster.roles('cart');
    cluster.crash(second);
    cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(cluster.role(spare, 'cart')).toBe('hint');
    cluster.cut([first], [third], 'filter');
    const since = cluster.world.now;
    expect(cluster.read(third, 'cart')).toEqual(['apple']);
    expect(cluster.world.now - since).toBeLessThan(1000);
  });
});

describe('a session', () => {
  test('[GET-4] reads its own write though the replicas asked do not have it yet', () => {
    const cluster = new Cluster(5, noSync);
    const { first, second, third } = cluster.roles('cart');
    for (const other of [second, third]) cluster.world.network.slow(first.id, other.id, 900);
    const receipt = cluster.put(first, 'cart', 'apple', { w: 1 });
    expect(cluster.dots(second, 'cart')).toEqual([]);
    expect(cluster.get(second, 'cart', 1).siblings).toEqual([]);
    expect(cluster.get(second, 'cart', 1, receipt.context).siblings).toHaveLength(1);
  });

  test('[GET-4] does not go back: what it has seen is looked for in the whole preference list', () => {
    const cluster = new Cluster(5, noSync);
    const { first, second, third, spare, outsider } = cluster.roles('cart');
    // Until all know that the latest join has left nobody with anything to hand over.
    cluster.wait(15_000);
    cluster.isolate(outsider);
    cluster.until(() => cluster.view(outsider).alarms.length > 0, 'the isolation to show');
    const receipt = cluster.put(outsider, 'cart', 'apple');
    cluster.heal();
    cluster.cut([outsider], [first, second, third]);
    cluster.until(() => cluster.status(spare, outsider) === 'up', 'the cut to be forgotten');
    expect(cluster.get(spare, 'cart', 1).siblings).toEqual([]);
    expect(cluster.get(spare, 'cart', 1, receipt.context).siblings).toHaveLength(1);
    expect(cluster.mark('session-widened')).toBe(1);
  });

  test('[GET-4] says under quorum when what it has seen cannot be found', () => {
    const cluster = new Cluster(5, noSync);
    const { second } = cluster.roles('cart');
    const { quorum } = cluster.get(second, 'cart', 1, { vector: [['nobody.1', 1]], dots: [] });
    expect(quorum).toBe('under');
  });
});
