/**
 * The control: the set test over a core that keeps of concurrent writes only the one with the latest wall time,
 * as stores with last-write-wins do, beside the core as it is. The first must lose much, the second nothing; so
 * the test can tell.
 *
 *   npm run sim:control
 *
 *   --seeds N       so many seeds (20), from 1 on
 *
 * The last line is JSON. Exits with 1 if last-write-wins loses less than 20% of what was acknowledged, or the
 * merge anything.
 */
import { parseArgs } from 'node:util';
import { RingNode } from '../../src/core/node.ts';
import { whole } from '../run/replay.ts';
import { simulate } from '../run/run.ts';
import type { CreateCore } from '../world/host.ts';
import { makePlan, type Plan } from '../world/plan.ts';
import { changedCore } from './build.ts';
import type { Change } from './mutant.ts';

interface Counts {
  readonly attempted: number;
  readonly acked: number;
  readonly lost: number;
}

const lossMin = 0.2;

const lastWriteWins: readonly Change[] = [
  {
    name: 'of all versions the latest is kept',
    file: 'version/siblings.ts',
    find: 'if (b.length === 0 || a === b) return a;',
    replace: `if (b.length === 0 || a === b) return a;
      const [latest] = [...a, ...b].sort((x, y) => y.time - x.time || (x.op < y.op ? -1 : 1));
      if (latest) return a.length === 1 && a[0] === latest ? a : [latest];`,
  },
  {
    name: 'a new version does not travel with siblings',
    file: 'replica/sibling-sender.ts',
    find: 'if (minted && lacks(state, minted.siblings).length > 0) return;',
    replace: '',
  },
];

/** Partitions, and nothing else that is wrong; versions are true, which last-write-wins is said to need. */
function controlPlan(seed: number): Plan {
  const plan = makePlan(seed, 6, 4000);
  return {
    ...plan,
    node: { ...plan.node, replication: { n: 3, r: 2, w: 2 }, durability: 'strict', underQuorum: 'accept' },
    faults: ['halves', 'isolate', 'bridge', 'cut-6s'],
    faultEvery: 1500,
    workloads: ['sets'],
    operationEvery: 60,
    leavesOneDead: false,
    mixed: false,
  };
}

export function setTest(core: CreateCore, seeds: number): Counts {
  let sum: Counts = { attempted: 0, acked: 0, lost: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const { sets } = simulate(controlPlan(seed), core);
    const count = (what: keyof Counts): number => sum[what] + (sets[`sets ${what}`] ?? 0);
    sum = { attempted: count('attempted'), acked: count('acked'), lost: count('lost') };
  }
  return sum;
}

export const lastWriteWinsCore = (): Promise<CreateCore> => changedCore(...lastWriteWins);

/** Whether the test tells the one from the other. */
export function tells(lww: Counts, merge: Counts): boolean {
  return lww.acked > 0 && lww.lost >= lossMin * lww.acked && merge.acked > 0 && merge.lost === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '20' } } });
  const seeds = whole('seeds', values.seeds);
  const merge = setTest((options) => new RingNode(options), seeds);
  const lww = setTest(await lastWriteWinsCore(), seeds);
  say(`${seeds} seeds             attempted  acked   lost`);
  say(`last write wins  ${row(lww)}`);
  say(`merge            ${row(merge)}`);
  process.stdout.write(`${JSON.stringify({ seeds, lastWriteWins: lww, merge })}\n`);
  process.exitCode = tells(lww, merge) ? 0 : 1;
}

function row({ attempted, acked, lost }: Counts): string {
  const numbers = [attempted, acked, lost].map((count) => `${count}`.padStart(7)).join('');
  return `${numbers}  (${((100 * lost) / acked).toFixed(1)}%)`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1]?.endsWith('control.ts')) await main();
