/** Keys that all tabs read, write and delete, mostly with what they last saw of them. */

import type { TrackedContext } from '../world/operation-log.ts';
import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import type { ClientSession } from './session.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function registers(world: World, clients: Clients, meanMs: number): Workload {
  const { plan } = world;
  const keys = keysOf('key', plan.keys);
  /** The last contexts given out for each key, to be used by other tabs too: they are plain strings. */
  const shared = new Map<string, TrackedContext>();

  function put(session: ClientSession, key: string, token: TrackedContext | undefined): void {
    const w = world.random.chance(0.2) ? world.random.int(1, plan.node.replication.n) : 0;
    const filler = world.random.chance(0.1) ? '.'.repeat(world.random.int(1, 3000)) : '';
    const value = (index: number): string => `${key}=${index}${filler}`;
    session.put(key, value, token === undefined ? { w } : { w, token });
  }

  function write(session: ClientSession, key: string, token: TrackedContext | undefined): void {
    if (token !== undefined) shared.set(key, token);
    if (!world.random.chance(0.2)) put(session, key, token);
    else session.delete(key, token === undefined ? {} : { token });
  }

  function operate(session: ClientSession): void {
    const { random } = world;
    const key = random.pick(keys);
    if (key === undefined) return;
    if (random.chance(0.35)) session.get(key, random.int(0, plan.node.replication.n));
    else if (random.chance(plan.blind)) put(session, key, undefined);
    else if (random.chance(0.4)) session.get(key, 0, (_, token) => write(session, key, token));
    else write(session, key, random.chance(0.15) ? shared.get(key) : session.tokens.get(key));
  }

  return { keys, ...paced(clients, 'registers', meanMs, operate) };
}
