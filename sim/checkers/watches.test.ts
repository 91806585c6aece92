import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import { nothingTracked } from '../world/operation-log.ts';
import { WatchesChecker } from './watches.ts';

test('[WATCH-1] a watcher that was not told the final state is found', () => {
  const cluster = new Cluster(3);
  const watches = new WatchesChecker(cluster.world, ['k']);
  watches.started(cluster.host(0));
  cluster.put(cluster.host(1), 'k', 'apple');
  cluster.wait(30_000);
  expect(watches.behind()).toEqual([]);
  // What it would be told now is lost on the way.
  cluster.isolate(cluster.host(0));
  cluster.put(cluster.host(1), 'k', 'pear');
  expect(watches.behind()).toHaveLength(1);
});

test('[WATCH-1] a watcher that is told of what no disk has committed is found', () => {
  const cluster = new Cluster(3);
  const [first, second] = [cluster.host(0), cluster.host(1)];
  const { log } = cluster.world;
  const write = log.beginWrite(
    { kind: 'put', key: 'k', node: first.id, session: 1, invokedAt: 0, w: 0, token: nothingTracked },
    () => 'apple',
  );
  const watches = new WatchesChecker(cluster.world, ['k']);
  watches.started(second);
  cluster.put(first, 'k', 'apple');
  write.dots.push(...(first.core?.versions('k') ?? []).map(({ dot }) => dot));
  expect(() => cluster.wait(30_000)).toThrow(/WATCH-1.*which is on no disk/);
  write.committedBy.add(first.id);
  cluster.world.violations.length = 0;
  watches.started(second);
  cluster.wait(30_000);
  expect(cluster.world.violations).toEqual([]);
});
