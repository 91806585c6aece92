/**
 * What a node keeps on disk, and how it asks for it: entries, values, epochs, the history. All plain data; a
 * change of these shapes is a new version of the database (docs/decisions/versions-of-formats.md).
 */
import type { Dot, NodeId } from './ids.ts';
import type { MembershipHistory } from './ring/history.ts';
import type { VersionMetadata } from './version/siblings.ts';

/**
 * What a node stores of a key besides the values. A node holds ONE state of a key, so that whatever
 * it mints descends from all it knows ([VER-3]). While the key is here only on behalf of absent
 * owners it is a hint and names them ([HINT-1]); else `hintFor` is empty.
 */
export interface Entry {
  /** Empty if there is nothing left of the key but its reap record. */
  readonly versions: readonly VersionMetadata[];
  /** The absent owners that this copy is kept for. */
  readonly hintFor: readonly NodeId[];
  readonly reapRecord?: ReapRecord;
}

/** What was reaped of a key ([DEL-3]). */
export interface ReapRecord {
  /** The state before: what it has seen, and is not held any more, is obsolete everywhere. */
  readonly versions: readonly VersionMetadata[];
  /** Who agreed on it: with other primaries it counts for nothing. */
  readonly primaries: readonly NodeId[];
  /** The node's uptime, in ms over all its runs, when it was made. */
  readonly at: number;
}

export type Write =
  | {
      readonly kind: 'key';
      readonly key: string;
      /** The new entry; undefined removes the key and all its values. */
      readonly entry: Entry | undefined;
      /** Values that are new. */
      readonly values: readonly (readonly [Dot, Uint8Array])[];
      /** Dots whose values go. */
      readonly drop: readonly Dot[];
    }
  | { readonly kind: 'epoch'; readonly epoch: number }
  /** Every minute: how long the node has run in all, and the wall time of it. */
  | { readonly kind: 'alive'; readonly alive: Alive }
  | { readonly kind: 'history'; readonly history: MembershipHistory };

export interface WriteBatch {
  readonly id: number;
  readonly writes: readonly Write[];
  /** Whether the commit must reach the disk itself, or may rest in the system's buffers. */
  readonly strict: boolean;
}

export interface Read {
  readonly id: number;
  readonly key: string;
  readonly dots: readonly Dot[];
  /** Whether the key's entry is asked for as well. */
  readonly withEntry: boolean;
}

/** What storage has of what was asked for; undefined for what is not there. */
export interface Found {
  /** Undefined, too, if it was not asked for. */
  readonly entry: Entry | undefined;
  readonly values: readonly (Uint8Array | undefined)[];
}

export interface Alive {
  /** Milliseconds that the node has run, over all its runs. */
  readonly uptime: number;
  /** Wall time in ms, by which it was last seen to run. For an alarm, never for order. */
  readonly at: number;
}

/** What storage held when it was opened; the epoch in it is already the new one, committed. */
export interface Opened {
  readonly storeId: string;
  readonly epoch: number;
  readonly history: MembershipHistory;
  /** Undefined if it has never run for a minute. */
  readonly alive?: Alive;
  readonly entries: readonly (readonly [key: string, entry: Entry])[];
}
