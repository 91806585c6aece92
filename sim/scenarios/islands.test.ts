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
