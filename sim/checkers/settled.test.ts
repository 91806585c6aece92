import { expect, test } from 'vitest';
import { Clients } from '../load/clients.ts';
import { Cluster } from '../scenarios/cluster.ts';
import { unsettled } from './settled.ts';

test('[AE-1] a ring is not at rest while a node that is gone for good is still to be removed: then states move', () => {
  const cluster = new Cluster(5);
  const clients = new Clients(cluster.world);
  const [dead, other] = [cluster.host(4), cluster.host(0)];
  for (let i = 0; i < 20; i++) cluster.put(other, `key${i}`, 'apple');
  cluster.settle();
  expect(unsettled(cluster.world, clients)).toEqual([]);
  cluster.world.destroy(dead, 'removed');
  cluster.until(() => cluster.status(other, dead) === 'unreachable', 'the silence to be noticed');
  expect(unsettled(cluster.world, clients)).toMatchObject([{ checker: 'join' }]);
  const sent = () => cluster.world.live().reduce((sum, host) => sum + cluster.view(host).repair.sent, 0);
  const before = sent();
  cluster.answer(other, { kind: 'remove', node: dead.id });
  cluster.settle();
  expect(sent()).toBeGreaterThan(before);
  expect(unsettled(cluster.world, clients)).toEqual([]);
});
