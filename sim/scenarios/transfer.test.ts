import { describe, expect, test } from 'vitest';
import type { Host } from '../world/host.ts';
import { type Asked, Cluster, valuesOf } from './cluster.ts';

const keys = Array.from({ length: 40 }, (_, i) => `key${i}`);

function filled(nodes: number): Cluster {
  const cluster = new Cluster(nodes);
  for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
  cluster.settle();
  return cluster;
}

/** Runs time until `done`, and looks at every event whether each write is still on W disks. */
function safely(cluster: Cluster, done: () => boolean, what: string): void {
  const copies = (key: string) => cluster.hosts.filter((host) => cluster.onDisk(host, key).length > 0).length;
  cluster.until(() => {
    for (const key of keys) if (copies(key) < 2) throw new Error(`${key} is on ${copies(key)} disks`);
    return done();
  }, what);
}

function expectAll(cluster: Cluster): void {
  cluster.settle();
  for (const key of keys) {
    for (const owner of cluster.owners(key)) {
      expect(cluster.onDisk(owner, key)).toHaveLength(1);
      expect(cluster.read(owner, key, 3)).toEqual([key]);
    }
  }
}

/** A new node that is just about to learn of the ring. */
function begins(cluster: Cluster): Host {
  const host = cluster.world.addHost();
  cluster.world.start(host);
  cluster.until(() => host.joined, 'the join');
  return host;
}

