/** What a node is told at its creation, and the times it works by. */
import type { NodeId } from './ids.ts';
import { type Limits, limits } from './limits.ts';

export interface NodeOptions {
  readonly self: NodeId;
  /** `auto`: it visits while there are enough members, until it has stayed; `visit`: as long as there are any ([MEM-7]). */
  readonly join: 'now' | 'auto' | 'visit';
  /** Seeds the node's own generator: gossip partners, probes, jitter. */
  readonly seed: number;
  readonly weight: number;
  readonly zone: string;
  /** Used only if this node founds the ring; else the ring's own values hold. */
  readonly replication: { readonly n: number; readonly r: number; readonly w: number };
  readonly partitions: number;
  readonly durability: 'strict' | 'one-strict' | 'relaxed';
  readonly underQuorum: 'accept' | 'reject';
  readonly times: Times;
  /** Bytes of values held in memory ([STO-3]). */
  readonly cacheBytes: number;
  /** Events of the history above which it is folded into a checkpoint when all members have them ([RING-2]). */
  readonly historyLength: number;
  /** Entries of a clock above which it is cut when that is safe ([VER-5]). */
  readonly clockLength: number;
  /** Bytes held for absent owners on behalf of other coordinators ([HINT-1]). */
  readonly hintBytes: number;
  /** In place of the standard ones, for a simulation; smaller, since peers refuse what is larger. */
  readonly limits?: Partial<Limits>;
}

/** What any member may change while the ring runs ([CFG-1]); the same at all members. */
export interface RingSettings {
  readonly n: number;
  readonly r: number;
  readonly w: number;
  readonly times: RingTimes;
}

/** In the order of the digest of a history; earlier builds have only the first six. */
export const ringTimeNames = [
  ...(['suspectAfter', 'hedgeAfter', 'requestTimeout', 'tombstone', 'reapMemory', 'removeAfter'] as const),
  ...(['outAfter', 'probation', 'heirAfter'] as const),
] as const;

export type RingTimes = Pick<Times, (typeof ringTimeNames)[number]>;

/** Of all times those that are the ring's. */
export function ringTimesOf(times: RingTimes): RingTimes {
  const { suspectAfter, hedgeAfter, requestTimeout, tombstone, reapMemory, ...more } = times;
  const { removeAfter, outAfter, probation, heirAfter } = more;
  const first = { suspectAfter, hedgeAfter, requestTimeout, tombstone, reapMemory };
  return { ...first, removeAfter, outAfter, probation, heirAfter };
}

/** All in milliseconds. */
export interface Times {
  /** Gossip with one random peer ([MEM-2]) and ping of every peer. */
  readonly gossip: number;
  readonly ping: number;
  /** Without a round trip for so long a peer is suspected; with no news from others either, unreachable. */
  readonly suspectAfter: number;
  readonly probeTimeout: number;
  /** A hidden peer is given so many times as long ([MEM-4]). */
  readonly hiddenFactor: number;
  /** A gap between two steps longer than this voids the verdicts ([MEM-3]). */
  readonly stalledAfter: number;
  /** A replica that has not answered for so long is joined by the next of the preference list. */
  readonly hedgeAfter: number;
  /** A request ends after so long with what it has. */
  readonly requestTimeout: number;
  /** How long a get waits for stragglers, to repair them ([GET-2]). */
  readonly straggler: number;
  readonly hintScan: number;
  /** A hint held for so long, while this node ran, is handed to the owners that are there ([HINT-1]). */
  readonly hintAge: number;
  readonly syncInterval: number;
  /** The first pause after a round of anti-entropy that moved something; it doubles, up to `syncInterval`. */
  readonly syncAgain: number;
  readonly watchLease: number;
  /** How often a node looks for what may be reaped. */
  readonly reapScan: number;
  /** A key that may be reaped stays for so long after its last change ([DEL-2]). */
  readonly tombstone: number;
  /** A reap record stays for so long, counted while the node runs ([DEL-3]). */
  readonly reapMemory: number;
  /** How often the node notes how long it has run. */
  readonly alive: number;
  /** A member of which nobody has heard for so long is out: its copies are made again elsewhere; 0 for never ([MEM-6]). */
  readonly outAfter: number;
  /** One of which nobody has heard for so long is removed; 0 for never ([MEM-1]). */
  readonly removeAfter: number;
  /** A node that was free for so long, its tab being closed, is handed over by a tab of its profile; 0 for never ([ID-2]). */
  readonly heirAfter: number;
  /** A visitor that has been there for so long without a break comes in; 0: at once ([MEM-7]). */
  readonly probation: number;
  /** From one slice of the pass over storage to the next ([AE-1]). */
  readonly scrub: number;
  /** From one slice of work over many keys to the next ([OVR-1]). */
  readonly slice: number;
}

export const defaultTimes: Times = {
  gossip: 1000,
  ping: 500,
  suspectAfter: 1800,
  probeTimeout: 500,
  hiddenFactor: 4,
  stalledAfter: 5000,
  hedgeAfter: 400,
  requestTimeout: 4000,
  straggler: 300,
  hintScan: 2000,
  hintAge: 3_600_000,
  syncInterval: 10_000,
  syncAgain: 1000,
  watchLease: 10_000,
  reapScan: 30_000,
  tombstone: 600_000,
  reapMemory: 604_800_000,
  alive: 60_000,
  outAfter: 600_000,
  removeAfter: 0,
  heirAfter: 30_000,
  probation: 600_000,
  scrub: 1000,
  slice: 1,
};

export const defaultOptions = {
  join: 'auto',
  weight: 1,
  zone: '',
  replication: { n: 3, r: 2, w: 2 },
  partitions: 256,
  durability: 'strict',
  underQuorum: 'accept',
  times: defaultTimes,
  cacheBytes: limits.cacheBytes,
  clockLength: limits.clockAlarm,
  historyLength: 256,
  hintBytes: limits.hintBytes,
} as const satisfies Omit<NodeOptions, 'self' | 'seed'>;
