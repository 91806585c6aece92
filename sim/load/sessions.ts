/**
 * Tabs that read back at once what they wrote, from as few nodes as they may, read again, and write on from
 * that ([GET-4]). What they must see is judged with every read, in checkers/reads.ts.
 */

import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function readers(world: World, clients: Clients, meanMs: number): Workload {
  const keys = keysOf('own', 3);
  return {
    keys,
    ...paced(clients, 'sessions', meanMs, (session) => {
      const key = world.random.pick(keys);
      if (key === undefined || session.busy.has(key)) return;
      session.busy.add(key);
      const value = (index: number): string => `${key}=${index}`;
      const token = session.tokens.get(key);
      session.put(key, value, token === undefined ? {} : { token }, () =>
        session.get(key, 1, () =>
          session.get(key, 1, (_, seen) => session.put(key, value, { token: seen }, () => session.busy.delete(key))),
        ),
      );
    }),
  };
}
