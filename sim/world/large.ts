/**
 * A large ring is there from the first: all its nodes are members, as if they had been closed and are opened
 * again. To let them join one after the other would take longer than all the rest. Invariant: what their
 * disks hold is what such a ring would have left there.
 */
import type { MembershipHistory, RingEvent } from '../../src/core/ring/history.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Within so many ms all are opened; in so many they meet. */
const opening = 1000;
const meeting = 60_000;

export function openLarge(world: World): void {
  const hosts = Array.from({ length: world.plan.nodes }, () => world.addHost());
  const history = historyOf(world, hosts);
  for (const { disk } of hosts) {
    disk.open();
    disk.write({ id: 1, strict: true, writes: [{ kind: 'history', history }] }, () => undefined);
  }
  world.pass(opening);
  for (const host of hosts) world.after(world.random.int(0, opening), () => world.start(host));
  const until = world.now + meeting;
  while (!world.broken && world.now < until && !hosts.every(({ joined }) => joined)) world.pass(opening);
}

function historyOf(world: World, hosts: readonly Host[]): MembershipHistory {
  const { weights } = world.plan;
  const { replication, partitions } = world.plan.node;
  const joins = hosts.map(({ id, zone }, index): RingEvent => {
    const weight = weights[index % weights.length] ?? 1;
    return { stamp: [index + 2, id], kind: 'join', node: id, weight, zone };
  });
  return [{ stamp: [1, hosts[0]?.id ?? ''], kind: 'found', partitions, ...replication }, ...joins];
}
