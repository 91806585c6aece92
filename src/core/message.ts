/**
 * Every message between nodes, as one discriminated union. A message is plain data; the wire folder
 * turns it into bytes and back, and lets nothing else through ([NET-3]).
 */
import type { Dot, NodeId, OpId, Partition } from './ids.ts';
import type { RingEvent } from './ring/history.ts';
import type { CausalContext } from './version/context.ts';
import type { Siblings, VersionMetadata } from './version/siblings.ts';

/** Why siblings are sent; for counters and traces: it changes nothing in how they are merged. */
export type StoreReason = 'put' | 'repair' | 'hint' | 'sync';

/**
 * How a put ended. Of errors `quorum` and `unknown` may have been applied, on some replicas or on all; of `storage` nobody holds
 * it, but a later write of the key may carry it.
 */
export type PutOutcome =
  | {
      readonly ok: true;
      /** What the writer has now seen. */
      readonly context: CausalContext;
      /** Distinct nodes whose storage has committed the write ([PUT-3]). */
      readonly acks: readonly NodeId[];
      readonly hinted: readonly Hinted[];
      readonly quorum: 'met' | 'under';
      /** How many primaries have committed it strictly. */
      readonly durable: number;
      /** How many acks meet the quorum. */
      readonly needed: number;
    }
  | { readonly ok: false; readonly error: PutError; readonly acks: readonly NodeId[]; readonly needed: number };

/** `unknown`: somebody was asked who may have minted it, and nobody has said that it is stored. */
export type PutError = 'quorum' | 'storage' | 'siblings' | 'busy' | 'closed' | 'unknown';

export interface Hinted {
  readonly for: NodeId;
  readonly by: NodeId;
}

/**
 * What a message says of a state that is too long for it ([VER-4]): the message has the first piece, and for each
 * further one its receiver asks.
 */
export interface Rest {
  /** The name of the state that it is a piece of: a digest of all its versions. */
  readonly of: string;
  /** How many siblings there are, and the bytes of all their values. */
  readonly count: number;
  readonly bytes: number;
  /** What who holds them all has seen: a put with it replaces them. */
  readonly context: CausalContext;
}

/** One key of a partition, as `listed` has it. */
export interface Listed {
  readonly key: string;
  readonly versions: readonly VersionMetadata[];
  /** The name of the state, in place of versions that are too long for a message. */
  readonly of?: string;
  /** False: on its way to the sender's disk, and perhaps never there. */
  readonly stored: boolean;
}

