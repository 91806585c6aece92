/** The package in Node, for compilers, for the linters of packages, and in the examples of the README. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { expect, test } from '@playwright/test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { launchOptions } from '../e2e/launch.ts';
import { project, root, tarball } from './pack.ts';
import { serveByVite } from './serve.ts';

const execute = promisify(execFile);

/** Runs a script of Node in the project. Returns what it says; rejects with that if it fails. */
async function node(parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = { cwd: project(), env: { ...process.env, FORCE_COLOR: '0', ...env } };
  const { stdout } = await execute(process.execPath, parameters, options).catch(({ stdout, stderr }) => {
    throw new Error(`node ${parameters.join(' ')}\n${stdout}${stderr}`);
  });
  return stdout;
}

test('Node, without a DOM: two stores in memory', async () => {
  expect(await node(['node.mjs'])).toBe("[ [ 'tea' ] ] met\n");
});

test('Node: the simulator runs a seed, and again to the same end', async () => {
  const said = await node(['sim.mjs']);
  expect(said).toMatch(/^\[\] \d{2,} \{.*: \d.*\} [0-9a-f]+\n$/s);
  expect(await node(['sim.mjs'])).toBe(said);
});

test('Playwright: the example of tabring/testing/playwright', async () => {
  await using served = await serveByVite(project(), join(project(), 'vite-of-the-example'));
  const runner = join(root, 'node_modules/@playwright/test/cli.js');
  const env = { PAGE: served.url, LAUNCH_OPTIONS: JSON.stringify(launchOptions) };
  expect(await node([runner, 'test', '--reporter=line'], env)).toContain('1 passed');
});

test('the README has these examples, as they are', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const names = ['node.mjs', 'sim.mjs', 'cut.spec.ts', 'import-map.html'];
  const texts = await Promise.all(names.map((name) => readFile(join(project(), name), 'utf8')));
  expect(names.filter((_, at) => !readme.includes(`\n${texts[at]}\`\`\`\n`))).toEqual([]);
});

/** All types are checked but the compiler's own. */
const strict = [
  ...['--noEmit', '--strict', '--skipLibCheck', 'false', '--skipDefaultLibCheck'],
  ...['--target', 'es2022', '--lib', 'es2022,dom'],
];
/** Playwright's types need them; without them, ours must not. */
const nodeTypes = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];

test('TypeScript 5.9, strict, without skipLibCheck, in both ways of finding modules', async () => {
  const compiler = join(root, 'consumers/node_modules/typescript/bin/tsc');
  const compile = (module: string, resolution: string, ...rest: readonly string[]) =>
    node([compiler, ...strict, '--module', module, '--moduleResolution', resolution, ...rest]);
  await Promise.all([
    compile('esnext', 'bundler', 'types.ts'),
    compile('nodenext', 'nodenext', 'types.ts', 'cut.spec.ts', ...nodeTypes),
  ]);
});

/** The package of this name, and all that it depends on. */
async function withDependencies(name: string): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return [name, ...(await Promise.all(Object.keys(dependencies).map(withDependencies))).flat()];
}

test('the package has the licenses of what it contains of others', async () => {
  const licenses = await readFile(join(project(), 'node_modules/tabring/THIRD-PARTY-LICENSES'), 'utf8');
  const isNamed = (name: string) => licenses.includes(` ${name},`) || licenses.includes(` ${name}: Copyright`);
  const contained = await withDependencies('simple-peer');
  expect(contained.length).toBeGreaterThan(10);
  expect(contained.filter((name) => !isNamed(name))).toEqual([]);
});

test('publint finds nothing', async () => {
  const { buffer } = new Uint8Array(await readFile(tarball()));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('are-the-types-wrong finds nothing, but that there is no CommonJS', async () => {
  const result = await checkPackage(createPackageFromTarballData(await readFile(tarball())));
  if (result.types === false) throw new Error('no types');
  expect(Object.keys(result.entrypoints)).toHaveLength(4);
  const isOfOldNode = (problem: Problem) =>
    'resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind);
  expect(result.problems.filter((problem) => !isOfOldNode(problem))).toEqual([]);
});
