/**
 * Which of the room's nodes this tab is ([ID-1]). A node is a database `tabring/room/node` and the
 * exclusive Web Lock of the same name. Invariant: while a tab holds a node, no other tab can, so two tabs
 * never write one database, not even when one is a duplicate of the other.
 */
import { StorageError } from '../api/errors.ts';
import type { NodeId } from '../core/ids.ts';
import { randomId } from '../runtime/random-id.ts';

export interface ClaimedNode {
  readonly node: NodeId;
  /** Name of the node's database. */
  readonly database: string;
  /** Whether the node is new, with no database yet. */
  readonly fresh: boolean;
  /** Failure domain: this browser profile. */
  readonly zone: string;
  /** Lets other tabs have the node. The browser does so when the tab ends. */
  release(): void;
}

/** What of the browser is used; a storage that is not to be had throws, or is not there. */
export interface IdentityEdges {
  readonly locks: Pick<LockManager, 'request'> | undefined;
  databaseNames(): Promise<readonly string[]>;
  /** Of this tab; copied when the tab is duplicated. */
  session(): Pick<Storage, 'getItem' | 'setItem'>;
  /** Of this profile. */
  local(): Pick<Storage, 'getItem' | 'setItem'>;
}

/** A reloaded page finds its own node still held by the page that is going; a lock passes on in some 20 ms. */
const reloadMs = 700;

/** A browser that has not said by then whether a lock is free, or which databases there are, never will. */
const answerMs = 10_000;

const zoneName = 'tabring/zone';
const nodePattern = /^[a-z2-7]{12}$/;

export const browserEdges: IdentityEdges = {
  // Missing where the page is not served securely.
  get locks() {
    return globalThis.navigator?.locks;
  },
  databaseNames: async () => (await indexedDB.databases()).flatMap(({ name }) => name ?? []),
  session: () => sessionStorage,
  local: () => localStorage,
};

/** StorageError if the browser does not answer. */
export async function claimNode(room: string, edges: IdentityEdges = browserEdges): Promise<ClaimedNode> {
  const prefix = `tabring/${room}/`;
  const { node, release, fresh } = await claimFree(prefix, edges);
  try {
    remember(edges.session, prefix, node);
    return { node, database: prefix + node, fresh, release, zone: await zoneOf(node, edges) };
  } catch (error) {
    release();
    throw error;
  }
}

async function claimFree(
  prefix: string,
  edges: IdentityEdges,
): Promise<Pick<ClaimedNode, 'node' | 'release' | 'fresh'>> {
  const { locks } = edges;
  // Without locks nothing keeps two tabs from one database: then a node lives as long as its tab.
  if (locks === undefined) return { node: randomId(), release: () => undefined, fresh: true };

  const existing = await nodesOf(prefix, edges);
  const last = recall(edges.session, prefix);
  const order = existing.toSorted((a, b) => Number(b === last) - Number(a === last));
  for (const node of order) {
    const patience = node === last ? { signal: AbortSignal.timeout(reloadMs) } : { ifAvailable: true };
    const release = await hold(locks, prefix + node, patience);
    if (release === undefined) continue;
    // Who held it before may have left the ring for good, and taken the database along.
    if ((await nodesOf(prefix, edges)).includes(node)) return { node, release, fresh: false };
    release();
  }
  const node = randomId();
  const release = await hold(locks, prefix + node, { ifAvailable: true });
  return { node, release: release ?? (() => undefined), fresh: true };
}

async function nodesOf(prefix: string, edges: IdentityEdges): Promise<NodeId[]> {
  const names = await answered(
    edges.databaseNames().catch(() => []),
    'which databases this page has (IndexedDB)',
  );
  const nodes = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return nodes.filter((node) => nodePattern.test(node)).sort();
}

/** Resolves with what lets the lock go, once it is held; with undefined if it is not to be had. */
function hold(
  locks: Pick<LockManager, 'request'>,
  name: string,
  options: LockOptions,
): Promise<(() => void) | undefined> {
  let late = false;
  const held = new Promise<(() => void) | undefined>((resolve) => {
    const whileHeld = (lock: Lock | null): Promise<void> | undefined => {
      if (lock !== null && !late) return new Promise<void>((release) => resolve(() => release()));
      resolve(undefined);
      return undefined;
    };
    locks.request(name, options, whileHeld).catch(() => resolve(undefined));
  });
  return answered(held, 'which of this tab’s nodes are free (Web Locks)').catch((error: unknown) => {
    late = true;
    throw error;
  });
}

/** The browser's answer, or a StorageError if there is none: to go on as if it had said no would hide the data. */
function answered<T>(answer: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const seconds = answerMs / 1000;
    const message = `the browser has not said within ${seconds} s ${what}: restart the browser, then open this page again`;
    const timer = setTimeout(() => reject(new StorageError(message)), answerMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** One tab at a time looks and decides, so that tabs opened at once agree. */
async function zoneOf(node: NodeId, edges: IdentityEdges): Promise<string> {
  const release = edges.locks && (await hold(edges.locks, zoneName, { signal: AbortSignal.timeout(reloadMs) }));
  const known = recall(edges.local, zoneName);
  const zone = known ?? randomId();
  const isKept = known !== undefined || remember(edges.local, zoneName, zone);
  release?.();
  return isKept ? zone : node;
}

/** Undefined for what is missing, unreadable or no id. */
function recall(storage: IdentityEdges['local'], name: string): string | undefined {
  try {
    const id = storage().getItem(name);
    return id !== null && nodePattern.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function remember(storage: IdentityEdges['local'], name: string, id: string): boolean {
  try {
    storage().setItem(name, id);
    return true;
  } catch {
    return false;
  }
}
