import { expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import { DropsChecker } from './drops.ts';
import { batch, found, ready, versionOf, written } from './fixture.ts';

/** One of a ring of five gives up a key that is on the disks of these nodes, and a hint if it has owners. */
function gives(up: 'hint' | 'copy', onDiskOf: 'nobody' | 'owners'): string[] {
  const cluster = new Cluster(5);
  const { first, second, third, outsider } = cluster.roles('k');
  const { world } = cluster;
  const version = versionOf(written(world, 'ok'), ['zzzzzzzzzzzz.1', 1]);
  for (const owner of onDiskOf === 'owners' ? [first, second, third] : []) {
    owner.disk.write(batch(1_000_000, [version]), () => undefined);
  }
  cluster.wait(1000);
  const checker = new DropsChecker(world);
  checker.stepped(outsider, { type: 'opened', opened: { storeId: 's', epoch: 1, history: [], entries: [] } }, ready());
  const owners = up === 'hint' ? [first.id] : [];
  checker.stepped(outsider, { type: 'wake' }, ready({ writes: batch(1, [version], owners) }));
  checker.stepped(outsider, { type: 'wake' }, ready({ writes: batch(2, undefined) }));
  return found(world);
}

test('[S8] a hint that is dropped before its owner has it on disk is found', () => {
  expect(gives('hint', 'owners')).toEqual([]);
  expect(gives('hint', 'nobody')).toEqual(['S8']);
});

test('[S8] a partition that is dropped before its new owners have it on disk is found', () => {
  expect(gives('copy', 'owners')).toEqual([]);
  expect(gives('copy', 'nobody')).toEqual(['S8']);
});

test('[S8] what is given up for the one owner of N = 1 is left to its disk, also where that has lost it and nobody knows yet', () => {
  const cluster = new Cluster(5, { replication: { n: 1, r: 1, w: 1 } });
  const [owner] = cluster.owners('k');
  const [outsider] = cluster.others('k');
  if (owner === undefined || outsider === undefined) throw new Error('a ring of five has an owner and others');
  const write = written(cluster.world, 'ok');
  const version = versionOf(write, ['zzzzzzzzzzzz.1', 1]);
  write.committedBy.add(owner.id);
  const checker = new DropsChecker(cluster.world);
  checker.stepped(outsider, { type: 'opened', opened: { storeId: 's', epoch: 1, history: [], entries: [] } }, ready());
  checker.stepped(outsider, { type: 'wake' }, ready({ writes: batch(1, [version]) }));
  checker.stepped(outsider, { type: 'wake' }, ready({ writes: batch(2, undefined) }));
  expect([found(cluster.world), write.leftToOne]).toEqual([[], true]);
});
