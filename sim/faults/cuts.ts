/** Faults of who can reach whom ([MEM-3], [MEM-5]). */
import type { NodeId } from '../../src/core/ids.ts';
import type { Cut } from '../world/link.ts';
import { shortName } from '../world/names.ts';
import type { Barrier } from '../world/network.ts';
import { isLarge } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { anyUp, type EndFault, type Fault, type Kind, nothingToUndo, part } from './kind.ts';

/** Cuts all directions for which `between` holds, and heals them at the end. */
export function cut(world: World, kind: Cut, between: Barrier['between']): EndFault {
  const barrier = { kind, between };
  // Of a large ring nobody reads it.
  const apart = (isLarge(world.plan.nodes) ? [] : world.live()).map(({ id }) => {
    const lost = world.live().filter((other) => other.id !== id && between(id, other.id));
    return lost.length > 0 ? `, nothing from ${shortName(id)} reaches ${lost.map((other) => shortName(other.id))}` : '';
  });
  world.note(`${kind}${apart.join('')}`);
  world.network.raise(barrier);
  return () => world.network.lift(barrier);
}

const wallOrFilter = (world: World): Cut => (world.random.chance(0.5) ? 'wall' : 'filter');

const halves: Fault = (world) => {
  const one = part(world);
  return cut(world, 'wall', (from, to) => one.has(from) !== one.has(to));
};

const oneWay: Fault = (world) => {
  const one = part(world);
  return cut(world, wallOrFilter(world), (from, to) => one.has(from) && !one.has(to));
};

/** Two sides that do not see each other, and one host that sees both. */
const bridge: Fault = (world) => {
  const one = part(world);
  const middle = world.random.pick(world.hosts)?.id;
  const apart = (from: NodeId, to: NodeId): boolean => one.has(from) !== one.has(to);
  return cut(world, 'wall', (from, to) => from !== middle && to !== middle && apart(from, to));
};

/** Each sees its two neighbours only. */
const ring: Fault = (world) => {
  const circle = world.random.shuffle(world.hosts.filter(({ state }) => state !== 'gone')).map(({ id }) => id);
  const places = new Map(circle.map((id, at) => [id, at]));
  return cut(world, 'wall', (from, to) => {
    const [one, other] = [places.get(from), places.get(to)];
    if (one === undefined || other === undefined) return false;
    const steps = Math.abs(one - other);
    return steps > 1 && steps < circle.length - 1;
  });
};

const isolate: Fault = (world) => {
  const host = anyUp(world);
  return host && cut(world, wallOrFilter(world), (from, to) => from === host.id || to === host.id);
};

function twoHosts(world: World): readonly [NodeId, NodeId] | undefined {
  const [a, b] = world.random.shuffle(world.live());
  return a && b && [a.id, b.id];
}

const pair: Fault = (world) => {
  const two = twoHosts(world);
  return two && cut(world, 'wall', (from, to) => two.includes(from) && two.includes(to));
};

const filter: Fault = (world) => {
  const lost = new Map<string, boolean>();
  return cut(world, 'filter', (from, to) => {
    const name = `${from} ${to}`;
    const known = lost.get(name) ?? world.random.chance(0.15);
    lost.set(name, known);
    return known;
  });
};

/** Some links break and are made again, over and over. */
const flap: Fault = (world) => {
  const shaky = world.live().flatMap(({ id }) => world.live().map((other) => [id, other.id] as const));
  const some = shaky.filter(([a, b]) => a < b && world.random.chance(0.4));
  let on = true;
  const next = (): void =>
    world.after(world.random.around(1500), () => {
      if (!on) return;
      const [a, b] = world.random.pick(some) ?? [];
      if (a && b) world.network.sever(a, b);
      next();
    });
  next();
  return () => {
    on = false;
  };
};

/** One of the usual cuts, for so long exactly. */
const cutFor =
  (ms: number): Fault =>
  (world) => {
    const endsAt = world.now + ms;
    const end = world.random.pick([halves, isolate, bridge])?.(world);
    return (
      end &&
      (() => {
        end();
        if (world.now >= endsAt) world.mark(`cut of ${ms / 1000} s`);
      })
    );
  };

/** [L6] One link works one way only, for good. */
const oneWayForGood: Fault = (world) => {
  const two = twoHosts(world);
  if (two === undefined || world.oneWay !== undefined) return undefined;
  const [a, b] = two;
  world.oneWay = two;
  world.network.raise({ kind: wallOrFilter(world), between: (from, to) => from === a && to === b });
  return nothingToUndo;
};

export const cuts = {
  halves: { begin: halves, lasts: 10_000 },
  'one-way': { begin: oneWay, lasts: 8000 },
  'one-way-for-good': { begin: oneWayForGood, lasts: 1, weight: 0.5 },
  bridge: { begin: bridge, lasts: 8000 },
  ring: { begin: ring, lasts: 8000 },
  isolate: { begin: isolate, lasts: 8000 },
  pair: { begin: pair, lasts: 2000 },
  filter: { begin: filter, lasts: 5000 },
  flap: { begin: flap, lasts: 8000 },
  'cut-6s': { begin: cutFor(6000), lasts: 6000, exact: true },
  'cut-60s': { begin: cutFor(60_000), lasts: 60_000, exact: true, weight: 0.4 },
} as const satisfies Readonly<Record<string, Kind>>;
