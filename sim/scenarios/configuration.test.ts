import { describe, expect, test } from 'vitest';
import { defaultTimes, type RingSettings, ringTimesOf } from '../../src/core/config.ts';
import { checkpointOf } from '../../src/core/ring/history.ts';
import type { Host } from '../world/host.ts';
import { Cluster } from './cluster.ts';

const times = ringTimesOf(defaultTimes);
const keys = Array.from({ length: 12 }, (_, i) => `key${i}`);

function configure(cluster: Cluster, host: Host, change: Partial<RingSettings>): void {
  const { n, r, w } = cluster.view(host).ring;
  const config = { n, r, w, ...change, times: { ...times, ...change.times } };
  expect(cluster.answer(host, { kind: 'configure', config }).kind).toBe('done');
}

const replication = (cluster: Cluster): string[] => {
  return [...new Set(cluster.world.live().map((host) => JSON.stringify(cluster.view(host).ring.n)))];
};

describe('a change of configuration', () => {
  test('[CFG-1] reaches every member; more replicas are made, and W counts them', () => {
    const cluster = new Cluster(5);
    for (const key of keys) cluster.put(cluster.host(0), key, key);
    configure(cluster, cluster.host(2), { n: 4, w: 4 });
    cluster.until(() => cluster.agreed(), 'all to hear of it');
    expect(replication(cluster)).toEqual(['4']);
    cluster.settle();
    for (const key of keys)
      expect(cluster.owners(key).map((host) => cluster.onDisk(host, key).length)).toEqual([1, 1, 1, 1]);
    expect(cluster.put(cluster.host(1), 'key0', 'more').acks).toHaveLength(4);
  });

  test('[CFG-1] to fewer replicas: those that are too many are handed over, and nothing is lost', () => {
    const cluster = new Cluster(5);
    for (const key of keys) cluster.put(cluster.host(0), key, key);
    cluster.settle();
    configure(cluster, cluster.host(1), { n: 2, r: 1, w: 2 });
    cluster.until(() => cluster.agreed(), 'all to hear of it');
    cluster.settle();
    for (const key of keys) {
      expect(cluster.hosts.filter((host) => cluster.onDisk(host, key).length > 0)).toHaveLength(2);
      expect(cluster.read(cluster.host(4), key)).toEqual([key]);
    }
  });

  test('[CFG-1] in both halves of a split: one of them holds everywhere after it', () => {
    const cluster = new Cluster(5);
    const [a, b] = [cluster.host(0), cluster.host(4)];
    const half = cluster.hosts.slice(0, 2);
    cluster.cut(half, cluster.except(...half));
    cluster.until(() => cluster.status(a, b) !== 'up', 'the split');
    configure(cluster, a, { n: 2, r: 1, w: 1 });
    configure(cluster, b, { n: 5, r: 3, w: 3 });
    cluster.until(() => replication(cluster).length === 2, 'each half to hear of its own');
    cluster.heal();
    cluster.until(() => cluster.agreed(), 'the halves to agree');
    expect(replication(cluster)).toHaveLength(1);
    const { n, r, w } = cluster.view(a).ring;
    expect(['2 1 1', '5 3 3']).toContain([n, r, w].join(' '));
  });

  test('[CFG-1] of a time holds from then on: a shorter patience suspects sooner', () => {
    const cluster = new Cluster(3);
    configure(cluster, cluster.host(0), { times: { ...times, suspectAfter: 6000 } });
    cluster.until(() => cluster.agreed(), 'all to hear of it');
    cluster.isolate(cluster.host(2));
    cluster.wait(4000);
    expect(cluster.status(cluster.host(0), cluster.host(2))).toBe('up');
    cluster.wait(4000);
    expect(cluster.status(cluster.host(0), cluster.host(2))).not.toBe('up');
  });

  test('[MEM-1] with a time for it, a member that is out of reach for longer is removed, and joins again when it is back', () => {
    const cluster = new Cluster(4);
    for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
    configure(cluster, cluster.host(0), { times: { ...times, removeAfter: 20_000 } });
    cluster.until(() => cluster.agreed(), 'all to hear of it');
    const gone = cluster.host(3);
    cluster.crash(gone);
    cluster.wait(10_000);
    expect(cluster.status(cluster.host(0), gone)).not.toBe('left');
    cluster.until(() => cluster.status(cluster.host(1), gone) === 'left', 'the removal');
    cluster.settle();
    cluster.restart(gone);
    cluster.settle();
    for (const key of keys) expect(cluster.read(gone, key, 3)).toEqual([key]);
  });
});

describe('a checkpoint', () => {
  const folded = (host: Host) => checkpointOf(host.disk.history)?.folded ?? 0;
  const short = { historyLength: 4 };

  test('[RING-2] bounds the history: what all members have stored is folded, and the ring stays as it is', () => {
    const cluster = new Cluster(3, short);
    for (let i = 0; i < 4; i++) {
      const host = cluster.join();
      const leaving = cluster.ask(host, { kind: 'leave' });
      cluster.until(() => leaving.replies.length > 0, 'the leave');
      cluster.world.destroy(host, 'handed-over');
    }
    const { hash } = cluster.view(cluster.host(0)).ring;
    cluster.until(() => cluster.world.live().every((host) => host.disk.history.length <= 4), 'the checkpoints');
    expect(cluster.agreed()).toBe(true);
    expect(cluster.view(cluster.host(0)).ring).toMatchObject({ hash, history: 12 });
    const newcomer = cluster.join();
    expect(cluster.status(newcomer, cluster.host(1))).toBe('up');
  });

  test('[RING-2] is not made while a member has not got all of it', () => {
    const cluster = new Cluster(3, short);
    const away = cluster.host(2);
    cluster.crash(away);
    cluster.join();
    cluster.join();
    cluster.wait(10_000);
    expect(cluster.world.live().map(folded)).toEqual([0, 0, 0, 0]);
    cluster.restart(away);
    cluster.until(() => cluster.world.live().every((host) => folded(host) > 0), 'the checkpoints');
    expect(cluster.agreed()).toBe(true);
  });

  test('[RING-2] an event that comes too late for it is said again: a removed node that is back joins', () => {
    const cluster = new Cluster(4, short);
    const away = cluster.host(3);
    cluster.crash(away);
    expect(cluster.answer(cluster.host(0), { kind: 'remove', node: away.id }).kind).toBe('done');
    cluster.until(() => cluster.hosts.slice(0, 3).every((host) => folded(host) > 0), 'the checkpoints');
    cluster.restart(away);
    expect(cluster.status(cluster.host(0), away)).toBe('up');
    cluster.until(() => cluster.agreed(), 'one ring');
  });
});
