/** `tabring`, the public API: everything that an application imports. */
export type {
  Codec,
  Context,
  KeyOutcome,
  Latency,
  NodeId,
  NodeView,
  Placement,
  PutEntry,
  Receipt,
  ReplicaState,
  RequestOptions,
  RingConfig,
  Store,
  StoreEvents,
  StoreOptions,
  Versions,
  WaitsFor,
} from './api/api.ts';
export { json } from './api/codec.ts';
export {
  ClosedError,
  ContextError,
  DecodeError,
  KeyError,
  MemberError,
  OverloadedError,
  QuorumError,
  SiblingsTooLargeError,
  SignalingError,
  StorageError,
  UnknownOutcomeError,
  ValueTooLargeError,
} from './api/errors.ts';
export type { ClockPort, Ports, StoragePort, TransportHandlers, TransportPort } from './api/ports.ts';
export { StorageFailure } from './api/ports.ts';
export type { AddWinsMap } from './reconcile/add-wins-map.ts';
export * as addWinsMap from './reconcile/add-wins-map.ts';
export * as lastWriteWins from './reconcile/last-write-wins.ts';
export * as union from './reconcile/union.ts';
export { timerClock } from './runtime/timer-clock.ts';
export { openStore } from './store/open-store.ts';
