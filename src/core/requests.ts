/** What clients of a node may ask, and what they are answered. All plain data. */
import type { RingSettings } from './config.ts';
import type { NodeId } from './ids.ts';
import type { PutOutcome } from './message.ts';
import type { CausalContext } from './version/context.ts';
import type { Siblings, VersionMetadata } from './version/siblings.ts';

export type ClientRequest =
  | { readonly kind: 'get'; readonly key: string; readonly r: number; readonly session: CausalContext }
  | {
      readonly kind: 'put';
      readonly key: string;
      /** Empty for a delete. */
      readonly value: Uint8Array;
      readonly deleted: boolean;
      /** What the writer has seen. */
      readonly context: CausalContext;
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
  | { readonly kind: 'configure'; readonly config: RingSettings };

export interface GetOutcome {
  readonly siblings: Siblings;
  /** All that the siblings and their writers have seen; if there are none, what was reaped ([DEL-3]). */
  readonly context: CausalContext;
  /** The nodes that answered, fastest first. */
  readonly replicas: readonly NodeId[];
  readonly quorum: 'met' | 'under';
  /** Only some of the siblings are here: all are too much, or did not come in time ([VER-6]). The context is of all. */
  readonly isPart?: true;
}

export type ClientReply =
  | { readonly kind: 'get'; readonly outcome: GetOutcome }
  | { readonly kind: 'put'; readonly outcome: PutOutcome }
  | { readonly kind: 'inspect'; readonly replicas: readonly ReplicaVersions[] }
  | { readonly kind: 'watch'; readonly outcome: GetOutcome }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: 'storage' | 'closed' | 'history' };

export interface ReplicaVersions {
  readonly node: NodeId;
  readonly role: 'primary' | 'fallback';
  readonly reachable: boolean;
  readonly versions: readonly VersionMetadata[];
}
