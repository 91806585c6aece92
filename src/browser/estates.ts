/**
 * What closed tabs of this profile left in a room, for an heir ([ID-2]): databases of which no tab holds the lock.
 * Invariant: of all tabs of a profile one at a time hands over one node; the browser lets both go when that tab ends.
 */
import type { NodeId } from '../core/ids.ts';
import { browserEdges, type ClaimedNode, hold, type IdentityEdges, look, nodesOf } from './identity.ts';

type EstateEdges = IdentityEdges & { readonly locks: Pick<LockManager, 'request' | 'query'> | undefined };

/** The nodes of the room that no tab has; none where there are no locks, by which to know. */
export async function abandoned(room: string, edges: EstateEdges = browserEdges): Promise<readonly NodeId[]> {
  const { locks } = edges;
  if (locks === undefined) return [];
  const prefix = `tabring/${room}/`;
  const { held = [], pending = [] } = await locks.query();
  const taken = new Set([...held, ...pending].map(({ name }) => name));
  return (await nodesOf(prefix, edges)).filter((node) => !taken.has(prefix + node));
}

/** Undefined if it has been taken meanwhile, has nothing to hand over, or another tab is at one. */
export async function inherit(
  room: string,
  node: NodeId,
  edges: EstateEdges = browserEdges,
): Promise<Pick<ClaimedNode, 'database' | 'release'> | undefined> {
  const { locks } = edges;
  if (locks === undefined) return undefined;
  const prefix = `tabring/${room}/`;
  const endTurn = await hold(locks, `${prefix}heir`, { ifAvailable: true });
  if (endTurn === undefined) return undefined;
  try {
    const free = await look(locks, prefix, node, { ifAvailable: true }, edges);
    if (free?.contents === 'history') {
      const release = (): void => {
        free.release();
        endTurn();
      };
      return { database: prefix + node, release };
    }
    free?.release();
    endTurn();
    return undefined;
  } catch (error) {
    endTurn();
    throw error;
  }
}
