import { describe, expect, test } from 'vitest';
import { checkpointOf } from '../../src/core/ring/history.ts';
import type { Host } from '../world/host.ts';
import { Cluster, type Setup } from './cluster.ts';

const keys = Array.from({ length: 12 }, (_, i) => `key${i}`);
const outAfter = 20_000;

function ring(nodes: number, { times, ...options }: Setup = {}): Cluster {
  const cluster = new Cluster(nodes, { ...options, times: { outAfter, ...times } });
  for (const key of keys) cluster.put(cluster.host(0), key, key, { w: 3 });
  return cluster;
}

const isOut = (cluster: Cluster, of: Host, about: Host): boolean => cluster.status(of, about) === 'out';
/** What the disk of one of them says of it, in the history. */
const said = (cluster: Cluster, kind: string): number =>
  cluster.host(0).disk.history.filter((event) => event.kind === kind).length;

describe('[MEM-6] a member of which nobody has heard for the time that the ring is configured to', () => {
  test('is out: others make its copies again; when it is back it is in again, and has all', () => {
    const cluster = ring(5);
    const gone = cluster.host(4);
    cluster.crash(gone);
    cluster.wait(outAfter - 3000);
    expect(isOut(cluster, cluster.host(0), gone)).toBe(false);
    cluster.until(() => cluster.world.live().every((host) => isOut(cluster, host, gone)), 'it to be out');
    cluster.settle();
    for (const key of keys) {
      expect(cluster.owners(key)).not.toContain(gone);
      expect(cluster.owners(key).every((host) => cluster.onDisk(host, key).length > 0)).toBe(true);
    }
    cluster.put(cluster.host(1), 'key0', 'meanwhile', { ...cluster.get(cluster.host(1), 'key0') });
    cluster.restart(gone);
    expect(cluster.status(cluster.host(0), gone)).toBe('up');
    cluster.settle();
    for (const key of keys) expect(cluster.read(gone, key, 3)).toEqual([key === 'key0' ? 'meanwhile' : key]);
  });

  test('is said to be out once, though each that is there waits for it', () => {
    const cluster = ring(7);
    cluster.crash(cluster.host(6));
    cluster.until(() => isOut(cluster, cluster.host(0), cluster.host(6)), 'it to be out');
    cluster.wait(outAfter);
    expect(said(cluster, 'out')).toBe(1);
  });

  test('offers what only it has when it is back', () => {
    const cluster = ring(5);
    const gone = cluster.host(4);
    cluster.isolate(gone);
    const lone = cluster.begin(gone, 'lone', 'written apart', { w: 1 });
    cluster.until(() => lone.replies.length > 0, 'the receipt');
    cluster.until(() => isOut(cluster, cluster.host(0), gone), 'it to be out');
    cluster.heal();
    cluster.settle();
    expect(cluster.read(cluster.host(0), 'lone', 3)).toEqual(['written apart']);
  });

  test('keeps no tombstone from being reaped, and brings nothing back when it returns', () => {
    // There is room for one reap record: it goes as soon as nobody is waited for.
    const cluster = ring(5, { limits: { reapRecords: 1 }, times: { tombstone: 2000, reapScan: 1000 } });
    const gone = cluster.keyOwnedBy(() => true) === '' ? cluster.host(0) : cluster.owners('key0')[0];
    if (gone === undefined) throw new Error('there is an owner');
    cluster.crash(gone);
    const [other] = cluster.world.live();
    if (other === undefined) throw new Error('there is another one');
    cluster.put(other, 'key0', undefined, { ...cluster.get(other, 'key0') });
    const isReaped = (): boolean => cluster.world.live().every((host) => cluster.onDisk(host, 'key0').length === 0);
    cluster.wait(outAfter / 2);
    expect(isReaped()).toBe(false);
    cluster.until(isReaped, 'the tombstone to be reaped');
    // Its reap record does wait for it.
    cluster.wait(60_000);
    cluster.restart(gone);
    cluster.settle();
    expect(cluster.read(gone, 'key0', 3)).toEqual([]);
    expect(cluster.get(other, 'key0', 3).siblings.every(({ deleted }) => deleted)).toBe(true);
  });

  test('[XFER-1] takes over what the last member that leaves holds, when it is back', () => {
    const cluster = ring(3, { replication: { n: 2, r: 1, w: 1 } });
    const [leaver, other, gone] = [cluster.host(0), cluster.host(1), cluster.host(2)];
    cluster.isolate(gone, 'wall');
    cluster.until(() => isOut(cluster, leaver, gone), 'it to be out', 60_000);
    cluster.wait(outAfter);
    expect(cluster.answer(other, { kind: 'leave' })).toEqual({ kind: 'done' });
    const leaving = cluster.ask(leaver, { kind: 'leave' });
    cluster.wait(30_000);
    expect(leaving.replies).toEqual([]);
    cluster.heal();
    cluster.until(() => leaving.replies.length > 0, 'the leave');
    for (const key of keys) expect(cluster.onDisk(gone, key)).toHaveLength(1);
  });

  test('[RING-2] does not keep the history from being folded, and finds itself out when it is back', () => {
    const cluster = ring(5, { historyLength: 4 });
    const gone = cluster.host(4);
    cluster.crash(gone);
    cluster.until(() => isOut(cluster, cluster.host(0), gone), 'it to be out');
    for (let i = 0; i < 3; i++) cluster.join();
    const newcomer = cluster.join();
    const isFolded = ({ disk }: Host): boolean => checkpointOf(disk.history)?.out?.includes(gone.id) === true;
    cluster.until(() => cluster.world.live().every(isFolded), 'the checkpoint');
    expect(isOut(cluster, newcomer, gone)).toBe(true);
    cluster.restart(gone);
    expect(cluster.status(newcomer, gone)).toBe('up');
  });

  test('that is out again and again is in again at once, then after a pause that grows', () => {
    const cluster = ring(5);
    const flapping = cluster.host(4);
    const pauses: number[] = [];
    for (let times = 0; times < 4; times++) {
      cluster.crash(flapping);
      cluster.until(() => isOut(cluster, cluster.host(0), flapping), 'it to be out');
      cluster.world.start(flapping);
      cluster.until(() => flapping.joined, 'it to be open');
      const from = cluster.world.now;
      cluster.until(() => !isOut(cluster, cluster.host(0), flapping), 'it to be in', 300_000);
      pauses.push(Math.round((cluster.world.now - from) / outAfter));
    }
    expect(pauses).toEqual([0, 1, 2, 4]);
    expect(cluster.read(flapping, 'key0', 3)).toEqual(['key0']);
  });
});

