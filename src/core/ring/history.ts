/**
 * The membership history ([RING-2]): events stamped (lamport, node), kept sorted by stamp. It only
 * grows, so that merging two histories is a union.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
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
  | {
      readonly stamp: Stamp;
      readonly kind: 'join';
      readonly node: NodeId;
      readonly weight: number;
      readonly zone: string;
    }
  | { readonly stamp: Stamp; readonly kind: 'leave'; readonly node: NodeId }
  /** Said by another member, of a node that is gone for good. */
  | { readonly stamp: Stamp; readonly kind: 'remove'; readonly node: NodeId }
  | { readonly stamp: Stamp; readonly kind: 'weight'; readonly node: NodeId; readonly weight: number }
  | { readonly stamp: Stamp; readonly kind: 'zone'; readonly node: NodeId; readonly zone: string };

export type History = readonly RingEvent[];

export function compareStamps(a: Stamp, b: Stamp): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

/**
 * The stamp of the next event that this node says: after all that it knows. A ring's first stamp is its
 * wall time in ms, so that a node which founded one apart, late, comes late in the order of the other
 * ring's events too, and moves no more there than any other that joins. No more than that hangs on it.
 */
export function nextStamp(history: History, by: NodeId, time: number): Stamp {
  return [(history.at(-1)?.stamp[0] ?? Math.max(0, Math.trunc(time))) + 1, by];
}

/** All events of both; `a` itself if it has all of `b`. */
export function unite(a: History, b: History): History {
  const united: RingEvent[] = [];
  let news = false;
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (right === undefined) return news ? united.concat(a.slice(i)) : a;
    const order = left ? compareStamps(left.stamp, right.stamp) : 1;
    const next = order < 0 && left ? left : order === 0 && left ? oneOf(left, right) : right;
    united.push(next);
    if (next !== left) news = true;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

/** Equal digests: equal histories. */
export function digestOf(history: History): string {
  return bytesToHex(md5(utf8ToBytes(history.map(textOf).join('\n'))));
}

/**
 * A node that lost its history may say something else under a stamp it used before. Then all must
 * choose alike, or their histories would never become equal.
 */
function oneOf(a: RingEvent, b: RingEvent): RingEvent {
  return a === b || textOf(a) <= textOf(b) ? a : b;
}

export function sameEvent(a: RingEvent, b: RingEvent): boolean {
  return a === b || (compareStamps(a.stamp, b.stamp) === 0 && textOf(a) === textOf(b));
}

function textOf(event: RingEvent): string {
  const { stamp, kind } = event;
  switch (kind) {
    case 'found':
      return JSON.stringify([...stamp, kind, event.partitions, event.n, event.r, event.w]);
    case 'join':
      return JSON.stringify([...stamp, kind, event.node, event.weight, event.zone]);
    case 'leave':
    case 'remove':
      return JSON.stringify([...stamp, kind, event.node]);
    case 'weight':
      return JSON.stringify([...stamp, kind, event.node, event.weight]);
    case 'zone':
      return JSON.stringify([...stamp, kind, event.node, event.zone]);
    default:
      return event satisfies never;
  }
}
