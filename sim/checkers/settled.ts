/**
 * What must come true some time after the faults end: [L1] the replicas of a partition hold the same,
 * [L3] hints drain to zero, [L5] all live pairs are linked, all agree on the ring ([S9]), each key is
 * on exactly its N primaries, and every request was answered.
 */

import type { Clients } from '../load/clients.ts';
import type { Host } from '../world/host.ts';
import { shortName } from '../world/names.ts';
import type { World } from '../world/world.ts';

export interface Unsettled {
  readonly checker: string;
  readonly text: string;
}

/** The live hosts that are primaries of a key, by the view of the first live one. */
export function primariesOf(world: World, key: string): Host[] {
  const walk = world.live()[0]?.core?.explain(key).walk ?? [];
  return walk.flatMap(({ node, role }) => {
    const host = role === 'primary' ? world.host(node) : undefined;
    return host?.lives ? [host] : [];
  });
}

/**
 * Why the world is not at rest; empty when it is. The costly questions come after the cheap ones. Without the
 * dead (`partly`) hints for them stay, what they are to take over is kept by others, and who leaves waits
 * for W that live.
 */
export function unsettled(world: World, clients: Pick<Clients, 'session'>, partly = false): Unsettled[] {
  const first = [...membership(world, partly), ...requests(world, clients)];
  if (first.length > 0) return first;
  if (partly) return trees(world);
  const second = [...hints(world), ...rot(world), ...placement(world)];
  return second.length > 0 ? second : trees(world);
}

function membership(world: World, partly: boolean): Unsettled[] {
  const found: Unsettled[] = [];
  const live = world.live();
  const hashes = new Set<string>();
  const members = new Set(
    live[0]?.core?.view().members.flatMap(({ id, status }) => (status === 'left' || status === 'out' ? [] : [id])) ??
      [],
  );
  for (const { id, state } of world.hosts) {
    // Somebody is about to say that it will not come back: then partitions move.
    if (state === 'gone' && members.has(id))
      found.push({ checker: 'join', text: `${shortName(id)} is gone and still a member` });
  }
  for (const host of live) {
    if (partly && host.leaving) continue;
    if (host.leaving) found.push({ checker: 'leave', text: `${shortName(host.id)} has not left` });
    if (!host.joined) found.push({ checker: 'join', text: `${shortName(host.id)} has not joined` });
    const own = host.core?.view().members.find(({ id }) => id === host.id);
    // It comes in by and by, and data move then.
    if (host.core?.view().self.visits) found.push({ checker: 'MEM-7', text: `${shortName(host.id)} visits still` });
    else if (own === undefined || own.status === 'left' || own.status === 'out') {
      found.push({ checker: 'join', text: `${shortName(host.id)} runs but is no member` });
    }
    hashes.add(host.core?.view().ring.hash ?? '');
    for (const other of live) {
      if (host.id >= other.id || world.network.whole(host.id, other.id)) continue;
      found.push({ checker: 'L5', text: `${shortName(host.id)} and ${shortName(other.id)} have no link` });
    }
  }
  if (hashes.size > 1) found.push({ checker: 'S9', text: `there are ${hashes.size} different rings` });
  return found;
}

function requests(world: World, clients: Pick<Clients, 'session'>): Unsettled[] {
  return world.live().flatMap((host) =>
    [...(clients.session(host)?.pending ?? [])].map(({ kind, index, key }) => ({
      checker: 'L2',
      text: `${kind} ${index} of ${key} on ${shortName(host.id)} has no answer`,
    })),
  );
}

function hints(world: World): Unsettled[] {
  return world.live().flatMap((host) => {
    const held = host.core?.view().hints.held ?? 0;
    return held === 0 ? [] : [{ checker: 'L3', text: `${shortName(host.id)} still holds ${held} hints` }];
  });
}

/** [AE-1] What a disk has lost is found by and by, and comes back. */
function rot(world: World): Unsettled[] {
  return world.live().flatMap((host) =>
    host.disk.rotten.map((key) => ({
      checker: 'AE-1',
      text: `${shortName(host.id)} has not found that it lost ${key}`,
    })),
  );
}

function placement(world: World): Unsettled[] {
  const found: Unsettled[] = [];
  const holders = new Map<string, Set<Host>>();
  for (const host of world.live()) {
    for (const { key, role } of host.core?.held() ?? []) {
      const hosts = holders.get(key) ?? new Set<Host>();
      holders.set(key, hosts.add(host));
      if (role !== 'primary')
        found.push({ checker: 'placement', text: `${shortName(host.id)} holds ${key} as ${role}` });
    }
  }
  for (const [key, hosts] of holders) {
    const primaries = new Set(primariesOf(world, key));
    for (const host of hosts) {
      if (!primaries.has(host))
        found.push({ checker: 'placement', text: `${shortName(host.id)} holds ${key}, no primary` });
    }
    for (const host of primaries) {
      if (!hosts.has(host)) found.push({ checker: 'L1', text: `${shortName(host.id)} lacks ${key}` });
    }
  }
  return found;
}

function trees(world: World): Unsettled[] {
  const found: Unsettled[] = [];
  for (const key of world.log.keys()) {
    const primaries = primariesOf(world, key);
    const partition = primaries[0]?.core?.explain(key).partition ?? 0;
    const roots = new Set(primaries.map((host) => host.core?.root(partition)));
    const states = new Set(primaries.map((host) => JSON.stringify(host.core?.versions(key).map(({ dot }) => dot))));
    if (roots.size > 1) found.push({ checker: 'L1', text: `partition ${partition} of ${key} has ${roots.size} roots` });
    if (states.size > 1)
      found.push({ checker: 'L1', text: `${key} has ${states.size} states: ${[...states].join(' ')}` });
  }
  return found;
}
