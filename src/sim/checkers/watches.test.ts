import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import { Watches } from './watches.ts';

test('[WATCH-1] a watcher that was not told the final state is found', () => {
  const cluster = new Cluster(3);
  const watches = new Watches(cluster.world, ['k']);
  watches.started(cluster.host(0));
  cluster.put(cluster.host(1), 'k', 'apple');
  cluster.wait(30_000);
  expect(watches.behind()).toEqual([]);
  // What it would be told now is lost on the way.
  cluster.isolate(cluster.host(0));
  cluster.put(cluster.host(1), 'k', 'pear');
  expect(watches.behind()).toHaveLength(1);
});
