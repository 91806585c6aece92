/**
 * How long the longest single step of each kind of background work takes, with many keys of that kind.
 *
 *   npm run sim:steps                100,000 keys
 *   npm run sim:steps -- 20000       so many
 *
 * Each work is done five times, and of each step the least counts. Exits with 1 if a step took longer than 10 ms, with 2 if
 * the number makes no sense.
 */
import { joining, kinds, type ManyKeys, manyKeys, peer, self } from '../../world/many-keys.ts';

type Run = ReturnType<typeof manyKeys>;

/** Milliseconds. */
const bound = 10;
const runs = 5;
const early = { tombstone: 1000, reapScan: 1000, hintScan: 1000 };

interface Kind extends Omit<ManyKeys, 'keys'> {
  readonly name: string;
  /** What is measured besides opening. */
  readonly work: (run: Run) => void;
}

const handOver = ({ parts, step, until }: Run): void => {
  step({ type: 'peer-up', peer });
  const extras = parts.handOff.extras();
  for (const partition of extras) parts.handOff.cover(peer, partition, parts.replica.revision(partition));
  until(() => parts.handOff.extras().length === 0);
};

const compare = ({ step }: Run): void => {
  step({ type: 'peer-up', peer });
  const roots = Array.from({ length: 256 }, (_, partition) => [partition, ''] as const);
  step({ type: 'message', from: peer, message: { type: 'compare', id: 1, roots, strict: false } });
};

const works: readonly Kind[] = [
  { name: 'opening', entry: kinds.live, members: [self], work: () => undefined },
  { name: 'first comparison', entry: kinds.live, members: [self, peer], n: 2, work: compare },
  { name: 'handing over', entry: kinds.live, members: [peer, self], work: handOver },
  {
    name: 'reaping tombstones',
    entry: kinds.tombstone,
    members: [self],
    times: early,
    work: ({ parts, until }) => until(() => parts.replica.reapable().size === 0),
  },
  {
    name: 'hints, and old ones',
    entry: kinds.hint,
    members: [peer, self],
    times: { ...early, hintAge: 1000 },
    work: ({ parts, until }) => until(() => parts.env.now > 10_000),
  },
  {
    name: 'forgetting reap records',
    entry: kinds.reaped,
    members: [self],
    times: { ...early, reapMemory: 1000 },
    work: ({ parts, until }) => until(() => parts.replica.reapRecords().size === 0),
  },
  {
    name: 'a join with reap records',
    entry: kinds.reaped,
    members: [self],
    n: 2,
    work: ({ parts, step, until }) => {
      step({ type: 'peer-up', peer });
      step({ type: 'message', from: peer, message: { type: 'history', events: [joining(peer, 9)] } });
      until(() => parts.replica.reapRecords().size === 0);
    },
  },
];

/** The ms of each step of the work, or of opening. */
function measure(kind: Kind, keys: number): number[] {
  const steps: number[] = [];
  const run = manyKeys({ ...kind, keys }, (step) => {
    const began = performance.now();
    const ready = step();
    steps.push(performance.now() - began);
    return ready;
  });
  run.until(() => run.parts.replica.isOpen);
  if (kind.name !== 'opening') steps.length = 0;
  kind.work(run);
  return steps;
}

/** A run is the same each time, so the least that a step took is what it costs: all else is the machine's. */
function longest(kind: Kind, keys: number): number {
  const least = measure(kind, keys);
  for (let run = 1; run < runs; run++) {
    measure(kind, keys).forEach((ms, at) => {
      least[at] = Math.min(ms, least[at] ?? ms);
    });
  }
  return least.reduce((most, ms) => Math.max(most, ms), 0);
}

const keys = Number(process.argv[2] ?? 100_000);
if (Number.isSafeInteger(keys) && keys > 0) {
  for (const kind of works) {
    const ms = longest(kind, keys);
    process.stdout.write(`${kind.name.padEnd(28)}${ms.toFixed(1).padStart(8)} ms\n`);
    if (ms > bound) process.exitCode = 1;
  }
} else {
  process.stderr.write('the number of keys is a whole number from 1\n');
  process.exitCode = 2;
}
