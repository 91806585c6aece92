import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('[PUT-4] [GET-1] who founds a ring because no link opens to those that are there calls one copy too few', () => {
  const cluster = new Cluster(0);
  const first = cluster.join();
  expect(cluster.put(first, 'key', 'alone in the room').quorum).toBe('met');
  const second = cluster.world.addHost();
  cluster.cut([first], [second], 'wall');
  cluster.world.start(second);
  cluster.until(() => second.joined, 'it to found a ring of its own');
  expect(cluster.put(second, 'key', 'on an island').quorum).toBe('under');
  expect(cluster.get(second, 'key').quorum).toBe('under');
  cluster.heal();
  cluster.until(() => cluster.agreed(), 'one ring');
  cluster.settle();
  expect(cluster.put(second, 'other', 'on both').quorum).toBe('met');
  expect(cluster.read(first, 'key').toSorted()).toEqual(['alone in the room', 'on an island']);
});

test('[MON-1] that nobody can be reached is said after a while, and no longer than until one can be, be it a visitor', () => {
  const cluster = new Cluster(2, { join: 'auto', replication: { n: 1, r: 1, w: 1 } });
  const [host, other] = [cluster.host(0), cluster.host(1)];
  const isAlone = (): boolean => cluster.view(host).alarms.some(({ code }) => code === 'isolated');
  const seen: boolean[] = [];
  cluster.world.observe({ stepped: (stepped) => void (stepped === host && seen.push(isAlone())) });
  cluster.world.stop(host, 'crash');
  cluster.restart(host);
  expect(seen).not.toContain(true);
  cluster.isolate(host);
  cluster.until(isAlone, 'the alarm');
  cluster.heal();
  cluster.until(() => cluster.status(host, other) === 'up', 'the link');
  expect(isAlone()).toBe(false);
  cluster.join();
  const visitor = cluster.join();
  expect(cluster.view(host).members.some(({ id }) => id === visitor.id)).toBe(false);
  cluster.cut([host], cluster.except(host, visitor), 'wall');
  cluster.until(() => cluster.status(host, other) !== 'up', 'the cut to be noticed');
  cluster.wait(10_000);
  expect(isAlone()).toBe(false);
});
