/**
 * Planted bugs: each changes the text of one source file in memory as it is loaded, and the checkers
 * must find it. Invariant: a mutant whose text is not found exactly once is an error, never a pass.
 *
 *   npm run sim:mutants -- --seeds 40         all, with the seeds each one took
 *   npm run sim:mutants -- --only 'LWW merge'
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'vite';
import type { Violation } from './world.ts';

export interface Mutant {
  readonly name: string;
  /** The end of the file's path. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The checkers that may find it; `assert` is the core's own. */
  readonly checkers: readonly string[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'LWW merge',
    file: 'src/core/version/siblings.ts',
    find: 'const kept = all.filter(({ dot }) => !sees(seen, dot));',
    replace:
      'const latest = Math.max(...all.map((each) => each.time)); const kept = all.filter((each) => each.time === latest);',
    checkers: ['S1', 'S3', 'cart'],
  },
  {
    name: 'dots used again after a restart',
    file: 'src/core/replica/replica.ts',
    find: 'this.#epoch = epoch;',
    replace: 'this.#epoch = Math.min(epoch, 1);',
    checkers: ['S2', 'assert'],
  },
  {
    name: 'hint deleted before delivery',
    file: 'src/core/repair/hints.ts',
    find: 'this.#states.send(key, [{ to: owner, message, after: undefined }]);',
    replace: 'this.#states.send(key, [{ to: owner, message, after: undefined }]); this.#replica.drop(key);',
    checkers: ['S1', 'S8'],
  },
  {
    name: 'one node counted twice for W',
    file: 'src/core/coordinator/quorum.ts',
    find: 'return this.#acks.size >= this.needed;',
    replace: 'return this.#acks.size + Math.min(1, this.#acks.size) >= this.needed;',
    checkers: ['S7'],
  },
  {
    name: 'transfer drops before the others have everything',
    file: 'src/core/repair/coverage.ts',
    find: 'return primaries.length > 0 && missing.length === 0;',
    replace: 'return primaries.length > missing.length;',
    checkers: ['S1', 'S8'],
  },
];

/** Changes the source text, or throws. */
export function plant(mutant: Mutant, text: string): string {
  const parts = text.split(mutant.find);
  if (parts.length !== 2) {
    throw new Error(`mutant '${mutant.name}': its text is ${parts.length - 1} times in ${mutant.file}`);
  }
  return parts.join(mutant.replace);
}

/** The simulator over the mutated core, as one module. */
export async function bundle(mutant: Mutant | undefined): Promise<string> {
  let planted = mutant === undefined;
  const plugin: Plugin = {
    name: 'plant',
    enforce: 'pre',
    transform(code, id) {
      if (mutant === undefined || !id.endsWith(mutant.file)) return undefined;
      planted = true;
      return plant(mutant, code);
    },
  };
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [plugin],
    ssr: { noExternal: true },
    build: {
      ssr: new URL('./mutant-worker.ts', import.meta.url).pathname,
      write: false,
      minify: false,
      target: 'node20',
    },
  });
  if (!planted) throw new Error(`mutant '${mutant?.name}': ${mutant?.file} was not loaded`);
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  const [chunk] = output.output;
  return chunk.code;
}

export interface Hunt {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly nodes: number;
  readonly events: number;
}

export interface Finding {
  /** The first seed that showed a violation; undefined if none did. */
  readonly seed: number | undefined;
  readonly violations: readonly Violation[];
}

/** A core that hangs is found out too, by the time it takes. */
const huntMs = 120_000;

export function hunt(code: string, about: Hunt): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: about });
    const bound = setTimeout(() => {
      resolve({ seed: about.firstSeed, violations: [{ checker: 'hang', at: 0, text: 'no end' }] });
      worker.terminate().catch(reject);
    }, huntMs);
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => clearTimeout(bound));
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '40' },
      nodes: { type: 'string', default: '6' },
      events: { type: 'string', default: '5000' },
      only: { type: 'string', default: '' },
    },
  });
  const about = {
    firstSeed: 1,
    seeds: Number(values.seeds),
    nodes: Number(values.nodes),
    events: Number(values.events),
  };
  const found: { name: string; killed: boolean; seeds: number | undefined; by: string }[] = [];
  for (const mutant of mutants.filter(({ name }) => name.includes(values.only))) {
    const { seed, violations } = await hunt(await bundle(mutant), about);
    const by = [...new Set(violations.map(({ checker }) => checker))];
    const killed = by.some((checker) => mutant.checkers.includes(checker));
    found.push({ name: mutant.name, killed, seeds: seed, by: by.join(' ') });
    process.stderr.write(
      `${killed ? 'killed' : 'ALIVE '}  ${mutant.name}: ${by.join(' ') || 'nothing'} at seed ${seed}\n`,
    );
  }
  const killed = found.filter((each) => each.killed).length;
  process.stdout.write(`${JSON.stringify({ planted: found.length, killed, mutants: found })}\n`);
  process.exitCode = killed === found.length ? 0 : 1;
}

if (process.argv[1]?.endsWith('mutants.ts')) await main();
