import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import { faultKinds } from '../world/plan.ts';
import { faults } from './faults.ts';

test.each(faultKinds)('after the end of %s the ring is as whole as before', { timeout: 60_000 }, (kind) => {
  const cluster = new Cluster(4);
  const { world } = cluster;
  for (let at = 0; at < 5; at++) cluster.put(cluster.host(at % 4), `key${at}`, 'apple', { w: 3 });
  const end = faults[kind].begin(world);
  expect(end).toBeDefined();
  cluster.wait(3000);
  end?.();
  // One link is left as it is, by intent.
  if (world.oneWay) world.network.heal();
  cluster.until(
    () => world.hosts.every(({ state, joined }) => state === 'gone' || (state === 'up' && joined)),
    'all up',
  );
  cluster.until(() => cluster.agreed() && world.live().every((host) => !host.leaving), 'one ring', 120_000);
  cluster.settle();
  for (let at = 0; at < 5; at++) {
    for (const host of world.live()) expect(cluster.read(host, `key${at}`, 3)).toEqual(['apple']);
  }
  expect(world.violations).toEqual([]);
});
