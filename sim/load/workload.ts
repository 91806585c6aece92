/**
 * What clients do with a store, as set-up, start, stop and check; a run composes several. Invariants: each
 * has keys of its own; a client passes only contexts that some get or receipt gave for that key, with what
 * it truly saw.
 */
import type { Siblings } from '../../src/core/version/siblings.ts';
import type { Clients } from './clients.ts';
import type { ClientSession } from './session.ts';
import type { SetCounts } from './set-counts.ts';

export interface Workload {
  readonly keys: readonly string[];
  /** Once the ring stands, before the faults begin. */
  setup?(): void;
  start(): void;
  /** What is under way may still end. */
  stop(): void;
  /** At rest: what a read of N gives of one of its keys. */
  check?(key: string, state: Siblings, where: string): void;
  /** As a set test: what became of the items, once all was checked. */
  counts?(): SetCounts;
}

/** The start and stop of a workload that does something every so many ms. */
export function paced(
  clients: Clients,
  name: string,
  meanMs: number,
  operate: (session: ClientSession) => void,
): Pick<Workload, 'start' | 'stop'> {
  let stop = (): void => undefined;
  return {
    start: () => {
      stop = clients.every(name, meanMs, operate);
    },
    stop: () => stop(),
  };
}

/** `key` → key0, key1 … */
export const keysOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);