export type Message =
  // A coordinator and its replicas
  | {
      readonly type: 'store';
      readonly id: number;
      readonly key: string;
      readonly siblings: Siblings;
      readonly rest?: Rest;
      /** The absent owners this copy is for; empty for a plain copy. */
      readonly hintFor: readonly NodeId[];
      readonly reason: StoreReason;
      /** Whether the commit must be strict. */
      readonly strict: boolean;
    }
  /** Sent only when the write is complete. */
  | { readonly type: 'stored'; readonly id: number; readonly strict: boolean }
  | { readonly type: 'refused'; readonly id: number }
  | { readonly type: 'fetch'; readonly id: number; readonly key: string }
  | {
      readonly type: 'fetched';
      readonly id: number;
      readonly siblings: Siblings;
      readonly rest?: Rest;
      /** False while this node may lack what other holders have ([XFER-1]). */
      readonly settled: boolean;
      /** What this covers and the siblings do not hold is obsolete ([DEL-3]). */
      readonly reaped: CausalContext;
    }
  | {
      readonly type: 'forward';
      readonly id: number;
      readonly op: OpId;
      readonly key: string;
      /** Empty for a delete. */
      readonly value: Uint8Array;
      readonly deleted: boolean;
      /** What the writer has seen. */
      readonly context: CausalContext;
      /** 0 for the ring's W. */
      readonly w: number;
      readonly time: number;
      /** Whether another node was asked before, and has not said that it did nothing. */
      readonly retried: boolean;
    }
  /** The forward has come, and its receiver coordinates it: the outcome will follow. */
  | { readonly type: 'accepted'; readonly id: number }
  | { readonly type: 'forwarded'; readonly id: number; readonly outcome: PutOutcome }
  | { readonly type: 'inspect'; readonly id: number; readonly key: string }
  /** The first versions, as many as fit. */
  | { readonly type: 'inspected'; readonly id: number; readonly versions: readonly VersionMetadata[] }
  // Watchers [WATCH-1]
  | {
      readonly type: 'watch';
      readonly key: string;
      /** What the watcher has seen; the replica answers with `changed` if it holds more, */
      readonly context: CausalContext;
      /** or if one of the versions that the watcher shows is obsolete. */
      readonly shown: readonly Dot[];
      /** How long the lease lasts, in ms; 0 ends it. */
      readonly lease: number;
    }
  | {
      readonly type: 'changed';
      readonly key: string;
      readonly siblings: Siblings;
      readonly rest?: Rest;
      /** As in `fetched`. */
      readonly reaped: CausalContext;
    }
  // States in pieces [VER-4]
  /** Asks for the siblings from place `from` on, if the key's state is still this one; else the answer is `refused`. */
  | {
      readonly type: 'pull';
      readonly id: number;
      readonly key: string;
      readonly of: string;
      readonly from: number;
    }
  /** The next piece, of at least one sibling. */
  | { readonly type: 'pulled'; readonly id: number; readonly siblings: Siblings }
  // Membership and failure detection
  | {
      readonly type: 'status';
      /** Digest of the sender's history. */
      readonly digest: string;
      /** Whether that history is on the sender's disk. */
      readonly stored: boolean;
      /** Partitions of which the sender holds data without being a primary. */
      readonly extras: readonly Partition[];
      /** Partitions of which it holds hints. */
      readonly hints: readonly Partition[];
      readonly hidden: boolean;
    }
  | { readonly type: 'history'; readonly events: readonly RingEvent[] }
  | { readonly type: 'ping'; readonly seq: number }
  | { readonly type: 'pong'; readonly seq: number }
  /** Asks a third node whether it has a working link to `target` ([MEM-3]). */
  | { readonly type: 'probe'; readonly target: NodeId }
  | { readonly type: 'probed'; readonly target: NodeId; readonly alive: boolean }
  /** Asks a member whether it has not heard of `node` for so many ms either ([MEM-6]). */
  | { readonly type: 'absence'; readonly node: NodeId; readonly ms: number }
  | { readonly type: 'absence-vote'; readonly node: NodeId; readonly agrees: boolean }
  // Anti-entropy [AE-1]: the initiator asks, the responder keeps no state
  | {
      readonly type: 'compare';
      readonly id: number;
      readonly roots: readonly (readonly [Partition, string])[];
      /** Whether the answer must wait until all that is equal is durable: the sender may give up its copies. */
      readonly strict: boolean;
    }
  | {
      readonly type: 'compared';
      readonly id: number;
      /** For each partition that differs the 16 branch hashes; partitions left out are equal. */
      readonly differ: readonly { readonly partition: Partition; readonly branches: readonly string[] }[];
      /** Partitions of which the responder is not a primary: it wants nothing of them. */
      readonly foreign: readonly Partition[];
    }
  | {
      readonly type: 'descend';
      readonly id: number;
      readonly partition: Partition;
      readonly branches: readonly number[];
    }
  | {
      readonly type: 'leaves';
      readonly id: number;
      readonly partition: Partition;
      readonly leaves: readonly (readonly [leaf: number, hash: string])[];
    }
  | {
      readonly type: 'list';
      readonly id: number;
      readonly partition: Partition;
      readonly leaves: readonly number[];
      /** Asks for the keys that come after this one; '' for all. */
      readonly after: string;
      /** Whether `stored` is to say that it is durable: the sender may give up its copies. */
      readonly strict: boolean;
    }
  | {
      readonly type: 'listed';
      readonly id: number;
      readonly partition: Partition;
      /** In the order of their keys. */
      readonly entries: readonly Listed[];
      /** Whether there are further keys, which are to be asked for. */
      readonly more: boolean;
    }
  /** Asks for the states of these keys, each of which comes as a `store`. */
  | { readonly type: 'want'; readonly id: number; readonly keys: readonly string[] }
  /** The sender has found that the receiver lacks nothing of these partitions. */
  | { readonly type: 'synced'; readonly partitions: readonly Partition[] }
  // Reaping [DEL-2]: each key with the digest of its versions, and the hash of the sender's ring
  | {
      readonly type: 'reap-prepare';
      readonly id: number;
      readonly ring: string;
      readonly keys: readonly (readonly [key: string, digest: string])[];
    }
  /** The keys that the sender agrees to. */
  | { readonly type: 'reap-vote'; readonly id: number; readonly keys: readonly string[] }
  | {
      readonly type: 'reap-commit';
      readonly ring: string;
      readonly keys: readonly (readonly [key: string, digest: string])[];
    };

export type MessageType = Message['type'];
export type MessageOf<T extends MessageType> = Extract<Message, { type: T }>;
