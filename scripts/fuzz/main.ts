/**
 * `npm run fuzz -- --wire 1000000 --signaling 100000 --api 100000 --seed 7`: so many inputs for what reads bytes of
 * peers and disks, for what reads signaling, and for the public API. Prints the seed and, of each target that fails, the
 * smallest input found; then it ends with 1. Without counts it tries some of each; without a seed, a random one.
 */
import { parseArgs } from 'node:util';
import { api } from './api.ts';
import { signaling } from './signaling.ts';
import { wire } from './wire.ts';

const targets = [wire, signaling, api];
const someOf: Readonly<Record<string, string>> = { wire: '100000', signaling: '20000', api: '5000' };

const { values } = parseArgs({
  options: {
    wire: { type: 'string' },
    signaling: { type: 'string' },
    api: { type: 'string' },
    seed: { type: 'string' },
  },
});
const asked: Readonly<Record<string, string | undefined>> = values;
const isAll = targets.every(({ name }) => asked[name] === undefined);

function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`'${text}' must be a whole number`);
}

const seed = asked.seed === undefined ? Math.trunc(Math.random() * 2 ** 31) : numberOf(asked.seed);
for (const { name, run } of targets) {
  const count = numberOf(asked[name] ?? (isAll ? (someOf[name] ?? '0') : '0'));
  if (count === 0) continue;
  const begun = performance.now();
  const failure = await run(count, seed);
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${name}: ${count} inputs of seed ${seed} in ${seconds} s: ${failure ?? 'nothing found'}`);
  if (failure !== undefined) {
    console.log(`  again: npm run fuzz -- --${name} ${count} --seed ${seed}`);
    process.exitCode = 1;
  }
}
