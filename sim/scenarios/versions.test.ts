import { describe, expect, test } from 'vitest';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

const dotOf = (cluster: Cluster, host: Host, key: string): string => cluster.dots(host, key).at(-1) ?? '';
const actorOf = (cluster: Cluster, host: Host): string => cluster.view(host).self.actor;

/** The new epoch was on disk, strictly, before any message told of a dot under it. */
function expectEpochFirst(cluster: Cluster, host: Host): void {
  const actor = actorOf(cluster, host);
  const committed = cluster.committed.filter(
    ({ node, batch }) => node === host.id && batch.writes.some(({ kind }) => kind === 'epoch'),
  );
  const last = committed.at(-1);
  expect(last?.batch.strict).toBe(true);
  expect(last?.batch.writes).toContainEqual({ kind: 'epoch', epoch: Number(actor.split('.')[1]) });
  const tells = cluster.sent.filter(
    ({ message }) => 'siblings' in message && message.siblings.some(({ dot }) => dot[0] === actor),
  );
  expect(tells.length).toBeGreaterThan(0);
  for (const { at } of tells) expect(at).toBeGreaterThanOrEqual(last?.at ?? Number.POSITIVE_INFINITY);
}

describe('dots', () => {
  test('[VER-1] an actor counts its writes over all keys, so that no dot is issued twice', () => {
    const cluster = new Cluster(3);
    const host = cluster.host(0);
    const actor = actorOf(cluster, host);
    for (const key of ['a', 'b', 'a']) cluster.put(host, key, key);
    expect(cluster.dots(host, 'a')).toEqual([`${actor}:1`, `${actor}:3`]);
    expect(cluster.dots(host, 'b')).toEqual([`${actor}:2`]);
  });

  test('[VER-1] what was minted and lost with the process is not minted again by the next one', () => {
    const cluster = new Cluster(3);
    const host = cluster.host(0);
    cluster.freeze(host);
    cluster.begin(host, 'a', 'apple');
    cluster.until(() => cluster.dots(cluster.host(1), 'a').length > 0, 'another replica to have it');
    const [lost] = cluster.dots(cluster.host(1), 'a');
    cluster.thaw(host);
    cluster.crash(host);
    cluster.restart(host);
    cluster.put(host, 'b', 'pear');
    expect(dotOf(cluster, host, 'b')).not.toBe(lost);
    cluster.settle();
    expect(cluster.read(host, 'a', 3)).toEqual(['apple']);
  });
});

describe('a node that may have forgotten mints under a new epoch', () => {
  test('[VER-3] at every start', () => {
    const cluster = new Cluster(3);
    const host = cluster.host(0);
    const before = actorOf(cluster, host);
    cluster.crash(host);
    cluster.restart(host);
    const after = actorOf(cluster, host);
    expect(after).not.toBe(before);
    expect(after.slice(0, 12)).toBe(before.slice(0, 12));
    cluster.put(host, 'cart', 'apple');
    expect(dotOf(cluster, host, 'cart')).toBe(`${after}:1`);
  });

  test('[VER-3] after its storage was lost: nothing of the old store’s is reused, and nothing of it is hidden', () => {
    const cluster = new Cluster(3);
    const host = cluster.host(0);
    cluster.put(host, 'cart', 'apple', { w: 3 });
    const [old] = cluster.dots(host, 'cart');
    cluster.wipe(host);
    const { context } = cluster.put(host, 'cart', 'pear');
    expect(context.vector.some(([actor]) => actor === old?.split(':')[0])).toBe(false);
    cluster.settle();
    expect(cluster.read(host, 'cart', 3).toSorted()).toEqual(['apple', 'pear']);
  });

  test('[VER-3] for a key whose hint it has delivered', () => {
    const cluster = new Cluster(5);
    const { first, spare } = cluster.roles('cart');
    cluster.crash(first);
    cluster.put(spare, 'cart', 'apple');
    const before = actorOf(cluster, spare);
    cluster.restart(first);
    cluster.settle();
    expect(cluster.dots(spare, 'cart')).toEqual([]);
    cluster.crash(first);
    cluster.put(spare, 'cart', 'pear');
    expect(actorOf(cluster, spare)).not.toBe(before);
    expectEpochFirst(cluster, spare);
    cluster.restart(first);
    cluster.settle();
    expect(cluster.read(first, 'cart', 3).toSorted()).toEqual(['apple', 'pear']);
  });

  test('[VER-3] for a key that it has handed over, once it owns it again', () => {
    const cluster = new Cluster(3);
    const keys = Array.from({ length: 40 }, (_, i) => `key${i}`);
    for (const key of keys) for (const host of cluster.hosts) cluster.put(host, key, `${key} by ${host.id}`);
    const joiner = cluster.join();
    cluster.settle();
    const key = cluster.keyOwnedBy((owners) => owners.includes(joiner));
    const [loser] = cluster.others(key);
    if (loser === undefined) throw new Error('one of four is no owner');
    expect(cluster.dots(loser, key)).toEqual([]);
    const before = actorOf(cluster, loser);
    const left = cluster.ask(joiner, { kind: 'leave' });
    cluster.until(() => left.replies.length > 0, 'the leave');
    cluster.world.destroy(joiner, 'handed-over');
    cluster.settle();
    // A hand-over in the other direction is no hint: what it owns again it holds again.
    cluster.put(loser, key, 'again');
    expect(actorOf(cluster, loser)).not.toBe(before);
    expectEpochFirst(cluster, loser);
    cluster.settle();
    expect(cluster.read(loser, key, 3)).toHaveLength(4);
  });

  test('[VER-3] a node whose disk does not take the new epoch does not mint', () => {
    const cluster = new Cluster(5);
    const { first, spare } = cluster.roles('cart');
    cluster.crash(first);
    cluster.put(spare, 'cart', 'apple');
    const before = actorOf(cluster, spare);
    cluster.restart(first);
    cluster.settle();
    cluster.crash(first);
    spare.disk.full = true;
    cluster.outcome(cluster.begin(spare, 'cart', 'pear'));
    expect(actorOf(cluster, spare)).toBe(before);
    expect(cluster.dots(spare, 'cart')).toEqual([]);
  });

  test('[VER-3] and not for keys of which it has forgotten nothing', () => {
    const cluster = new Cluster(5);
    const { first, spare } = cluster.roles('cart');
    cluster.crash(first);
    cluster.put(spare, 'cart', 'apple');
    cluster.restart(first);
    cluster.settle();
    const before = actorOf(cluster, spare);
    const mine = cluster.keyOwnedBy((owners) => owners.includes(spare));
    cluster.put(spare, mine, 'pear');
    expect(actorOf(cluster, spare)).toBe(before);
  });
});