describe('a join', () => {
  test('[XFER-1] moves to the new owner what it now owns, and only then is it dropped elsewhere', () => {
    const cluster = filled(4);
    const joiner = begins(cluster);
    safely(cluster, () => cluster.isSettled(), 'the hand-over');
    expect(cluster.view(joiner).keys).toBeGreaterThan(0);
    expect(cluster.view(joiner).extras).toEqual([]);
    expectAll(cluster);
  });

  test('[XFER-1] an old owner drops its copy only when every owner has committed one', () => {
    const cluster = filled(4);
    const joiner = cluster.world.addHost();
    joiner.disk.latency = 400;
    cluster.world.start(joiner);
    cluster.until(() => joiner.joined, 'the join');
    const held = new Set(cluster.hosts.flatMap((host) => keys.map((key) => `${host.id} ${key}`)));
    for (const name of held) {
      const [node = '', key = ''] = name.split(' ');
      if (cluster.onDisk(cluster.of(node), key).length === 0) held.delete(name);
    }
    let drops = 0;
    cluster.until(() => {
      for (const name of held) {
        const [node = '', key = ''] = name.split(' ');
        if (cluster.onDisk(cluster.of(node), key).length > 0) continue;
        held.delete(name);
        drops += 1;
        for (const owner of cluster.owners(key)) expect(cluster.onDisk(owner, key)).toHaveLength(1);
      }
      return cluster.isSettled();
    }, 'the hand-over');
    expect(drops).toBeGreaterThan(0);
  });

  test('[XFER-1] an old owner that gets one more write hands that over too before it drops anything', () => {
    const cluster = new Cluster(4, { times: { syncInterval: 1e9 } });
    for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
    cluster.settle();
    const joiner = cluster.world.addHost();
    cluster.world.start(joiner);
    cluster.until(() => joiner.joined, 'the join');
    cluster.freeze(joiner);
    cluster.until(() => cluster.agreed(), 'the others to hear of it');
    const isOld = (host: Host, key: string) =>
      cluster.others(key).includes(host) && cluster.role(host, key) === 'extra';
    const key = keys.find((each) => cluster.hosts.some((host) => isOld(host, each))) ?? '';
    const old = cluster.others(key).filter((host) => isOld(host, key));
    const [one, two] = cluster.owners(key).filter((owner) => owner !== joiner);
    if (!one || !two) throw new Error('there are owners');
    cluster.wait(5000);
    // One owner reaches the old owner alone, which stands in for the others and already has a copy.
    cluster.cut([one], cluster.except(one, ...old));
    for (const host of cluster.except(one, two, joiner, ...old)) cluster.isolate(host);
    cluster.until(() => cluster.status(one, two) !== 'up' && cluster.status(one, joiner) !== 'up', 'the suspicions');
    cluster.put(one, key, 'more', cluster.get(one, key, 1));
    const newest = cluster.onDisk(one, key);
    cluster.thaw(joiner);
    cluster.world.stop(joiner, 'crash');
    cluster.world.start(joiner);
    cluster.until(() => old.every((host) => cluster.onDisk(host, key).length === 0), 'the old owner to drop it');
    for (const owner of cluster.owners(key)) expect(cluster.onDisk(owner, key)).toEqual(newest);
  });

  test('[XFER-1] what an old owner is sent while it compares is handed over, too, before it drops anything', () => {
    const cluster = new Cluster(4, { times: { syncInterval: 1e9 } });
    for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
    cluster.settle();
    const joiner = cluster.world.addHost();
    for (const host of cluster.except(joiner)) {
      cluster.world.network.slow(host.id, joiner.id, 150);
      cluster.world.network.slow(joiner.id, host.id, 150);
    }
    cluster.world.start(joiner);
    cluster.until(() => joiner.joined && cluster.agreed(), 'the join');
    const isHandedOver = (host: Host, key: string) =>
      cluster.role(host, key) === 'extra' && cluster.onDisk(joiner, key).length > 0;
    const moving = () => keys.find((key) => cluster.others(key).some((host) => isHandedOver(host, key)));
    cluster.until(() => moving() !== undefined, 'the first copy at the new owner');
    const key = moving() ?? '';
    const [old] = cluster.others(key).filter((host) => isHandedOver(host, key));
    const [owner] = cluster.owners(key).filter((host) => host !== joiner);
    if (!old || !owner) throw new Error('there are owners');
    // From one that has not heard of the join. The others may not tell the joiner.
    cluster.cut([joiner], cluster.except(joiner, old));
    const dot = ['xxxxxxxxxxxx000000.1', 1] as const;
    const version = {
      dot,
      context: { vector: [], dots: [] },
      deleted: false,
      size: 1,
      time: 0,
      op: 'x',
      value: new Uint8Array(1),
    };
    const store = { type: 'store', id: 1, key, siblings: [version], hintFor: [], reason: 'put', strict: true } as const;
    old.feed({ type: 'message', from: owner.id, message: store });
    cluster.until(() => cluster.onDisk(old, key).length === 0, 'the old owner to drop it');
    for (const host of cluster.owners(key)) expect(cluster.onDisk(host, key)).toContain('xxxxxxxxxxxx000000.1:1');
  });

  test('[XFER-1] reads through any tab that has its links, also with R = 1, see everything at any moment of the move', () => {
    const cluster = filled(4);
    const joiner = cluster.world.addHost();
    for (const host of cluster.except(joiner)) cluster.world.network.slow(host.id, joiner.id, 150);
    cluster.world.start(joiner);
    cluster.until(() => joiner.joined && cluster.agreed(), 'the join');
    expect(
      keys.filter((key) => cluster.owners(key).includes(joiner) && cluster.dots(joiner, key).length === 0).length,
    ).toBeGreaterThan(5);
    const asked: (Asked & { key: string })[] = [];
    for (let i = 0; i < 40 && !cluster.isSettled(); i++) {
      for (const key of keys) {
        const by = cluster.host((i + keys.indexOf(key)) % 5);
        asked.push({ key, ...cluster.beginGet(by, key, 1 + (i % 2)) });
      }
      cluster.wait(50);
    }
    cluster.settle();
    cluster.until(() => asked.every(({ replies }) => replies.length > 0), 'all answers');
    const misses = asked.filter(({ key, replies: [reply] }) => {
      return reply?.kind !== 'get' || valuesOf(reply.outcome.siblings).join() !== key;
    });
    expect(asked.length).toBeGreaterThan(200);
    expect(misses.map(({ key }) => key)).toEqual([]);
  });

  test('[XFER-1] writes during the move are in every owner’s copy after it', () => {
    const cluster = filled(4);
    const joiner = cluster.world.addHost();
    joiner.disk.latency = 100;
    cluster.world.start(joiner);
    cluster.until(() => joiner.joined, 'the join');
    const asked: Asked[] = [];
    for (let i = 0; i < 20; i++) {
      for (const key of keys.slice(0, 8)) {
        asked.push(cluster.begin(cluster.host(i % 5), key, `${key} ${i}`));
      }
      cluster.wait(60);
    }
    for (const put of asked) expect(cluster.outcome(put).ok).toBe(true);
    cluster.settle();
    for (const key of keys.slice(0, 8)) {
      const [owner] = cluster.owners(key);
      if (owner) expect(cluster.read(owner, key, 3)).toHaveLength(21);
    }
  });

  test('[XFER-1] moves nothing twice', () => {
    const cluster = filled(4);
    const before = cluster.hosts.flatMap((host) => keys.filter((key) => cluster.dots(host, key).length > 0));
    const since = cluster.world.now;
    const joiner = begins(cluster);
    cluster.settle();
    cluster.wait(30_000);
    expect(before).toHaveLength(3 * keys.length);
    const pushed = cluster.sends('store', since).map(({ to, message }) => `${message.key} to ${to}`);
    const gained = keys.filter((key) => cluster.dots(joiner, key).length > 0);
    expect(new Set(pushed)).toEqual(new Set(gained.map((key) => `${key} to ${joiner.id}`)));
    expect(pushed.length).toBeLessThanOrEqual(3 * gained.length);
  });

  for (const after of [20, 150, 400, 1500]) {
    for (const victim of ['the new owner', 'an old owner'] as const) {
      test(`[XFER-1] loses nothing if ${victim} crashes ${after} ms into the move`, () => {
        const cluster = filled(5);
        const joiner = cluster.world.addHost();
        joiner.disk.latency = 50;
        cluster.world.start(joiner);
        cluster.until(() => joiner.joined, 'the join');
        cluster.wait(after);
        const dead = victim === 'the new owner' ? joiner : cluster.host(1);
        cluster.crash(dead);
        safely(cluster, () => true, 'nothing');
        cluster.wait(2000);
        cluster.restart(dead);
        safely(cluster, () => cluster.isSettled(), 'the hand-over');
        expectAll(cluster);
      });
    }

    test(`[XFER-1] loses nothing if the new owner is cut off for a while ${after} ms into the move`, () => {
      const cluster = filled(5);
      const joiner = cluster.world.addHost();
      joiner.disk.latency = 50;
      cluster.world.start(joiner);
      cluster.until(() => joiner.joined, 'the join');
      cluster.wait(after);
      cluster.isolate(joiner);
      cluster.wait(8000);
      for (const key of keys) expect(cluster.read(cluster.host(0), key)).toEqual([key]);
      cluster.heal();
      safely(cluster, () => cluster.isSettled(), 'the hand-over');
      expectAll(cluster);
    });
  }
});

