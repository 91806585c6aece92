import { describe, expect, test } from 'vitest';
import type { Host } from '../world/host.ts';
import { Cluster, type Setup } from './cluster.ts';

const keys = Array.from({ length: 12 }, (_, i) => `key${i}`);
const probation = 30_000;

/** Five members, which is N and two more: who comes now visits. */
function room({ times, ...options }: Setup = {}): Cluster {
  const cluster = new Cluster(0, { join: 'auto', ...options, times: { probation, ...times } });
  for (let i = 0; i < 5; i++) cluster.join();
  for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
  return cluster;
}

const visits = (cluster: Cluster, host: Host): boolean => cluster.view(host).self.visits;
const isMember = (cluster: Cluster, host: Host): boolean => cluster.status(cluster.host(0), host) === 'up';
const copiesSent = (cluster: Cluster): number => cluster.sends('store').length;

describe('[MEM-7] who comes where members are enough', () => {
  test('visits: it reads, writes and watches, and owns nothing; no data moves for it', () => {
    const cluster = room();
    cluster.settle();
    const [events, before] = [cluster.view(cluster.host(0)).ring.history, copiesSent(cluster)];
    const visitor = cluster.join();
    expect(visits(cluster, visitor)).toBe(true);
    expect(isMember(cluster, visitor)).toBe(false);
    cluster.wait(probation / 2);
    expect(copiesSent(cluster)).toBe(before);
    for (const key of keys) expect(cluster.read(visitor, key, 3)).toEqual([key]);
    const watching = cluster.watch(visitor, 'key0');
    const { acks, hinted, quorum } = cluster.put(visitor, 'key0', 'new', cluster.get(visitor, 'key0'));
    expect({ quorum, hinted, isHere: acks.includes(visitor.id) }).toEqual({ quorum: 'met', hinted: [], isHere: false });
    cluster.until(() => watching.latest()?.join() === 'new', 'the watcher to be told');
    expect(cluster.view(visitor).keys).toBe(0);
    expect(cluster.view(cluster.host(0)).ring.history).toBe(events);
  });

  test('is a member once it has been there for long enough, and has its share then', () => {
    const cluster = room();
    const visitor = cluster.join();
    cluster.wait(probation - 5000);
    expect(isMember(cluster, visitor)).toBe(false);
    cluster.until(() => isMember(cluster, visitor), 'it to come in');
    cluster.settle();
    expect(cluster.view(visitor).keys).toBeGreaterThan(0);
  });

  test('and sleeps meanwhile does not stay', () => {
    const cluster = room();
    const visitor = cluster.join();
    cluster.wait(probation - 5000);
    visitor.sleep();
    cluster.wait(1000);
    visitor.wake(60_000);
    cluster.wait(probation - 5000);
    expect(isMember(cluster, visitor)).toBe(false);
    cluster.until(() => isMember(cluster, visitor), 'it to come in');
  });

  test('leaves without a word, and leaves no member behind', () => {
    const cluster = room();
    const visitor = cluster.join();
    const { history } = cluster.view(cluster.host(0)).ring;
    expect(cluster.answer(visitor, { kind: 'leave' })).toEqual({ kind: 'done' });
    expect(cluster.view(cluster.host(0)).ring.history).toBe(history);
    expect(cluster.view(cluster.host(0)).members).toHaveLength(5);
  });
});

describe('[MEM-7] where members are few', () => {
  test('a visitor comes in when one of them is gone, and only one of several', () => {
    const cluster = room();
    const visitors = [cluster.join(), cluster.join(), cluster.join()];
    // So far apart that each would be in before it has heard of another.
    cluster.world.network.delay = 250;
    cluster.crash(cluster.host(4));
    cluster.until(() => visitors.some((host) => isMember(cluster, host)), 'one to come in');
    cluster.wait(5000);
    expect(visitors.filter((host) => isMember(cluster, host))).toHaveLength(1);
  });

  test('a visitor that is opened again waits until it has met the members', () => {
    const cluster = room();
    const visitor = cluster.join();
    cluster.world.stop(visitor, 'crash');
    cluster.wait(1000);
    cluster.world.start(visitor);
    cluster.wait(probation / 2);
    expect(visits(cluster, visitor)).toBe(true);
  });

  test('alone with nobody it stores what it is asked to, and hands it over when a member is back', () => {
    const cluster = room();
    const visitor = cluster.join();
    cluster.isolate(visitor);
    const put = cluster.begin(visitor, 'lone', 'written alone', { w: 1 });
    expect(cluster.outcome(put)).toMatchObject({ ok: true });
    cluster.heal();
    cluster.settle();
    expect(cluster.read(cluster.host(0), 'lone', 3)).toEqual(['written alone']);
  });
});

test('[MEM-7] who only visits is a member only where there is no other, and who joins now never visits', () => {
  const cluster = new Cluster(0, { join: 'visit' });
  const first = cluster.join();
  const second = cluster.join();
  expect([visits(cluster, first), visits(cluster, second)]).toEqual([false, true]);
  cluster.put(second, 'key', 'value', { w: 1 });
  expect(cluster.view(first).keys).toBe(1);
  const now = new Cluster(6, { join: 'now' });
  expect(now.hosts.some((host) => visits(now, host))).toBe(false);
});

test('[MEM-6] [MEM-7] who was out and is opened again is a visitor where members are enough', () => {
  const cluster = room({ times: { outAfter: 20_000 } });
  const extra = cluster.join();
  cluster.until(() => isMember(cluster, extra), 'the sixth to come in');
  cluster.crash(extra);
  cluster.until(() => cluster.status(cluster.host(0), extra) === 'out', 'it to be out');
  cluster.world.start(extra);
  cluster.until(() => extra.joined, 'it to be open');
  cluster.wait(10_000);
  expect(cluster.status(cluster.host(0), extra)).toBe('out');
  expect(visits(cluster, extra)).toBe(true);
  cluster.until(() => isMember(cluster, extra), 'it to come in again');
});

test('[MEM-6] [XFER-1] who was out and visits gives up nothing that an owner lacks, be that owner away', () => {
  const cluster = room({ times: { outAfter: 20_000 } });
  const [extra, seventh] = [cluster.join(), cluster.join()];
  cluster.until(() => isMember(cluster, extra) && isMember(cluster, seventh), 'both to come in');
  cluster.settle();
  cluster.crash(extra);
  cluster.until(() => cluster.status(cluster.host(0), extra) === 'out', 'it to be out');
  const held = keys.filter((key) => cluster.onDisk(extra, key).length > 0);
  const [away, lacking] = cluster.hosts.flatMap((host) => {
    const lacks = held.find((key) => cluster.owners(key).includes(host) && host !== cluster.host(0));
    return lacks === undefined ? [] : [[host, lacks] as const];
  })[0] ?? [extra, ''];
  cluster.crash(away);
  cluster.put(cluster.host(0), lacking, 'new', cluster.get(cluster.host(0), lacking));
  cluster.world.start(extra);
  cluster.until(() => extra.joined, 'it to be open');
  cluster.wait(10_000);
  expect(visits(cluster, extra)).toBe(true);
  expect(cluster.onDisk(extra, lacking)).not.toEqual([]);
  cluster.restart(away);
  cluster.until(() => cluster.onDisk(extra, lacking).length === 0, 'the hand-over');
});
