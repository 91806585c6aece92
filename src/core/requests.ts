/** What clients of a node may ask, and what they are answered. All plain data. */
import type { RingConfig } from './config.ts';
import type { Dot, NodeId } from './ids.ts';
import type { PutOutcome, State } from './message.ts';
import type { Seen } from './version/seen.ts';
import type { Clock } from './version/siblings.ts';
import type { VersionVector } from './version/vector.ts';

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
