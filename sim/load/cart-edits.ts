/** Carts that all tabs edit at once, and what must be in them at rest. */
import type { Siblings } from '../../src/core/version/siblings.ts';
import type { World } from '../world/world.ts';
import { CartSets } from './cart-sets.ts';
import { Carts, mergeCarts } from './carts.ts';
import type { Clients } from './clients.ts';
import { keysOf, paced, type Workload } from './workload.ts';

export function cartEdits(world: World, clients: Clients, meanMs: number): Workload {
  const { plan } = world;
  const keys = keysOf('cart', plan.carts);
  const carts = new Carts(world);
  const checker = new CartSets(world, carts);
  return {
    keys,
    ...paced(clients, 'cart', meanMs, (session) => {
      const key = world.random.pick(keys);
      if (key === undefined) return;
      if (world.random.chance(0.2)) session.get(key, world.random.int(0, plan.node.replication.n));
      else carts.edit(session, key);
    }),
    check: (key, state, where) => checker.judge(key, mergeCarts(valuesOf(state)), where),
    counts: () => checker.counts,
  };
}

const valuesOf = (state: Siblings): Uint8Array[] => state.filter(({ deleted }) => !deleted).map(({ value }) => value);
