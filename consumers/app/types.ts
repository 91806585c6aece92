/** An application that uses every entry for programs, to see its types. */
import { type AddWinsMap, addWinsMap, json, openStore, QuorumError, type Store, type StoreOptions } from 'tabring';
import { makePlan, type Outcome, type Plan, simulate, type Violation } from 'tabring/sim';
import { MemoryDisk, MemoryHub, MemoryStorage } from 'tabring/testing';

const options: StoreOptions<AddWinsMap> = {
  room: 'kitchen',
  signaling: 'ws://127.0.0.1:7420',
  codec: json<AddWinsMap>(),
  ports: { transport: new MemoryHub().transport(), storage: new MemoryStorage(new MemoryDisk()) },
};

export async function shop(): Promise<readonly string[]> {
  const store: Store<AddWinsMap> & AsyncDisposable = await openStore(options);
  store.addEventListener('change', ({ detail }) => console.log(detail.key.length));
  const { acks } = await store.put('cart', addWinsMap.emptyMap()).catch((error: unknown) => {
    throw error instanceof QuorumError ? new Error('under quorum') : error;
  });
  // @ts-expect-error: a number is no cart.
  await store.put('cart', 1);
  await store[Symbol.asyncDispose]();
  return acks;
}

export function violationsOf(seed: number): readonly Violation[] {
  const plan: Plan = makePlan(seed, 6, 5000);
  const outcome: Outcome = simulate(plan, (line) => console.log(line));
  return outcome.violations;
}
