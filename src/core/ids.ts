/**
 * The names things go by. All are plain data, so that they travel and are stored as they are.
 */

/** A member of the ring: one browser tab's store, 12 characters of `a-z2-7`. It survives restarts. */
export type NodeId = string;

/** Whether actors can be named after it: a store id has the form of a node id. */
export const isStoreId = (id: string): boolean => /^[a-z2-7]{12}$/.test(id);

/**
 * Who mints dots: store id, run and epoch. A node takes a new epoch whenever it may have forgotten what it
 * minted ([VER-3]), so an actor never has a gap in its memory. A run is one opening of the storage: its name
 * is random and not stored, so that an older copy of a profile, put back, is not an actor that was before.
 */
export type Actor = string;

/** One write: the actor, and the count of that actor's writes over all keys, from 1 ([VER-1]). */
export type Dot = readonly [actor: Actor, seq: number];

/** Names one client write for ever, so that a retried forward is known again ([PUT-1]). */
export type OpId = string;

export const opIdOf = (actor: Actor, request: number): OpId => `${actor}/${request}`;

/** Whether the client of the node that minted the dot has written it. */
export const isOwn = ([actor]: Dot, op: OpId): boolean => op.startsWith(`${actor}/`);

/** One of the Q equal arcs of the ring, 0 … Q-1 ([RING-1]). */
export type Partition = number;

export const dotName = (dot: Dot): string => `${dot[0]}:${dot[1]}`;

export const actorOf = (storeId: string, run: string, epoch: number): Actor => `${storeId}${run}.${epoch}`;
