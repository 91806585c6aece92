/**
 * What a seed decides before the first event: the ring's settings, the load, and which faults take
 * part. Invariant: a plan is a function of (seed, nodes, events). Each seed leaves out a random part of
 * the faults, since one fault can hide what another would show.
 */
import { defaultOptions, defaultTimes, type NodeOptions, type Times } from '../../src/core/config.ts';
import { type Limits, limits } from '../../src/core/limits.ts';
import { SeededRandom } from './random.ts';

/** The kinds of faults, by name: sim/faults has one for each. */
export const faultKinds = [
  ...[
    'halves',
    'one-way',
    'one-way-for-good',
    'bridge',
    'ring',
    'isolate',
    'pair',
    'filter',
    'flap',
    'cut-6s',
    'cut-60s',
  ],
  ...['loss', 'repetition', 'jitter', 'slow-link', 'bandwidth'],
  ...['crash', 'power-cut', 'power-cut-of-all', 'close', 'reload', 'kill-in-write', 'pause', 'stall', 'slow-cpu'],
  ...['timers-1hz', 'hidden'],
  ...['skew', 'clock-jump-5min', 'clock-jump-10years', 'lid', 'drift'],
  ...['slow-disk', 'full-disk', 'write-error', 'reopen', 'closed-database', 'wipe', 'rot', 'partial-loss'],
  ...['restored-profile', 'partial-loss-at-start'],
  ...['configure', 'join', 'duplicate', 'leave', 'remove', 'return', 'split-brain', 'absence'],
  ...['signaling-gone', 'signaling-grey', 'signaling-lying'],
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** What clients do, by name: sim/load has one for each. */
export const workloadKinds = ['registers', 'carts', 'blind', 'interleaved', 'deleters', 'sessions', 'sets'] as const;

export type WorkloadKind = (typeof workloadKinds)[number];

/** Rings of more nodes than this are large: all their nodes are members from the first. */
const small = 32;
const partitionsEach = 4;

export const isLarge = (nodes: number): boolean => nodes > small;

/** A seed's own choice is for few nodes; each of many has a few, too. */
const partitionsFor = (nodes: number, chosen: number): number =>
  isLarge(nodes) ? Math.min(4096, 2 ** Math.ceil(Math.log2(partitionsEach * nodes))) : chosen;

export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  /** The faults end after so many steps of cores. */
  readonly events: number;
  readonly node: Omit<NodeOptions, 'self' | 'seed' | 'weight' | 'zone'>;
  readonly zones: number;
  readonly weights: readonly number[];
  /** Whether all nodes start at once, or each joins the ring that is there. */
  readonly together: boolean;
  readonly keys: number;
  readonly carts: number;
  /** Mean ms from one operation, or one fault, to the next. */
  readonly operationEvery: number;
  readonly faultEvery: number;
  readonly faults: readonly FaultKind[];
  readonly workloads: readonly WorkloadKind[];
  /** Probability that a plain put has no context. */
  readonly blind: number;
  readonly diskLatency: number;
  readonly delay: number;
  readonly goodbye: number;
  /** Whether one host stays dead when the faults have ended, until the others are at rest without it. */
  readonly leavesOneDead: boolean;
  /** Whether every second node commits relaxed, whatever the others do. */
  readonly mixed: boolean;
  /** If there, only these faults and operations take place, counted from 1 in the order of their times. */
  readonly onlyFaults?: readonly number[];
  readonly onlyOperations?: readonly number[];
  /** If true, the run ends when the first violation is found. */
  readonly endsAtViolation?: boolean;
}

/** One to five copies, with each R and W that they allow. */
function replicationOf(random: SeededRandom): NodeOptions['replication'] {
  const n = random.int(1, 5);
  return { n, r: random.int(1, n), w: random.int(1, n) };
}

