/** Faults of what travels on links: lost, repeated, late, in another order, too much ([NET-1]). */
import type { World } from '../world/world.ts';
import type { Fault, Kind } from './kind.ts';

const loss: Fault = (world) => {
  world.network.loss = world.random.fraction() * 0.3;
  return () => {
    world.network.loss = 0;
  };
};

const repetition: Fault = (world) => {
  world.network.duplicate = world.random.fraction() * 0.3;
  return () => {
    world.network.duplicate = 0;
  };
};

/** Each message has a delay of its own, so what goes by another link overtakes. */
const jitter: Fault = (world) => {
  world.network.jitter = world.random.int(50, 600);
  return () => {
    world.network.jitter = 0;
  };
};

function someDirections(world: World, probability: number) {
  return world.hosts.flatMap(({ id }) =>
    world.hosts.flatMap((to) => (to.id !== id && world.random.chance(probability) ? [[id, to.id] as const] : [])),
  );
}

const slowLink: Fault = (world) => {
  const slow = someDirections(world, 0.3);
  for (const [from, to] of slow) world.network.slow(from, to, world.random.around(600));
  return () => {
    for (const [from, to] of slow) world.network.slow(from, to, 0);
  };
};

/** From 0.2 to 20 kB/s. As little as a lane holds here, it overflows as a real one does with real values. */
const bandwidth: Fault = (world) => {
  const narrow = someDirections(world, 0.4);
  const bytesPerMs = world.random.pick([0.2, 1, 5, 20]) ?? 1;
  const laneBytes = world.random.pick([4000, 30_000, undefined]);
  for (const [from, to] of narrow) world.network.limit(from, to, bytesPerMs, laneBytes);
  return () => {
    for (const [from, to] of narrow) world.network.limit(from, to, undefined);
  };
};

export const traffic = {
  loss: { begin: loss, lasts: 5000 },
  repetition: { begin: repetition, lasts: 5000 },
  jitter: { begin: jitter, lasts: 5000 },
  'slow-link': { begin: slowLink, lasts: 5000 },
  bandwidth: { begin: bandwidth, lasts: 8000 },
} as const satisfies Readonly<Record<string, Kind>>;
