/** The public API: everything that a user of Tabring may import. */
export type {
  Codec,
  Context,
  Latency,
  NodeId,
  NodeView,
  Placement,
  Receipt,
  ReplicaState,
  RequestOptions,
  RingConfig,
  Store,
  StoreEvents,
  StoreOptions,
  Versions,
} from './api.ts';
export { json } from './codec.ts';
export {
  ClosedError,
  ContextError,
  KeyError,
  OverloadedError,
  QuorumError,
  StorageError,
  ValueTooLargeError,
} from './errors.ts';
export type { AddWinsMap } from './reconcile/add-wins-map.ts';
export * as addWinsMap from './reconcile/add-wins-map.ts';
export * as lastWriteWins from './reconcile/last-write-wins.ts';
export * as union from './reconcile/union.ts';
export { MemoryDisk, MemoryStorage } from './runtime/memory-storage.ts';
export { MemoryHub } from './runtime/memory-transport.ts';
export type { Clock, Ports, Storage, Transport, TransportHandlers } from './runtime/ports.ts';
export { StorageFailure } from './runtime/ports.ts';
export { timerClock } from './runtime/timer-clock.ts';
export { openStore } from './store.ts';
