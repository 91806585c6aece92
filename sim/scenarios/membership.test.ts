import { describe, expect, test } from 'vitest';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

const ringOf = (cluster: Cluster, host: Host) => cluster.view(host).ring;

describe('the ring', () => {
  test('[KEY-2] a key’s place is the MD5 of its bytes, the same for all', () => {
    const cluster = new Cluster(3);
    for (const host of cluster.hosts) {
      expect(host.core?.explain('schlüssel').position).toBe('2686b00b6f0a6edb9ac2478c78ce72ca');
    }
  });

  test('[RING-1] the number of partitions is fixed by who founds the ring, also for those that would have it otherwise', () => {
    const cluster = new Cluster(2, { partitions: 64 });
    for (const host of cluster.hosts) expect(ringOf(cluster, host).partitions).toBe(64);
    for (const key of ['a', 'b', 'c']) {
      const { position, partition } = cluster.host(0).core?.explain(key) ?? { position: '', partition: -1 };
      expect(partition).toBe(Number.parseInt(position.slice(0, 2), 16) >> 2);
    }
  });

  test('[RING-2] halves of a split ring that both took joins end with one table, without a coordinator', () => {
    const cluster = new Cluster(4);
    const [left, right] = [cluster.hosts.slice(0, 2), cluster.hosts.slice(2)];
    const newcomers = [cluster.world.addHost(), cluster.world.addHost()];
    const [l = cluster.host(4), r = cluster.host(5)] = newcomers;
    cluster.cut([...left, l], [...right, r], 'wall');
    cluster.wait(25_000);
    for (const host of [l, r]) cluster.world.start(host);
    cluster.until(() => l.joined && r.joined, 'both joins');
    cluster.until(() => cluster.agreed([...left, l]) && cluster.agreed([...right, r]), 'each half to agree');
    expect(ringOf(cluster, l).hash).not.toBe(ringOf(cluster, r).hash);
    cluster.heal();
    cluster.until(() => cluster.agreed(), 'one ring');
    for (const host of cluster.hosts) {
      expect(ringOf(cluster, host).owners).toEqual(ringOf(cluster, l).owners);
      expect(cluster.view(host).members).toHaveLength(6);
    }
  });

  test('[RING-2] a node that starts again folds the same table from its disk alone', () => {
    const cluster = new Cluster(4);
    const host = cluster.host(3);
    const { hash } = ringOf(cluster, host);
    cluster.crash(host);
    cluster.isolate(host, 'wall');
    cluster.world.start(host);
    expect(ringOf(cluster, host).hash).toBe(hash);
  });

  test('[RING-3] the walk of a key is the same everywhere, and names each member once', () => {
    const cluster = new Cluster(5);
    const walks = cluster.hosts.map((host) => host.core?.explain('cart').walk ?? []);
    for (const walk of walks) {
      expect(walk).toEqual(walks[0]);
      const nodes = walk.filter(({ role }) => role !== 'skipped').map(({ node }) => node);
      expect(nodes.toSorted()).toEqual(cluster.hosts.map(({ id }) => id).toSorted());
      for (const { role, reason } of walk) expect(reason === undefined).toBe(role !== 'skipped');
    }
  });
});

