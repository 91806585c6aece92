/**
 * `npm test`: set-up, static checks, unit tests, simulation, planted bugs, browser tests and consumers. Every part
 * runs, whatever fails before it; a part that is missing or counts nothing is a failure. The last line is the sum.
 */
import './setup.mjs';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {{ passed: number, failed: number }} Count */

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const reports = 'test-results';
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);

const { provideChromium, provideTools } = await import('./install-programs.mjs');
const env = { ...process.env, CHROMIUM: provideChromium() };
provideTools();

/** The group of processes of the part that runs, so that none outlives it. @type {number | undefined} */
let group;

function endGroup() {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    endGroup();
    process.exit(1);
  });
}

/**
 * Runs a command, shows what it says, and returns whether it went well and its last line.
 * @param {number} minutes
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<{ ok: boolean, lastLine: string }>}
 */
function run(minutes, command, parameters) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    group = child.pid;
    const timer = setTimeout(() => {
      console.error(`not done after ${minutes} minutes: ended`);
      endGroup();
    }, minutes * 60_000);
    let tail = '';
    child.stdout.on('data', (data) => {
      process.stdout.write(data);
      tail = (tail + data).slice(-100_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      group = undefined;
      resolve({ ok: code === 0, lastLine: tail.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
}

/**
 * @param {number} minutes
 * @param {string} name
 * @param {string[]} parameters
 */
const runScript = (minutes, name, ...parameters) => run(minutes, 'npm', ['run', '--silent', name, '--', ...parameters]);

/** @param {string} name */
const readReport = (name) => JSON.parse(readFileSync(`${reports}/${name}`, 'utf8'));

/** What each part counts: tests, seeds, bugs, tests. The static checks count only when they fail. */
const parts = {
  async 'static checks'() {
    const { ok } = await runScript(5, 'check');
    return { ok, passed: 0, failed: 0, counts: false };
  },
  async 'unit tests'() {
    const file = `${reports}/unit.json`;
    const { ok } = await runScript(
      8,
      'test:unit',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    );
    const { numPassedTests: passed, numFailedTests: failed } = readReport('unit.json');
    return { ok, passed, failed, counts: true };
  },
  async simulation() {
    const { ok, lastLine } = await runScript(12, 'sim', '--seeds', '500', '--events', '10000', '--json');
    const { seeds, failedSeeds } = JSON.parse(lastLine);
    return { ok, passed: seeds - failedSeeds.length, failed: failedSeeds.length, counts: true };
  },
  async 'planted bugs'() {
    const { ok, lastLine } = await runScript(12, 'sim:mutants');
    const { planted, killed } = JSON.parse(lastLine);
    return { ok, passed: killed, failed: planted - killed, counts: true };
  },
  async 'browser tests'() {
    const { ok } = await runScript(20, 'test:e2e');
    const { expected, unexpected, flaky } = readReport('e2e.json').stats;
    return { ok, passed: expected, failed: unexpected + flaky, counts: true };
  },
  async consumers() {
    const { ok } = await runScript(5, 'test:consumers');
    const { expected, unexpected, flaky } = readReport('consumers.json').stats;
    return { ok, passed: expected, failed: unexpected + flaky, counts: true };
  },
};

const sum = { passed: 0, failed: 0 };
for (const [name, part] of Object.entries(parts)) {
  const begun = Date.now();
  console.log(`\n── ${name}`);
  /** @type {Count} */
  let count = { passed: 0, failed: 1 };
  try {
    const { ok, passed, failed, counts } = await part();
    const isMissing = counts && !(passed + failed > 0);
    count = { passed, failed: ok && !isMissing ? failed : Math.max(1, failed) };
  } catch (error) {
    console.error(`${name} gave no result: ${error instanceof Error ? error.message : error}`);
  }
  sum.passed += count.passed;
  sum.failed += count.failed;
  const seconds = Math.round((Date.now() - begun) / 1000);
  console.log(`── ${name}: ${count.failed === 0 ? 'ok' : 'FAILED'}, ${count.passed} passed, ${seconds} s`);
}
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
