/** The node: one pure state machine. `step` is the switch, and nothing else. */
import type { NodeOptions } from './config.ts';
import type { NodeId, Partition } from './ids.ts';
import type { CoreView, Input, Ready } from './ready.ts';
import type { Clock } from './version/siblings.ts';

export type HeldRole = 'primary' | 'hint' | 'extra';

export interface Explanation {
  /** 32 hex digits. */
  readonly position: string;
  readonly partition: Partition;
  readonly walk: readonly { readonly node: NodeId; readonly role: 'primary' | 'fallback' | 'skipped'; readonly reason?: string }[];
}

export declare class Node {
  constructor(options: NodeOptions);
  /** Takes one input at absolute time `now` (ms, never going back) and says what to do. */
  step(now: number, input: Input): Ready;
  view(now: number): CoreView;
  explain(key: string): Explanation;
  held(): Iterable<{ readonly key: string; readonly role: HeldRole }>;
  /** The siblings held of a key as primary or extra; empty if none. For checkers. */
  clocks(key: string): readonly Clock[];
  /** Merkle root of a partition, '' if it is empty. For checkers. */
  root(partition: Partition): string;
}