describe('membership', () => {
  test('[MEM-1] a crash or a closed tab is an outage: the ring stays, and the same node resumes', () => {
    const cluster = new Cluster(4);
    const host = cluster.host(2);
    const before = ringOf(cluster, cluster.host(0));
    for (const how of ['crash', 'close'] as const) {
      cluster.world.stop(host, how);
      cluster.wait(30_000);
      expect(ringOf(cluster, cluster.host(0))).toEqual(before);
      cluster.restart(host);
    }
    expect(ringOf(cluster, host)).toEqual(before);
  });

  test('[MEM-1] a wiped node is the same member: it learns the ring again and joins nothing', () => {
    const cluster = new Cluster(4);
    const before = ringOf(cluster, cluster.host(0));
    cluster.wipe(cluster.host(2));
    cluster.wait(10_000);
    for (const host of cluster.hosts) expect(ringOf(cluster, host)).toEqual(before);
    expect(cluster.host(2).disk.history).toHaveLength(before.history);
  });

  test('[MEM-1] leave() returns when two others have it on disk: one of them may be lost for good', () => {
    const cluster = new Cluster(5);
    const [first, leaver] = [cluster.host(0), cluster.host(1)];
    cluster.cut([leaver], cluster.except(leaver, first));
    cluster.cut([first], cluster.except(leaver, first));
    const left = cluster.ask(leaver, { kind: 'leave' });
    cluster.until(() => cluster.status(first, leaver) === 'left', 'the news at the only one within reach');
    cluster.wait(5000);
    expect(left.replies).toEqual([]);
    cluster.heal();
    cluster.until(() => left.replies.length > 0, 'the answer');
    cluster.world.destroy(leaver, 'handed-over');
    cluster.world.destroy(first, 'removed');
    cluster.until(() => cluster.status(cluster.host(2), leaver) === 'left', 'the news at another');
  });

  test('[MEM-1] leave() and remove() change the ring, everywhere and for good', () => {
    const cluster = new Cluster(5);
    const [a, leaver, dead] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.answer(leaver, { kind: 'leave' });
    cluster.until(() => cluster.status(a, leaver) === 'left', 'the news');
    cluster.world.destroy(leaver, 'handed-over');
    cluster.world.destroy(dead, 'removed');
    cluster.wait(5000);
    expect(ringOf(cluster, a).owners).toContain(dead.id);
    cluster.answer(a, { kind: 'remove', node: dead.id });
    cluster.until(() => cluster.agreed(), 'one ring');
    for (const host of cluster.world.live()) {
      expect([cluster.status(host, leaver), cluster.status(host, dead)]).toEqual(['left', 'left']);
      expect(new Set(ringOf(cluster, host).owners)).toEqual(new Set(cluster.world.live().map(({ id }) => id)));
      expect([...host.dial]).not.toContain(dead.id);
    }
  });

  test('[MEM-2] news that was lost on the way is found by gossip within seconds, digest first', () => {
    const cluster = new Cluster(4);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    const dead = cluster.host(3);
    cluster.world.destroy(dead, 'removed');
    cluster.wait(5000);
    cluster.isolate(b);
    cluster.answer(a, { kind: 'remove', node: dead.id });
    cluster.wait(200);
    cluster.heal();
    expect(ringOf(cluster, b).hash).not.toBe(ringOf(cluster, a).hash);
    cluster.until(() => cluster.agreed(), 'the news', 5000);
    cluster.wait(5000);
    const since = cluster.world.now;
    cluster.wait(20_000);
    expect(cluster.sends('history', since)).toEqual([]);
    const gossip = cluster.sends('status', since).filter(({ from }) => from === b.id);
    expect(gossip.length).toBeGreaterThanOrEqual(20);
    expect(new Set(gossip.map(({ to }) => to)).size).toBe(2);
  });
});

