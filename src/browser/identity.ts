/**
 * Which of the room's nodes this tab is ([ID-1]). A node is a database `tabring/room/node` and the
 * exclusive Web Lock of the same name. Invariant: while a tab holds a node, no other tab can, so two tabs
 * never write one database, not even when one is a duplicate of the other. A node with a history comes first: it needs
 * nobody to open, and has the data. One that never joined has nothing, and its database goes as soon as it is found.
 */
import { StorageError } from '../api/errors.ts';
import type { NodeId } from '../core/ids.ts';
import { randomId } from '../runtime/random-id.ts';
import { type Contents, contentsOf, removeDatabase } from './storage-contents.ts';

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
  /** Of a database whose lock is held, as is `remove`. */
  contents(database: string): Promise<Contents>;
  remove(database: string): Promise<void>;
  /** Of this tab; copied when the tab is duplicated. */
  session(): Pick<Storage, 'getItem' | 'setItem'>;
  /** Of this profile. */
  local(): Pick<Storage, 'getItem' | 'setItem'>;
}

/** A reloaded page finds its own node still held by the page that is going; a lock passes on in some 20 ms. */
const reloadMs = 700;
/** How often a tab that waits for the introducer looks whether another one has closed. */
const pollMs = 1000;

/** A browser that has not said by then whether a lock is free, or which databases there are, never will. */
const answerMs = 10_000;

const zoneName = 'tabring/zone';
const nodePattern = /^[a-z2-7]{12}$/;

export const browserEdges = {
  // Missing where the page is not served securely.
  get locks(): LockManager | undefined {
    return globalThis.navigator?.locks;
  },
  databaseNames: async () => (await indexedDB.databases()).flatMap(({ name }) => name ?? []),
  contents: contentsOf,
  remove: removeDatabase,
  session: () => sessionStorage,
  local: () => localStorage,
} satisfies IdentityEdges;

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
  /** The first that has something, and no history. */
  let spare: Free | undefined;
  try {
    for (const node of order) {
      const patience = node === last ? { signal: AbortSignal.timeout(reloadMs) } : { ifAvailable: true };
      const free = await look(locks, prefix, node, patience, edges);
      if (free?.contents === 'history') return { ...free, fresh: false };
      if (free?.contents === 'data' && spare === undefined) spare = free;
      else free?.release();
    }
    if (spare !== undefined) {
      const { node, release } = spare;
      spare = undefined;
      return { node, release, fresh: false };
    }
  } finally {
    spare?.release();
  }
  const node = randomId();
  const release = await hold(locks, prefix + node, { ifAvailable: true });
  return { node, release: release ?? (() => undefined), fresh: true };
}

interface Free {
  readonly node: NodeId;
  readonly contents: Contents;
  release(): void;
}

/** The node, if it can be had, with what it has. One that has nothing goes, and cannot be had. */
export async function look(
  locks: Pick<LockManager, 'request'>,
  prefix: string,
  node: NodeId,
  patience: LockOptions,
  edges: IdentityEdges,
): Promise<Free | undefined> {
  const database = prefix + node;
  const release = await hold(locks, database, patience);
  if (release === undefined) return undefined;
  try {
    // Who held it before may have left the ring for good, and taken the database along.
    const contents = (await nodesOf(prefix, edges)).includes(node)
      ? await answered(edges.contents(database), 'what a database has (IndexedDB)')
      : undefined;
    if (contents === 'history' || contents === 'data') return { node, contents, release };
    if (contents === 'nothing')
      void edges
        .remove(database)
        .catch(() => undefined)
        .finally(release);
    else release();
    return undefined;
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Whether another node of this room can be had that has a history: then a new one need not wait for the introducer, and
 * must not found a ring of its own.
 */
export async function isHistoryFree(room: string, self: NodeId, edges: IdentityEdges = browserEdges): Promise<boolean> {
  const { locks } = edges;
  if (locks === undefined) return false;
  const prefix = `tabring/${room}/`;
  for (const node of await nodesOf(prefix, edges)) {
    if (node === self) continue;
    const free = await look(locks, prefix, node, { ifAvailable: true }, edges);
    free?.release();
    if (free?.contents === 'history') return true;
  }
  return false;
}

/** Resolves once one has been free for longer than a page takes to be loaded again; never after the signal. */
export async function historyFreed(
  room: string,
  self: NodeId,
  signal: AbortSignal,
  edges: IdentityEdges = browserEdges,
): Promise<void> {
  for (let times = 0; times < 2; ) {
    await pause(pollMs, signal);
    if (!signal.aborted) times = (await isHistoryFree(room, self, edges)) ? times + 1 : 0;
    if (signal.aborted) return new Promise(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

export async function nodesOf(prefix: string, edges: IdentityEdges): Promise<NodeId[]> {
  const names = await answered(
    edges.databaseNames().catch(() => []),
    'which databases this page has (IndexedDB)',
  );
  const nodes = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return nodes.filter((node) => nodePattern.test(node)).sort();
}

/** Resolves with what lets the lock go, once it is held; with undefined if it is not to be had. */
export function hold(
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
