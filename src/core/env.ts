/** What the parts of one node share: who it is, the time of this step, the ring, and who can be reached. */
import type { NodeOptions, Times } from './config.ts';
import type { NodeId, Partition } from './ids.ts';
import type { Outbox } from './outbox.ts';
import type { Random } from './random.ts';
import type { Ring } from './ring/fold.ts';
import type { Preference } from './ring/preference.ts';
import type { Timers } from './timers.ts';

export interface Env {
  readonly options: NodeOptions;
  readonly self: NodeId;
  /** The times that hold now: the ring's, where it has said any ([CFG-1]), else the node's own. */
  readonly times: Times;
  /** Time of the step that is running. */
  readonly now: number;
  /** Milliseconds that this node has run, over all its runs. */
  readonly uptime: number;
  readonly out: Outbox;
  readonly timers: Timers;
  readonly random: Random;
  readonly ring: Ring;
  /** A number for a request or message, never used before by this node. */
  nextId(): number;
  preference(partition: Partition): Preference;
  /** Whether a request sent now will likely be answered; for the node itself: whether its storage is open. */
  isUsable(node: NodeId): boolean;
  /** Smoothed round trip in ms; 0 for the node itself, Infinity if not measured. */
  roundTrip(node: NodeId): number;
  /** Reachable nodes that are no primaries of the partition but may hold data of it ([XFER-1]). */
  holders(partition: Partition): readonly NodeId[];
}
