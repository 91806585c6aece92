/**
 * A store's host in a page: the browser's edges for all ports that are not given. The one module
 * through which the store reaches the browser. It is loaded with the store, and does nothing until it is called: a part
 * that were loaded later could not be had any more once the server is away ([HOST-1]).
 */
import type { StoreOptions } from '../api/api.ts';
import type { StoragePort } from '../api/ports.ts';
import { randomSeed, type StoreHost } from '../runtime/host.ts';
import { WorkerClock } from './clock.ts';
import { claimNode, historyFreed, isHistoryFree } from './identity.ts';
import { IdbStorage } from './storage.ts';
import { createWebRtcTransport } from './webrtc.ts';

/** TypeError where the browser lacks what is needed. */
export async function browserHost(options: StoreOptions<unknown>): Promise<StoreHost> {
  const { room, signaling, iceServers, ports: given = {} } = options;
  const transport = given.transport ?? createWebRtcTransport({ signaling, room, iceServers });
  const { storage, ...self } = await selfOf(room, given.storage);
  return {
    ports: {
      transport,
      storage,
      clock: given.clock ?? new WorkerClock(),
      random: given.random ?? randomSeed,
    },
    ...self,
    onHidden,
  };
}

/** A storage that is given says itself who the node is. */
async function selfOf(room: string, given: StoragePort | undefined) {
  if (given !== undefined) {
    return { storage: given, node: undefined, fresh: false, zone: '', histories: undefined, release: () => undefined };
  }
  const { node, database, fresh, zone, release } = await claimNode(room);
  const histories = {
    isFree: () => isHistoryFree(room, node),
    freed: (signal: AbortSignal) => historyFreed(room, node, signal),
  };
  return { storage: new IdbStorage(database), node, fresh, zone, histories, release };
}

/** A host without a page, like a worker, is never hidden. */
function onHidden(call: (hidden: boolean) => void): () => void {
  if (typeof document === 'undefined') return () => undefined;
  const tell = (): void => call(document.hidden);
  if (document.hidden) tell();
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
}
