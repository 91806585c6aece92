/** The workloads there are, and those of a plan put together. */

import type { WorkloadKind } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { blindWriters } from './blind.ts';
import { cartEdits } from './cart-edits.ts';
import type { Clients } from './clients.ts';
import { deleters } from './deleters.ts';
import { interleavedWriters } from './interleaved.ts';
import { registers } from './registers.ts';
import { readers } from './sessions.ts';
import { sets } from './sets.ts';
import type { Workload } from './workload.ts';

type Make = (world: World, clients: Clients, meanMs: number) => Workload;

const kinds = {
  registers: { make: registers, share: 4 },
  carts: { make: cartEdits, share: 2 },
  blind: { make: blindWriters, share: 0.5 },
  interleaved: { make: interleavedWriters, share: 1.5 },
  deleters: { make: deleters, share: 1 },
  sessions: { make: readers, share: 1 },
  sets: { make: sets, share: 1 },
} as const satisfies Readonly<Record<WorkloadKind, { readonly make: Make; readonly share: number }>>;

/** Together they do something as often as the plan says. */
export function compose(world: World, clients: Clients): ReadonlyMap<WorkloadKind, Workload> {
  const { workloads, operationEvery } = world.plan;
  const shares = workloads.reduce((sum, kind) => sum + kinds[kind].share, 0);
  return new Map(
    workloads.map((kind) => {
      const { make, share } = kinds[kind];
      return [kind, make(world, clients, (operationEvery * shares) / share)];
    }),
  );
}