describe('failure detection', () => {
  for (const [how, within] of [
    ['crash', 3000],
    ['close', 500],
  ] as const) {
    test(`[MEM-3] after a ${how} nobody asks the node from ${within} ms on; with no news from others it is unreachable`, () => {
      const cluster = new Cluster(5);
      const gone = cluster.host(4);
      cluster.wait(1000);
      const since = cluster.world.now;
      cluster.world.stop(gone, how);
      const living = cluster.except(gone);
      const all = (...statuses: string[]) => living.every((host) => statuses.includes(cluster.status(host, gone)));
      cluster.until(() => all('suspect', 'unreachable'), 'the suspicions', within);
      cluster.until(() => all('unreachable'), 'the verdicts', 6000);
      expect(cluster.sends('probe', since).length).toBeGreaterThan(0);
    });
  }

  for (const ends of ['one way', 'both ways'] as const) {
    test(`[MEM-3] a link that is down ${ends} is not a dead node: others reach it, and it stays a suspect`, () => {
      const cluster = new Cluster(5);
      const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
      const { hash } = ringOf(cluster, a);
      cluster.wait(1000);
      cluster.cut([a], [b], 'filter', ends === 'one way');
      const seen = new Set<string>();
      const end = cluster.world.now + 20_000;
      cluster.until(() => {
        seen.add(cluster.status(a, b));
        expect([cluster.status(c, a), cluster.status(c, b)]).toEqual(['up', 'up']);
        return cluster.world.now >= end;
      }, 'twenty seconds');
      expect([...seen]).toEqual(['up', 'suspect']);
      expect(ringOf(cluster, c).hash).toBe(hash);
      cluster.heal();
      cluster.until(
        () => cluster.status(a, b) === 'up' && cluster.status(b, a) === 'up',
        'the link to be trusted',
        1000,
      );
    });
  }

  test('[MEM-3] who was unreachable for all and is back for others is a suspect where no link to it opens', () => {
    const cluster = new Cluster(4);
    const [a, b] = [cluster.host(0), cluster.host(1)];
    cluster.crash(b);
    cluster.wait(30_000);
    cluster.cut([a], [b], 'wall');
    const since = cluster.world.now;
    cluster.world.start(b);
    cluster.until(() => cluster.status(a, b) === 'suspect', 'others to be asked again', 60_000);
    cluster.wait(20_000);
    expect(cluster.status(a, b)).toBe('suspect');
    // Ever less often: those of two observers, of which each asks two, in all the time.
    expect(cluster.sends('probe', since).length).toBeLessThan(80);
  });

  test('[MEM-3] about a member that is gone others are asked ever less often', () => {
    const cluster = new Cluster(4);
    cluster.crash(cluster.host(3));
    cluster.wait(120_000);
    const since = cluster.world.now;
    cluster.wait(400_000);
    // Three nodes that each ask two others once a minute, give or take.
    expect(cluster.sends('probe', since).length).toBeLessThan(3 * 2 * 8);
    expect(cluster.sends('probe', since).length).toBeGreaterThan(3 * 2 * 5);
  });

  test('[MEM-3] a put goes round a link that is down, and the node behind it gets its copy', () => {
    const cluster = new Cluster(5);
    const { first, second } = cluster.roles('cart');
    cluster.cut([first], [second]);
    cluster.until(() => cluster.status(first, second) === 'suspect', 'the suspicion');
    expect(cluster.put(first, 'cart', 'apple', { w: 3 }).quorum).toBe('met');
    cluster.until(() => cluster.onDisk(second, 'cart').length > 0, 'the copy', 5000);
  });

  test('[MEM-3] a node that was itself stalled discards its verdicts', () => {
    const cluster = new Cluster(5);
    const stalled = cluster.host(0);
    cluster.wait(1000);
    const others = cluster.except(stalled);
    stalled.pause();
    cluster.until(() => others.every((host) => cluster.status(host, stalled) !== 'up'), 'the silence to be noticed');
    cluster.wait(5000);
    const before = cluster.mark('suspect');
    stalled.resume();
    expect(others.map((host) => cluster.status(stalled, host))).toEqual(['up', 'up', 'up', 'up']);
    cluster.wait(10_000);
    expect(cluster.mark('suspect')).toBe(before);
    expect(others.map((host) => cluster.status(host, stalled))).toEqual(['up', 'up', 'up', 'up']);
  });

  test('[MEM-4] a hidden tab says so, and is given four times as long', () => {
    const cluster = new Cluster(3);
    const [a, hidden, shown] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    hidden.feed({ type: 'hidden', hidden: true });
    cluster.until(() => cluster.status(a, hidden) === 'hidden', 'the news', 500);
    cluster.wait(1000);
    cluster.cut([a], [hidden, shown]);
    const since = cluster.world.now;
    cluster.until(() => cluster.status(a, shown) !== 'up', 'the one verdict');
    expect(cluster.world.now - since).toBeLessThan(3000);
    cluster.until(() => cluster.status(a, hidden) !== 'hidden', 'the other verdict');
    expect(cluster.world.now - since).toBeGreaterThan(6000);
    cluster.heal();
    cluster.until(() => cluster.status(a, hidden) === 'hidden', 'the return');
    hidden.feed({ type: 'hidden', hidden: false });
    cluster.until(() => cluster.status(a, hidden) === 'up', 'the page to be shown', 500);
  });

  test('[MEM-4] a hidden tab whose timers come a second late is not suspected', () => {
    const cluster = new Cluster(3);
    const [a, hidden] = [cluster.host(0), cluster.host(1)];
    hidden.lateness = 1000;
    hidden.feed({ type: 'hidden', hidden: true });
    cluster.until(() => cluster.status(a, hidden) === 'hidden', 'the news');
    const before = cluster.mark('suspect');
    cluster.wait(60_000);
    expect(cluster.mark('suspect')).toBe(before);
  });
});

describe('healed halves', () => {
  test('[MEM-5] find each other after a minute, though all links between them had ended', () => {
    const cluster = new Cluster(6);
    const [left, right] = [cluster.hosts.slice(0, 3), cluster.hosts.slice(3)];
    cluster.cut(left, right, 'wall');
    cluster.wait(60_000);
    const [a, b] = [cluster.host(0), cluster.host(3)];
    expect(cluster.world.network.met(a.id, b.id)).toBe(false);
    expect([...a.dial]).toContain(b.id);
    cluster.put(a, 'cart', 'apple');
    cluster.put(b, 'cart', 'pear');
    cluster.heal();
    cluster.until(() => cluster.agreed(), 'all links', 15_000);
    cluster.settle();
    for (const host of cluster.hosts) expect(cluster.read(host, 'cart', 3).toSorted()).toEqual(['apple', 'pear']);
  });

  test('[MEM-5] a node that starts during the split remembers the far half from its disk, and dials it', () => {
    const cluster = new Cluster(4);
    const [left, right] = [cluster.hosts.slice(0, 2), cluster.hosts.slice(2)];
    cluster.wait(1000);
    cluster.cut(left, right, 'wall');
    for (const host of left) cluster.world.stop(host, 'crash');
    cluster.wait(30_000);
    for (const host of left) cluster.world.start(host);
    for (const host of left) {
      expect(host.dial).toEqual(new Set(cluster.except(host).map(({ id }) => id)));
    }
    cluster.wait(5000);
    cluster.heal();
    cluster.until(() => cluster.agreed(), 'all links', 15_000);
  });
});
