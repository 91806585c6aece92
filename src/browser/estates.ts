/**
 * What closed tabs of this profile left in a room, for an heir ([ID-2]): databases of which no tab holds the lock.
 * Invariant: of all tabs of a profile one at a time hands over one node; the browser lets both go when that tab ends.
 */
import type { NodeId } from '../core/ids.ts';
import { browserEdges, type ClaimedNode, freeNodes, hold, type IdentityEdges, look } from './identity.ts';

/** The nodes of the room that no tab has. One that stands still may have one of them all the same: see `inherit`. */
export const abandoned = (room: string, edges: IdentityEdges = browserEdges): Promise<readonly NodeId[]> =>
  freeNodes(`tabring/${room}/`, edges);

/** Undefined if another tab has it, it has nothing to hand over, or another tab is at one. */
export async function inherit(
  room: string,
  node: NodeId,
  edges: IdentityEdges = browserEdges,
): Promise<Pick<ClaimedNode, 'database' | 'release' | 'lost'> | undefined> {
  const prefix = `tabring/${room}/`;
  const turn = await hold(edges.locks, `${prefix}heir`, { ifAvailable: true });
  if (turn === undefined) return undefined;
  try {
    const found = await look(prefix, node, { ifAvailable: true }, edges);
    if (found?.contents === 'history') {
      const { lost } = found.held;
      const release = (): void => {
        found.held.release();
        turn.release();
      };
      return { database: prefix + node, release, lost };
    }
    found?.held.release();
    turn.release();
    return undefined;
  } catch (error) {
    turn.release();
    throw error;
  }
}
