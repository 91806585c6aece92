/**
 * What goes into `step` and what comes out, all plain data. A driver (the browser's or the
 * simulator's) performs a Ready and feeds back what happened; the core itself touches nothing.
 *
 * What a driver must do with a Ready:
 * 1. put `writes` on disk as one unit, in the order in which Readies came;
 * 2. send at once every message that has no `after`; hold one with `after` until that write, of this
 *    or an earlier Ready, is complete, and drop it if the write fails. When a write has ended feed
 *    `written` or `write-failed` BEFORE anything else, then let go what waited for it. Messages to
 *    the node itself come back as an input of their own (only ones with `after` are left to you);
 * 3. answer each of `reads`, in any order;
 * 4. hand `replies` to their askers; and call with `wake` at `wakeAt` at the latest.
 */
import type { RingConfig, RingTimes } from './config.ts';
import type { Actor, Dot, NodeId, Partition } from './ids.ts';
import type { Message, PutOutcome, State } from './message.ts';
import type { History } from './ring/history.ts';
import type { Seen } from './version/seen.ts';
import type { Clock } from './version/siblings.ts';
import type { VersionVector } from './version/vector.ts';

/**
 * What a node stores of a key besides the values. A node holds ONE state of a key, so that whatever
 * it mints descends from all it knows ([VER-3]). While the key is here only on behalf of absent
 * owners it is a hint and names them ([HINT-1]); else `owners` is empty.
 */
export interface Entry {
  /** Empty if there is nothing left of the key but its grave. */
  readonly clocks: readonly Clock[];
  readonly owners: readonly NodeId[];
  readonly grave?: Grave;
}

/** What was reaped of a key ([DEL-3]). */
export interface Grave {
  /** The state before: what it has seen, and is not held any more, is obsolete everywhere. */
  readonly clocks: readonly Clock[];
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
  | { readonly kind: 'history'; readonly history: History };

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
  readonly history: History;
  /** Undefined if it has never run for a minute. */
  readonly alive?: Alive;
  readonly entries: readonly (readonly [key: string, entry: Entry])[];
}

export type Request =
  | { readonly kind: 'get'; readonly key: string; readonly r: number; readonly session: Seen }
  | {
      readonly kind: 'put';
      readonly key: string;
      /** Empty for a delete. */
      readonly value: Uint8Array;
      readonly deleted: boolean;
      readonly context: VersionVector;
      /** Dots seen beyond the vector, see Clock. */
      readonly beyond: readonly Dot[];
      /** The node that the context names as fastest, '' for none. */
      readonly fastest: NodeId;
      /** 0 for the ring's W. */
      readonly w: number;
      readonly time: number;
    }
  | { readonly kind: 'inspect'; readonly key: string }
  /** Replies come again and again until `unwatch` with the same id. */
  | { readonly kind: 'watch'; readonly key: string }
  | { readonly kind: 'unwatch'; readonly watch: number }
  /** Enters the ring: founds it if no history is known, else joins or resumes. */
  | {
      readonly kind: 'join';
      /** Wall time in ms: the stamps of a ring that is founded begin with it; for an alarm. */
      readonly time: number;
    }
  | { readonly kind: 'leave' }
  | { readonly kind: 'remove'; readonly node: NodeId }
  | { readonly kind: 'configure'; readonly config: RingConfig };

export interface GetOutcome {
  readonly versions: State;
  /** Join of all contexts and dots of `versions`; if there are none, what was reaped ([DEL-3]). */
  readonly context: VersionVector;
  /** What `versions` have seen beyond it, see Clock. */
  readonly beyond: readonly Dot[];
  /** The nodes that answered, fastest first. */
  readonly replicas: readonly NodeId[];
  readonly quorum: 'met' | 'under';
}

export type Reply =
  | { readonly kind: 'get'; readonly outcome: GetOutcome }
  | { readonly kind: 'put'; readonly outcome: PutOutcome }
  | { readonly kind: 'inspect'; readonly replicas: readonly ReplicaClocks[] }
  | { readonly kind: 'watch'; readonly outcome: GetOutcome }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: 'storage' | 'closed' };

export interface ReplicaClocks {
  readonly node: NodeId;
  readonly role: 'primary' | 'fallback';
  readonly reachable: boolean;
  readonly clocks: readonly Clock[];
}

export type Input =
  /** Storage was opened, or opened again after it was lost: all that is stored is in it. */
  | { readonly type: 'opened'; readonly opened: Opened }
  | { readonly type: 'message'; readonly from: NodeId; readonly message: Message }
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  | { readonly type: 'written'; readonly id: number }
  | { readonly type: 'write-failed'; readonly id: number }
  | { readonly type: 'read'; readonly id: number; readonly found: Found }
  | { readonly type: 'peer-up'; readonly peer: NodeId }
  | { readonly type: 'peer-down'; readonly peer: NodeId }
  /** The page was hidden or shown ([MEM-4]). */
  | { readonly type: 'hidden'; readonly hidden: boolean }
  | { readonly type: 'wake' };

export interface Send {
  readonly to: NodeId;
  readonly message: Message;
  /** The write that must be complete before this leaves. */
  readonly after?: number;
}

/** What happened, for whoever looks on: store events, traces, "sometimes" coverage. */
export type Notice =
  | { readonly kind: 'changed'; readonly key: string }
  | { readonly kind: 'membership' }
  | { readonly kind: 'mark'; readonly name: string };

export interface Ready {
  readonly writes: WriteBatch | undefined;
  readonly reads: readonly Read[];
  readonly sends: readonly Send[];
  readonly replies: readonly { readonly id: number; readonly reply: Reply }[];
  readonly notices: readonly Notice[];
  /** The members to keep links to; undefined if unchanged ([MEM-5]). */
  readonly dial: readonly NodeId[] | undefined;
  /** Absolute time of the next deadline; Infinity if there is none. */
  readonly wakeAt: number;
}

export type MemberStatus = 'up' | 'suspect' | 'unreachable' | 'hidden' | 'left';

/** What this node knows, as plain data; the store adds links, signaling and latencies. */
export interface CoreView {
  readonly self: { readonly id: NodeId; readonly actor: Actor; readonly zone: string; readonly weight: number };
  readonly members: readonly {
    readonly id: NodeId;
    readonly status: MemberStatus;
    readonly zone: string;
    readonly weight: number;
    /** When it was last heard, undefined if never. */
    readonly heardAt: number | undefined;
    readonly rttMs: number | undefined;
  }[];
  readonly ring: {
    readonly partitions: number;
    readonly hash: string;
    readonly history: number;
    /** The owner of each partition, '' for none. */
    readonly owners: readonly NodeId[];
    readonly n: number;
    readonly r: number;
    readonly w: number;
    /** The lamport of the last change of configuration, 0 if there was none ([CFG-1]). */
    readonly version: number;
    readonly times: RingTimes;
  };
  readonly hints: { readonly held: number; readonly bytes: number };
  readonly repair: { readonly rounds: number; readonly sent: number };
  readonly keys: number;
  /** Partitions of which this node holds data without being a primary. */
  readonly extras: readonly Partition[];
  readonly alarms: readonly { readonly code: string; readonly message: string; readonly since: number }[];
}
