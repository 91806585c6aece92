/** Keys that are deleted and made again, over and over, by tabs with old and new contexts ([DEL-1]). */

import type { TrackedContext } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function deleters(world: World, clients: Clients, meanMs: number): Workload {
  const keys = keysOf('deleted', 3);
  const old = new Map<string, TrackedContext>();
  return {
    keys,
    ...paced(clients, 'deleters', meanMs, (session) => {
      const { random } = world;
      const key = random.pick(keys);
      if (key === undefined) return;
      const value = (index: number): string => `${key}=${index}`;
      const ancient = old.get(key);
      if (ancient !== undefined && random.chance(0.1)) session.put(key, value, { token: ancient });
      else {
        session.get(key, 0, (_, token) => {
          if (random.chance(0.1) || ancient === undefined) old.set(key, token);
          if (random.chance(0.5)) session.delete(key, { token });
          else session.put(key, value, { token });
        });
      }
    }),
  };
}
