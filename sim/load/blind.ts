/** Writers that never read: every put is a sibling, until somebody reads them all and merges ([VER-6]). */

import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function blindWriters(world: World, clients: Clients, meanMs: number): Workload {
  const keys = keysOf('blind', 2);
  return {
    keys,
    ...paced(clients, 'blind writers', meanMs, (session) => {
      const key = world.random.pick(keys);
      if (key === undefined) return;
      const value = (index: number): string => `${key}=${index}`;
      if (world.random.chance(0.8)) session.put(key, value, {});
      else session.get(key, 0, (_, token) => session.put(key, value, { token }));
    }),
  };
}