describe('states', () => {
  for (const cacheBytes of [1_000_000, 0]) {
    test(`[VER-4] travel whole, with all siblings: hint, sync, repair, answer (cache of ${cacheBytes} bytes)`, () => {
      const cluster = new Cluster(5, { cacheBytes });
      const { first, third, outsider } = cluster.roles('cart');
      cluster.crash(third);
      cluster.put(first, 'cart', 'apple', { w: 3 });
      cluster.put(first, 'cart', 'pear', { w: 3 });
      cluster.wait(1000);
      const since = cluster.world.now;
      cluster.restart(third);
      cluster.settle();
      cluster.wipe(third);
      cluster.read(outsider, 'cart', 3);
      cluster.settle();
      const states = cluster.sent.filter(
        ({ at, message, from }) =>
          at > since &&
          'siblings' in message &&
          from !== third.id &&
          !(message.type === 'fetched' && message.siblings.length === 0),
      );
      const reasons = states.map(({ message }) => (message.type === 'store' ? message.reason : message.type));
      expect(reasons).toContain('hint');
      expect(reasons).toContain('fetched');
      for (const { message } of states) if ('siblings' in message) expect(message.siblings).toHaveLength(2);
    });
  }

  test('[VER-6] 25 siblings raise an alarm that names the key, and it goes when they are merged', () => {
    const cluster = new Cluster(3);
    const host = cluster.host(0);
    for (let i = 0; i < 24; i++) cluster.put(host, 'cart', `${i}`);
    cluster.wait(1000);
    expect(cluster.view(host).alarms).toEqual([]);
    cluster.put(host, 'cart', 'one more');
    cluster.wait(1000);
    expect(cluster.view(host).alarms).toMatchObject([{ code: 'siblings', message: expect.stringContaining('cart') }]);
    cluster.put(host, 'cart', 'all', cluster.get(host, 'cart'));
    cluster.wait(1000);
    expect(cluster.view(host).alarms).toEqual([]);
  });

  test('[VER-6] at 100 a put without a covering context is refused; replication and repair never are', () => {
    const cluster = new Cluster(3);
    const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.isolate(a);
    for (let i = 0; i < 60; i++) for (const host of [a, b]) cluster.begin(host, 'cart', `${i} at ${host.id}`);
    cluster.wait(5000);
    cluster.heal();
    cluster.settle();
    expect(cluster.dots(c, 'cart')).toHaveLength(120);
    expect(cluster.outcome(cluster.begin(c, 'cart', 'blind'))).toMatchObject({ ok: false, error: 'siblings' });
    expect(cluster.dots(c, 'cart')).toHaveLength(120);
    cluster.put(c, 'cart', 'all', cluster.get(c, 'cart', 3));
    cluster.settle();
    expect(cluster.read(b, 'cart', 3)).toEqual(['all']);
  });
});
