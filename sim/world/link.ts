/**
 * What is kept of a link between two nodes. Invariant: it lives while the run does; what was under way on an
 * earlier connection is told apart by the generation.
 */
import type { NodeId } from '../../src/core/ids.ts';
import type { Message } from '../../src/core/message.ts';
import type { Lane } from '../../src/wire/lanes.ts';
import type { Pipe } from './pipe.ts';

/** How a direction is cut, see network.ts. */
export type Cut = 'wall' | 'filter';

/** One end of a link; also the direction from this end to the other. */
export interface LinkEnd {
  readonly node: NodeId;
  readonly peer: NodeId;
  /** What the node at this end believes. */
  up: boolean;
  cut: Cut | undefined;
  /** The cut of this direction alone, beside all barriers. */
  own: Cut | undefined;
  /** When the last message sent from here arrives. */
  readonly lastArrival: { [L in Lane]: number };
  /** What waits at a wall. */
  held: { readonly message: Message; readonly lane: Lane }[];
  /** Added to every delay, in ms. */
  slow: number;
  /** While the rate is limited. */
  pipe: Pipe | undefined;
}

export interface Link {
  state: 'idle' | 'connecting' | 'up';
  /** Grows whenever the link is made or broken: what was under way is void. */
  generation: number;
  readonly ends: readonly [LinkEnd, LinkEnd];
}

const newEnd = (node: NodeId, peer: NodeId): LinkEnd => ({
  node,
  peer,
  up: false,
  cut: undefined,
  own: undefined,
  lastArrival: { control: 0, bulk: 0 },
  held: [],
  slow: 0,
  pipe: undefined,
});

export const newLink = (low: NodeId, high: NodeId): Link => ({
  state: 'idle',
  generation: 0,
  ends: [newEnd(low, high), newEnd(high, low)],
});
