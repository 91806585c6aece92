/**
 * A store's host in a page: the browser's edges for all ports that are not given. The one module
 * through which the store reaches the browser. It is loaded with the store, and does nothing until it is called: a part
 * that were loaded later could not be had any more once the server is away ([HOST-1]).
 */
import type { StoreOptions } from '../api/api.ts';
import { type Estates, type NodeClaim, randomSeed, type StoreHost } from '../runtime/host.ts';
import type { Bucket } from '../runtime/quota.ts';
import { WorkerClock } from './clock.ts';
import { abandoned, inherit } from './estates.ts';
import { claimNode, hasWebLocks, historyFreed, isHistoryFree } from './identity.ts';
import { IdbStorage } from './storage.ts';
import { createWebRtcTransport } from './webrtc.ts';

/** TypeError where the browser lacks what is needed. */
export async function browserHost(options: StoreOptions<unknown>): Promise<StoreHost> {
  const { room, ports: given = {} } = options;
  const transport = given.transport ?? createWebRtcTransport(options);
  const edges = { clock: given.clock ?? new WorkerClock(), random: given.random ?? randomSeed };
  if (given.storage !== undefined) {
    // It says itself who the node is.
    const ports = { ...edges, transport, storage: given.storage };
    return { ports, node: undefined, fresh: false, zone: '', ...none, release: () => undefined, onHidden };
  }
  const { node, database, fresh, zone, remember, release, lost } = await claimNode(room);
  const histories = {
    isFree: () => isHistoryFree(room, node),
    freed: (signal: AbortSignal) => historyFreed(room, node, signal),
  };
  const ports = { ...edges, transport, storage: new IdbStorage(database) };
  // The heir of a node needs links of its own: who gave one transport has no other.
  const estates = given.transport === undefined ? estatesOf(options) : undefined;
  const claim = claimOf(lost);
  return { ports, node, fresh, zone, histories, estates, claim, bucket: bucket(), remember, release, onHidden };
}

const none = {
  histories: undefined,
  estates: undefined,
  claim: undefined,
  bucket: undefined,
  remember: () => undefined,
};

const withoutWebLocks =
  'This page came by plain http, for which browsers have no Web Locks. What stands in for them keeps each node with its ' +
  'tab; but anybody in this network can read and change the page. Serve it by https: Tabring’s own server does so with ' +
  '"npm start -- --https".';

function claimOf(lost: Promise<void>): NodeClaim {
  return { alarms: hasWebLocks() ? {} : { 'no-web-locks': withoutWebLocks }, lost };
}

/** Missing where the page is not served securely. */
const bucket = (): Bucket | undefined => globalThis.navigator?.storage;

function estatesOf(options: StoreOptions<unknown>): Estates {
  const { room } = options;
  return {
    free: () => abandoned(room),
    inherit: async (node) => {
      const inherited = await inherit(room, node);
      if (inherited === undefined) return undefined;
      const { database, release, lost } = inherited;
      const ports = {
        transport: createWebRtcTransport(options),
        storage: new IdbStorage(database),
        clock: new WorkerClock(),
        random: randomSeed,
      };
      return { ports, node, fresh: false, zone: '', ...none, claim: claimOf(lost), release, onHidden };
    },
  };
}

/** A host without a page, like a worker, is never hidden. */
function onHidden(call: (hidden: boolean) => void): () => void {
  if (typeof document === 'undefined') return () => undefined;
  const tell = (): void => call(document.hidden);
  if (document.hidden) tell();
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
}
