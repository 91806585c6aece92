/**
 * Which of the room's nodes this tab is ([ID-1]). A node is a database `tabring/room/node` and the exclusive lock of the
 * same name: a Web Lock, or what stands in for one where the page came by plain http ([ID-3]). Invariant: while a tab holds a node, no other tab can, so two tabs
 * never write one database, not even when one is a duplicate of the other. A node with a history comes first: it needs
 * nobody to open, and has the data. One that never joined has nothing, and its database goes as soon as it is found.
 */
import { StorageError } from '../api/errors.ts';
import type { NodeId } from '../core/ids.ts';
import { randomId } from '../runtime/random-id.ts';
import { type Contents, contentsOf, removeDatabase } from './storage-contents.ts';
import { DatabaseLocks } from './storage-locks.ts';

export interface ClaimedNode {
  readonly node: NodeId;
  /** Name of the node's database. */
  readonly database: string;
  /** Whether the node is new, with no database yet. */
  readonly fresh: boolean;
  /** Failure domain: this browser profile. */
  readonly zone: string;
  /** Tells tab and profile again what they knew of the node, where site data was deleted. */
  remember(): void;
  /** Lets other tabs have the node. The browser does so when the tab ends. */
  release(): void;
  /** Resolves if another tab has the node, though it was not let go ([ID-3]). */
  readonly lost: Promise<void>;
}

/** What of a browser's locks is used. `granted` gets null for a lock that is not to be had; rejects for one that is lost. */
interface TabLocks {
  request(
    name: string,
    options: LockOptions,
    granted: (lock: Lock | null) => Promise<void> | undefined,
  ): Promise<unknown>;
  query(): Promise<LockManagerSnapshot>;
}