describe('[MEM-6] nobody is out', () => {
  const stays = (cluster: Cluster): void => {
    cluster.wait(3 * outAfter);
    for (const host of cluster.world.live()) {
      for (const other of cluster.hosts) expect(isOut(cluster, host, other)).toBe(false);
    }
  };

  test('where fewer than N are left, be they three or two, or an island of a larger ring', () => {
    const three = ring(3);
    three.crash(three.host(2));
    stays(three);
    const four = ring(4);
    four.cut(four.hosts.slice(0, 2), four.hosts.slice(2));
    stays(four);
  });

  test('of whom one other hears: a broken link, a link of one way, a bridge', () => {
    const pair = ring(5);
    pair.cut([pair.host(0)], [pair.host(1)]);
    stays(pair);
    const oneWay = ring(5);
    oneWay.cut([oneWay.host(4)], oneWay.hosts.slice(0, 4), 'filter', true);
    oneWay.world.network.cut(oneWay.host(4).id, oneWay.host(3).id, undefined);
    stays(oneWay);
    const bridge = ring(7);
    bridge.cut(bridge.hosts.slice(0, 3), bridge.hosts.slice(4));
    stays(bridge);
  });

  test('because this node stood still', () => {
    const cluster = ring(5);
    const sleeper = cluster.host(0);
    sleeper.sleep();
    cluster.wait(outAfter / 2);
    sleeper.wake(10 * outAfter);
    cluster.wait(5000);
    for (const host of cluster.world.live()) expect(isOut(cluster, host, cluster.host(4))).toBe(false);
  });

  test('nor because all stood still, with one of which they had just heard gone', () => {
    const cluster = ring(5, { times: { outAfter: 3 * outAfter } });
    const gone = cluster.host(4);
    cluster.isolate(gone, 'wall');
    // Its links are down by then.
    cluster.wait(1.5 * outAfter);
    for (const host of cluster.hosts.slice(0, 4)) host.sleep();
    for (const host of cluster.hosts.slice(0, 4)) host.wake(10 * outAfter);
    cluster.wait(outAfter / 2);
    for (const host of cluster.hosts.slice(0, 4)) expect(isOut(cluster, host, gone)).toBe(false);
  });

  test('while the ring is not configured to', () => {
    const cluster = ring(5, { times: { outAfter: 0 } });
    cluster.crash(cluster.host(4));
    stays(cluster);
  });
});

test('[MEM-6] both halves of a long split put the other half out, take writes of W disks, and are one again after it', () => {
  const cluster = ring(8);
  const [left, right] = [cluster.hosts.slice(0, 4), cluster.hosts.slice(4)];
  cluster.cut(left, right);
  cluster.until(() => left.every((host) => right.every((other) => isOut(cluster, host, other))), 'the right to be out');
  cluster.until(() => right.every((host) => left.every((other) => isOut(cluster, host, other))), 'the left to be out');
  for (const [half, value] of [
    [left, 'left'],
    [right, 'right'],
  ] as const) {
    const [host] = half;
    if (host === undefined) throw new Error('there is a half');
    const { quorum, hinted } = cluster.put(host, 'both', value);
    expect({ quorum, hinted }).toEqual({ quorum: 'met', hinted: [] });
  }
  cluster.heal();
  cluster.until(
    () => cluster.agreed() && cluster.hosts.every((host) => !isOut(cluster, cluster.host(0), host)),
    'one ring',
  );
  cluster.settle();
  expect(cluster.read(cluster.host(7), 'both', 3).toSorted()).toEqual(['left', 'right']);
  for (const key of keys) expect(cluster.read(cluster.host(3), key, 3)).toEqual([key]);
});

test('[MEM-1] [MEM-6] with one link broken nobody removes anybody, and who was removed and is back is not removed again', () => {
  const cluster = ring(7, { times: { outAfter: 0, removeAfter: outAfter } });
  const [a, b] = [cluster.host(0), cluster.host(6)];
  cluster.cut([a], [b]);
  cluster.wait(4 * outAfter);
  expect(said(cluster, 'remove')).toBe(0);
  cluster.crash(b);
  cluster.until(() => cluster.status(a, b) === 'left', 'the removal');
  // It is back, and one cannot reach it still.
  cluster.world.start(b);
  cluster.until(() => b.joined && cluster.status(cluster.host(1), b) === 'up', 'it to be back');
  cluster.wait(4 * outAfter);
  expect(cluster.status(cluster.host(1), b)).toBe('up');
  expect(said(cluster, 'remove')).toBe(1);
});
