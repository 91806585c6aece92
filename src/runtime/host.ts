/** What a store stands on: its ports, and who and where the node is. */

import type { Ports } from '../api/ports.ts';
import type { NodeId } from '../core/ids.ts';
import { positionOf } from '../core/ring/position.ts';
import type { Bucket } from './quota.ts';
import { timerClock } from './timer-clock.ts';

/** Nodes with a history that other tabs had, and this one may have now in place of a new one ([ID-1]). */
export interface Histories {
  isFree(): Promise<boolean>;
  /** Resolves once there is one; stays pending if the signal aborts. */
  freed(signal: AbortSignal): Promise<void>;
}

/** Nodes that closed tabs of this profile left, for an heir ([ID-2]). */
export interface Estates {
  free(): Promise<readonly NodeId[]>;
  /** A host of that node, held until its release; undefined if it is not to be had now. */
  inherit(node: NodeId): Promise<StoreHost | undefined>;
}

/** What a host knows of its claim to the node ([ID-3]). */
export interface NodeClaim {
  /** What could be better, each an alarm with its code, for as long as the node runs. */
  readonly alarms: Readonly<Record<string, string>>;
  /** Resolves if another tab has the node: this one must stop. */
  readonly lost: Promise<void>;
}

export interface StoreHost {
  readonly ports: Ports;
  /** Who the node is; undefined: it is named after its store id. */
  readonly node: NodeId | undefined;
  /** Whether the node is new, with no database yet. */
  readonly fresh: boolean;
  /** The failure domain if none is asked for. */
  readonly zone: string;
  /** Undefined if there are no other nodes to be had. */
  readonly histories: Histories | undefined;
  /** Undefined if there are none. */
  readonly estates: Estates | undefined;
  /** Undefined if there is nobody to share it with. */
  readonly claim: NodeClaim | undefined;
  /** Undefined where the storage is none of a browser's, or the browser says nothing of it ([STO-5]). */
  readonly bucket: Bucket | undefined;
  /** The database was deleted: says again who this tab is, if that went with it ([STO-6]). */
  remember(): void;
  /** Gives the node free for the next claimant; after its storage was closed. */
  release(): void;
  /** Tells whether the page is hidden: now if it is, and at each change ([MEM-4]). Returns how to stop. */
  onHidden(call: (hidden: boolean) => void): () => void;
}

export const randomSeed = (): number => crypto.getRandomValues(new Int32Array(1))[0] ?? 0;

/** A host made of the ports that were given; there is no page, so nobody to share the node with. */
export function givenHost(given: Partial<Ports> & Pick<Ports, 'transport' | 'storage'>): StoreHost {
  return {
    ports: { ...given, clock: given.clock ?? timerClock(), random: given.random ?? randomSeed },
    node: undefined,
    fresh: false,
    zone: '',
    histories: undefined,
    estates: undefined,
    claim: undefined,
    bucket: undefined,
    remember: () => undefined,
    release: () => undefined,
    onHidden: () => () => undefined,
  };
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** The node id that belongs to a store id, if there is no other claim to one. */
export function nodeIdOf(storeId: string): NodeId {
  const digits = positionOf(storeId);
  const letter = (at: number): string => alphabet.charAt(Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16) % 32);
  return Array.from({ length: 12 }, (_, at) => letter(at)).join('');
}