/** What of the browser is used; a storage that is not to be had throws, or is not there. */
export interface IdentityEdges {
  readonly locks: TabLocks;
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

const standIn = new DatabaseLocks();

export const browserEdges = {
  get locks(): TabLocks {
    return hasWebLocks() ? navigator.locks : standIn;
  },
  databaseNames: async () => (await indexedDB.databases()).flatMap(({ name }) => name ?? []),
  contents: contentsOf,
  remove: removeDatabase,
  session: () => sessionStorage,
  local: () => localStorage,
} satisfies IdentityEdges;

/** A browser keeps them from pages that it could not get securely. */
export const hasWebLocks = (): boolean => globalThis.navigator?.locks !== undefined;

/** StorageError if the browser does not answer. */
export async function claimNode(room: string, edges: IdentityEdges = browserEdges): Promise<ClaimedNode> {
  const prefix = `tabring/${room}/`;
  const claimed = await claimFree(prefix, edges);
  const { node } = claimed;
  try {
    remember(edges.session, prefix, node);
    const zone = await zoneOf(node, edges);
    const again = (): void => {
      remember(edges.session, prefix, node);
      if (zone !== node && recall(edges.local, zoneName) === undefined) remember(edges.local, zoneName, zone);
    };
    return { ...claimed, database: prefix + node, zone, remember: again };
  } catch (error) {
    claimed.release();
    throw error;
  }
}

async function claimFree(
  prefix: string,
  edges: IdentityEdges,
): Promise<Omit<ClaimedNode, 'database' | 'zone' | 'remember'>> {
  const free = await freeNodes(prefix, edges);
  const last = recall(edges.session, prefix);
  // What this tab was the page may still hold that is going.
  const order = last === undefined ? free : [last, ...free.filter((node) => node !== last)];
  /** The first that has something, and no history. */
  let spare: Free | undefined;
  try {
    for (const node of order) {
      const patience = node === last ? { signal: AbortSignal.timeout(reloadMs) } : { ifAvailable: true };
      const found = await look(prefix, node, patience, edges);
      if (found?.contents === 'history') return { node, ...found.held, fresh: false };
      if (found?.contents === 'data' && spare === undefined) spare = found;
      else found?.held.release();
    }
    if (spare !== undefined) {
      const { node, held } = spare;
      spare = undefined;
      return { node, ...held, fresh: false };
    }
  } finally {
    spare?.held.release();
  }
  const node = randomId();
  const held = await hold(edges.locks, prefix + node, { ifAvailable: true });
  return { node, ...(held ?? unheld), fresh: true };
}

interface Free {
  readonly node: NodeId;
  readonly contents: Contents;
  readonly held: Hold;
}

/** The node, if it can be had, with what it has. One that has nothing goes, and cannot be had. */
export async function look(
  prefix: string,
  node: NodeId,
  patience: LockOptions,
  edges: IdentityEdges,
): Promise<Free | undefined> {
  const database = prefix + node;
  const held = await hold(edges.locks, database, patience);
  if (held === undefined) return undefined;
  try {
    // Who held it before may have left the ring for good, and taken the database along.
    const contents = (await nodesOf(prefix, edges)).includes(node)
      ? await answered(edges.contents(database), 'what a database has (IndexedDB)')
      : undefined;
    if (contents === 'history' || contents === 'data') return { node, contents, held };
    if (contents === 'nothing')
      void edges
        .remove(database)
        .catch(() => undefined)
        .finally(held.release);
    else held.release();
    return undefined;
  } catch (error) {
    held.release();
    throw error;
  }
}

/**
 * Whether another node of this room can be had that has a history: then a new one need not wait for the introducer, and
 * must not found a ring of its own.
 */
export async function isHistoryFree(room: string, self: NodeId, edges: IdentityEdges = browserEdges): Promise<boolean> {
  const prefix = `tabring/${room}/`;
  for (const node of await freeNodes(prefix, edges)) {
    if (node === self) continue;
    const found = await look(prefix, node, { ifAvailable: true }, edges);
    found?.held.release();
    if (found?.contents === 'history') return true;
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

/** The nodes of the room of which no tab says that it has them, or waits for them. */
export async function freeNodes(prefix: string, edges: IdentityEdges): Promise<NodeId[]> {
  const nodes = await nodesOf(prefix, edges);
  if (nodes.length === 0) return [];
  const { held = [], pending = [] } = await answered(edges.locks.query(), whoseAreTheNodes);
  const taken = new Set([...held, ...pending].map(({ name }) => name));
  return nodes.filter((node) => !taken.has(prefix + node));
}

async function nodesOf(prefix: string, edges: IdentityEdges): Promise<NodeId[]> {
  const names = await answered(
    edges.databaseNames().catch(() => []),
    'which databases this page has (IndexedDB)',
  );
  const nodes = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return nodes.filter((node) => nodePattern.test(node)).sort();
}

export type Hold = Pick<ClaimedNode, 'release' | 'lost'>;

/** Where the browser refuses a lock of which nobody else can know. */
const unheld: Hold = { release: () => undefined, lost: new Promise(() => undefined) };

/** Resolves once the lock is held; with undefined if it is not to be had. */
export function hold(locks: TabLocks, name: string, options: LockOptions): Promise<Hold | undefined> {
  let late = false;
  let lose = (): void => undefined;
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const held = new Promise<Hold | undefined>((resolve) => {
    const whileHeld = (lock: Lock | null): Promise<void> | undefined => {
      if (lock !== null && !late) return new Promise((release) => resolve({ release: () => release(), lost }));
      resolve(undefined);
      return undefined;
    };
    locks.request(name, options, whileHeld).catch(() => {
      resolve(undefined);
      lose();
    });
  });
  return answered(held, whoseAreTheNodes).catch((error: unknown) => {
    late = true;
    throw error;
  });
}

const whoseAreTheNodes = 'which of this tab’s nodes are free (its locks)';

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
  const held = await hold(edges.locks, zoneName, { signal: AbortSignal.timeout(reloadMs) });
  const known = recall(edges.local, zoneName);
  const zone = known ?? randomId();
  const isKept = known !== undefined || remember(edges.local, zoneName, zone);
  held?.release();
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
