/**
 * The membership history ([RING-2]): events stamped (lamport, node), kept sorted by stamp. It only
 * grows, so that merging two histories is a union.
 */
import type { NodeId } from '../ids.ts';

/** lamport first, then the node that said it: a total order, and no two events share a stamp. */
export type Stamp = readonly [lamport: number, by: NodeId];

export type RingEvent =
  /** Sets the ring up. With several (rings founded apart), the first in stamp order counts. */
  | {
      readonly stamp: Stamp;
      readonly kind: 'found';
      readonly partitions: number;
      readonly n: number;
      readonly r: number;
      readonly w: number;
    }
  | { readonly stamp: Stamp; readonly kind: 'join'; readonly node: NodeId; readonly weight: number; readonly zone: string }
  | { readonly stamp: Stamp; readonly kind: 'leave'; readonly node: NodeId }
  /** Said by another member, of a node that is gone for good. */
  | { readonly stamp: Stamp; readonly kind: 'remove'; readonly node: NodeId }
  | { readonly stamp: Stamp; readonly kind: 'weight'; readonly node: NodeId; readonly weight: number }
  | { readonly stamp: Stamp; readonly kind: 'zone'; readonly node: NodeId; readonly zone: string };

export type History = readonly RingEvent[];
