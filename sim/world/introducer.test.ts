import { beforeEach, expect, test } from 'vitest';
import { Cluster } from '../scenarios/cluster.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

let cluster: Cluster;
let world: World;

beforeEach(() => {
  cluster = new Cluster(3);
  world = cluster.world;
});

function newcomer(): Host {
  const host = world.addHost();
  world.start(host);
  return host;
}

test.each(['gone', 'grey'] as const)('[SIG-1] with the introducer %s a newcomer waits until it is back', (mood) => {
  world.introducer.mood = mood;
  const host = newcomer();
  cluster.wait(20_000);
  expect(host.joined).toBe(false);
  world.introducer.mood = 'honest';
  cluster.until(() => host.joined && cluster.agreed(), 'the newcomer to join');
});

test.each(['gone', 'grey'] as const)(
  '[SIG-1] with the introducer %s members find each other through a third',
  (mood) => {
    const [a, b] = [cluster.host(0), cluster.host(1)];
    world.introducer.mood = mood;
    world.network.sever(a.id, b.id);
    cluster.wait(100);
    expect(world.network.met(a.id, b.id)).toBe(false);
    cluster.until(() => world.network.whole(a.id, b.id), 'the link to be back');
    expect(world.marks.get('introduced by a peer')).toBeGreaterThan(0);
  },
);

test('[SIG-1] who is alone and has history needs no introducer; who meets nobody finds nobody', () => {
  const [a, b, c] = [cluster.host(0), cluster.host(1), cluster.host(2)];
  world.introducer.mood = 'gone';
  for (const host of [a, b, c]) world.stop(host, 'crash');
  for (const host of [a, b]) world.start(host);
  cluster.wait(10_000);
  expect([a.joined, b.joined]).toEqual([true, true]);
  expect(world.network.met(a.id, b.id)).toBe(false);
});

test('[PUT-4] who has gone before a newcomer could meet it is not shown to that as one to whom no link opens', () => {
  const gone = cluster.host(0);
  const host = world.addHost();
  cluster.cut([host], [gone], 'wall');
  const shown: string[] = [];
  world.observe({
    stepped: (stepped, input) => {
      if (stepped === host && input.type === 'unlinked') shown.push(...input.peers);
    },
  });
  world.start(host);
  cluster.wait(200);
  world.stop(gone, 'crash');
  cluster.until(() => host.joined, 'the newcomer to join');
  expect(shown).toEqual([]);
});

test('[RING-2] a newcomer that is lied to, and founds a ring of its own, is united with the others', () => {
  world.introducer.mood = 'lying';
  const hosts = Array.from({ length: 4 }, newcomer);
  cluster.until(() => hosts.every(({ joined }) => joined), 'all to join');
  world.introducer.mood = 'honest';
  cluster.until(() => cluster.agreed(), 'one ring');
  expect(cluster.view(cluster.host(0)).members).toHaveLength(7);
});
