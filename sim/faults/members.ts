/** Changes of who is in the ring, at the worst moments ([MEM-1], [XFER-1]). */
import { ringTimesOf } from '../../src/core/config.ts';
import { foldHistory } from '../../src/core/ring/fold.ts';
import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { cut } from './cuts.ts';
import {
  anyUp,
  type EndFault,
  extraHosts,
  type Fault,
  type Kind,
  nothingToUndo,
  part,
  staying,
  up,
  victim,
} from './kind.ts';

const mayGrow = (world: World): boolean => world.hosts.length < world.plan.nodes + extraHosts;

/** Whether the ring can do with one host less. */
const mayShrink = (world: World): boolean => staying(world).length >= 3;

const join: Fault = (world) => {
  if (!mayGrow(world)) return undefined;
  world.start(world.addHost());
  return nothingToUndo;
};

/** A tab is duplicated, or its profile cloned: the lock is taken, so the copy is a node of its own. */
const duplicate: Fault = (world) => {
  const host = anyUp(world);
  if (host === undefined || !mayGrow(world)) return undefined;
  world.start(world.addHost(host));
  return nothingToUndo;
};

const leave: Fault = (world) => {
  const host = victim(world);
  return host && startLeaving(world, host) ? nothingToUndo : undefined;
};

function startLeaving(world: World, host: Host): boolean {
  if (host.leaving || !mayShrink(world)) return false;
  // Who knows of nobody that stays takes all along, for a ring that everybody leaves is gone.
  const known = new Set(
    host.core
      ?.view()
      .members.filter(({ status }) => status !== 'left')
      .map(({ id }) => id),
  );
  // One that was closed while it left has left, as its disk knows, though not all others do.
  const stays = ({ id, disk }: Host): boolean => known.has(id) && foldHistory(disk.history).members.has(id);
  if (!staying(world).some((other) => other !== host && stays(other))) return false;
  world.leave(host);
  return true;
}

/** A member is gone for good, and another one says so. */
const remove: Fault = (world) => {
  const [host, by] = world.random.shuffle(up(world));
  if (host === undefined || by === undefined || !mayShrink(world)) return undefined;
  if (world.frail !== undefined && world.frail !== host) return undefined;
  world.frail = host;
  world.destroy(host, 'removed');
  world.after(world.random.around(5000), () => world.remove(host));
  return nothingToUndo;
};

/** A member is thought to be gone for good, is removed, and comes back with all it had. */
const returns: Fault = (world) => {
  const host = victim(world);
  if (host === undefined || host.leaving || !mayShrink(world)) return undefined;
  const back = world.random.chance(0.5) ? outOfReach(world, host) : outOfLife(world, host);
  const cancel = meanwhile(world, 1500, () => world.remove(host));
  return () => {
    cancel();
    back();
  };
};

/** Does something some time from now, unless the fault has ended by then. */
function meanwhile(world: World, meanMs: number, run: () => void): EndFault {
  let over = false;
  world.after(world.random.around(meanMs), () => {
    if (!over) run();
  });
  return () => {
    over = true;
  };
}

function outOfReach(world: World, { id }: Host): EndFault {
  return cut(world, world.random.chance(0.5) ? 'wall' : 'filter', (from, to) => from === id || to === id);
}

function outOfLife(world: World, host: Host): EndFault {
  world.stop(host, 'crash');
  return () => {
    if (host.state === 'down') world.start(host);
  };
}

/** The ring is split, and each half has members come and go without the other. */
const splitBrain: Fault = (world) => {
  const one = part(world);
  const heal = cut(world, 'wall', (from, to) => one.has(from) !== one.has(to));
  const cancels = [true, false].map((side) => {
    const hosts = up(world).filter(({ id }) => one.has(id) === side);
    return meanwhile(world, 2500, () => changeWithin(world, hosts, side ? one : undefined));
  });
  return () => {
    for (const cancel of cancels) cancel();
    heal();
  };
};

/** `side`: the barrier's own half, to which newcomers do not belong; they can only be let into the other. */
function changeWithin(world: World, hosts: readonly Host[], side: ReadonlySet<string> | undefined): void {
  const by = world.random.pick(hosts.filter(({ state, joined, leaving }) => state === 'up' && joined && !leaving));
  if (by === undefined) return;
  const gone = world.hosts.find(({ state, id }) => state === 'down' && side?.has(id) !== true);
  if (gone !== undefined && mayShrink(world)) world.ask(by, { kind: 'remove', node: gone.id }, () => undefined);
  else if (world.random.chance(0.5) && hosts.length > 1) startLeaving(world, by);
  else if (side === undefined && mayGrow(world)) world.start(world.addHost());
  else return;
  world.mark('half a ring changed');
}

/** Away for so long that others may have forgotten what it knows ([DEL-3]). */
const absence: Fault = (world) => {
  const host = victim(world);
  if (host === undefined) return undefined;
  const since = world.now;
  const back = outOfLife(world, host);
  return () => {
    if (world.now - since > world.plan.node.times.tombstone) world.mark('away longer than the tombstone time');
    back();
  };
};

/** Somebody changes N, R, W and times for all ([CFG-1]). */
const configure: Fault = (world) => {
  const host = anyUp(world);
  const ring = host?.core?.view().ring;
  if (host === undefined || ring === undefined) return undefined;
  const n = world.random.int(1, 5);
  const config = {
    n,
    r: world.random.int(1, n),
    w: world.random.int(1, n),
    times: {
      ...ringTimesOf(ring.times),
      suspectAfter: world.random.int(1000, 4000),
      hedgeAfter: world.random.int(50, 800),
      requestTimeout: world.random.int(2000, 5000),
      tombstone: world.random.pick([1000, 10_000, 600_000]) ?? 1000,
    },
  };
  world.ask(host, { kind: 'configure', config }, () => undefined);
  return nothingToUndo;
};

export const members = {
  configure: { begin: configure, lasts: 1 },
  join: { begin: join, lasts: 1 },
  duplicate: { begin: duplicate, lasts: 1, weight: 0.5 },
  leave: { begin: leave, lasts: 1 },
  remove: { begin: remove, lasts: 1 },
  return: { begin: returns, lasts: 8000 },
  'split-brain': { begin: splitBrain, lasts: 12_000 },
  absence: { begin: absence, lasts: 40_000, weight: 0.5 },
} as const satisfies Readonly<Record<string, Kind>>;
