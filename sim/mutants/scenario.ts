/** One test of the suite, run over a core with a bug. */
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { planting } from './build.ts';
import type { Mutant } from './mutant.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Whether the test fails. It must be there, and it passes without the bug, for `npm test` runs it too. */
export async function failsScenario(
  mutant: Mutant,
  { file, title }: { file: string; title: string },
): Promise<boolean> {
  const vitest = await startVitest(
    'test',
    [file],
    { root, watch: false, testNamePattern: `${title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`, reporters: [{}] },
    { plugins: [planting([mutant])] },
  );
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
  const states = tests.map((test) => test.result().state).filter((state) => state !== 'skipped');
  await vitest.close();
  // A test that fails is a kill, and no failure of this process.
  process.exitCode = 0;
  if (states.length !== 1) throw new Error(`'${mutant.name}': ${states.length} tests are '${title}' in ${file}`);
  return states[0] === 'failed';
}