describe('a leave', () => {
  test('[XFER-1] ends when everything is handed over, and loses nothing', () => {
    const cluster = filled(5);
    const leaver = cluster.host(2);
    expect(cluster.view(leaver).keys).toBeGreaterThan(0);
    const left = cluster.ask(leaver, { kind: 'leave' });
    safely(cluster, () => left.replies.length > 0, 'the leave');
    expect(cluster.view(leaver).keys).toBe(0);
    cluster.world.destroy(leaver, 'handed-over');
    for (const key of keys) expect(cluster.read(cluster.host(0), key)).toEqual([key]);
    expectAll(cluster);
  });

  test('[XFER-1] hands its hints over too', () => {
    const cluster = new Cluster(5);
    const { first, third, spare } = cluster.roles('cart');
    cluster.crash(third);
    cluster.put(first, 'cart', 'apple', { w: 3 });
    expect(cluster.role(spare, 'cart')).toBe('hint');
    const left = cluster.ask(spare, { kind: 'leave' });
    cluster.until(() => left.replies.length > 0, 'the leave');
    expect(cluster.view(spare).keys).toBe(0);
    cluster.world.destroy(spare, 'handed-over');
    for (const host of cluster.except(spare, third)) expect(cluster.read(host, 'cart', 2)).toEqual(['apple']);
  });

  test('[XFER-1] that a crash interrupts goes on after the restart', () => {
    const cluster = filled(5);
    const leaver = cluster.host(2);
    cluster.ask(leaver, { kind: 'leave' });
    cluster.wait(30);
    cluster.crash(leaver);
    safely(cluster, () => true, 'nothing');
    cluster.world.start(leaver);
    const left = cluster.ask(leaver, { kind: 'leave' });
    safely(cluster, () => left.replies.length > 0, 'the leave');
    cluster.world.destroy(leaver, 'handed-over');
    expectAll(cluster);
  });

  test('[XFER-1] the last member leaves nothing behind to wait for', () => {
    const cluster = new Cluster(1);
    cluster.put(cluster.host(0), 'cart', 'apple');
    expect(cluster.answer(cluster.host(0), { kind: 'leave' })).toEqual({ kind: 'done' });
  });
});

describe('two rings founded apart', () => {
  test('[XFER-1] become one through a newcomer that meets both, with the writes of both', () => {
    const cluster = new Cluster(3);
    const others = [0, 1, 2].map(() => cluster.world.addHost());
    cluster.cut(cluster.hosts.slice(0, 3), others, 'wall');
    for (const host of others) {
      cluster.world.start(host);
      cluster.answer(host, { kind: 'join', time: 0 });
    }
    cluster.until(() => cluster.agreed(others), 'the second ring');
    const [some, other] = [cluster.host(0), cluster.host(3)];
    expect(cluster.view(some).ring.hash).not.toBe(cluster.view(other).ring.hash);
    for (const key of keys) cluster.put(some, key, `${key} here`, { w: 3 });
    for (const key of keys) cluster.put(other, key, `${key} there`, { w: 3 });
    cluster.heal();
    begins(cluster);
    cluster.settle();
    expect(cluster.view(other).members.filter(({ status }) => status === 'up')).toHaveLength(7);
    for (const key of keys) {
      for (const owner of cluster.owners(key)) {
        expect(cluster.read(owner, key, 3).toSorted()).toEqual([`${key} here`, `${key} there`]);
      }
    }
  });
});