/** One ring in three has some of its limits so small that it meets them. */
function limitsOf(seed: number): Pick<NodeOptions, 'limits'> {
  const random = new SeededRandom(seed + 1_000_000_007);
  if (!random.chance(1 / 3)) return {};
  const pick = (small: number, name: keyof Limits): number => (random.chance(0.5) ? small : limits[name]);
  return {
    limits: {
      siblingsMax: pick(4, 'siblingsMax'),
      contextDotsMax: pick(3, 'contextDotsMax'),
      clockMax: pick(12, 'clockMax'),
      reapRecords: pick(3, 'reapRecords'),
      forgottenKeys: pick(2, 'forgottenKeys'),
      putsForPeers: pick(2, 'putsForPeers'),
      sliceKeys: pick(3, 'sliceKeys'),
      stateBytes: pick(4000, 'stateBytes'),
    },
  };
}

/** In one ring of four nodes visit where there are enough. */
const joinOf = (seed: number): NodeOptions['join'] =>
  new SeededRandom(seed + 2_000_000_011).chance(0.25) ? 'auto' : 'now';

/** In one ring of three who is silent is out, in one of ten it is removed. */
function absencesOf(seed: number): Pick<Times, 'outAfter' | 'removeAfter' | 'probation'> {
  const random = new SeededRandom(seed + 1_500_000_001);
  return {
    outAfter: random.chance(1 / 3) ? random.int(3000, 15_000) : 0,
    removeAfter: random.chance(0.1) ? random.int(5000, 20_000) : 0,
    probation: random.int(1000, 20_000),
  };
}

/** How many nodes the ring of a seed has, where it is left to the seed: one of 20 takes as long as seven of 6. */
export function drawnNodes(seed: number): number {
  const random = new SeededRandom(seed);
  if (random.chance(0.05)) return 20;
  return random.chance(0.1) ? 3 : 6;
}

/** Most seeds are strict, and more 3/2/2 than any other, as rings are. `without` names faults to leave out. */
export function makePlan(seed: number, nodes: number, events: number, without: readonly string[] = []): Plan {
  const random = new SeededRandom(seed);
  const pick = <T>(...choices: [T, ...T[]]): T => random.pick(choices) ?? choices[0];
  const faults = faultKinds.filter((kind) => random.chance(0.5) && !without.includes(kind));
  const times: Times = {
    ...defaultTimes,
    syncInterval: pick(3000, 10_000),
    hedgeAfter: pick(100, 400),
    straggler: pick(50, 300),
    scrub: pick(100, 1000),
    hintAge: pick(defaultTimes.hintAge, 5000, 20_000),
    tombstone: pick(1000, 10_000, 600_000),
    reapScan: pick(1000, 5000),
    reapMemory: pick(defaultTimes.reapMemory, defaultTimes.reapMemory, 60_000),
    ...absencesOf(seed),
  };
  return {
    seed,
    nodes,
    events,
    node: {
      join: joinOf(seed),
      replication: random.chance(0.4) ? { n: 3, r: 2, w: 2 } : replicationOf(random),
      partitions: partitionsFor(nodes, pick(8, 32, 64)),
      durability: pick('strict', 'strict', 'strict', 'strict', 'one-strict', 'relaxed'),
      underQuorum: pick('accept', 'accept', 'accept', 'reject'),
      times,
      cacheBytes: pick(0, 400, 1_000_000),
      hintBytes: pick(defaultOptions.hintBytes, defaultOptions.hintBytes, 3000),
      clockLength: pick(2, 6, 50),
      historyLength: pick(4, 12, 256),
      ...limitsOf(seed),
    },
    zones: pick(1, 2, nodes),
    weights: pick([1], [1], [1, 2], [1, 1, 4]),
    together: random.chance(0.5),
    keys: pick(3, 10, 30),
    carts: random.int(1, 3),
    operationEvery: pick(20, 60, 150),
    faultEvery: pick(400, 1500, 4000),
    faults,
    workloads: workloadKinds.filter((kind) => kind === 'registers' || random.chance(0.6)),
    blind: pick(0, 0.1, 0.4),
    diskLatency: pick(2, 10, 40),
    delay: pick(2, 8, 40),
    goodbye: pick(0, 0.5, 1),
    leavesOneDead: random.chance(0.2),
    mixed: random.chance(0.25),
  };
}
