/**
 * `npm test`: set-up, static checks, unit tests, browser tests with the simulation and the planted bugs beside them, and
 * consumers. Every part runs, whatever fails before it; a part that is missing or counts nothing is a failure. The
 * last line is the sum. Browser tests mostly wait, so the simulator takes the time that they leave, at the lowest
 * priority; what it says is shown when it has ended.
 */
import './setup.mjs';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/** @typedef {{ passed: number, failed: number }} Count */

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const reports = 'test-results';
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);

const { provideChromium, provideTools } = await import('./install-programs.mjs');
const env = { ...process.env, CHROMIUM: provideChromium() };
provideTools();

/** The groups of processes of the parts that run, so that none outlives them. @type {Set<number>} */
const groups = new Set();

/** @param {number} group */
function end(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * The lowest priority. Linux may share the processor among groups before it looks at priorities within them; then it
 * is the group's that counts.
 * @param {number} group
 */
function giveWay(group) {
  setPriority(group, constants.priority.PRIORITY_LOW);
  try {
    writeFileSync(`/proc/${group}/autogroup`, `${constants.priority.PRIORITY_LOW}`);
  } catch {
    // There are no such groups here.
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const group of groups) end(group);
    process.exit(1);
  });
}

/**
 * Runs a command, and returns whether it went well and its last line. What it says is shown at once, or, of one that
 * runs beside another, at its end.
 * @param {{ minutes: number, isBeside?: boolean }} how
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<{ ok: boolean, lastLine: string }>}
 */
function run({ minutes, isBeside = false }, command, parameters) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      env,
      stdio: ['ignore', 'pipe', isBeside ? 'pipe' : 'inherit'],
      detached: true,
    });
    const group = child.pid ?? 0;
    if (child.pid) groups.add(group);
    if (child.pid && isBeside) giveWay(group);
    const timer = setTimeout(() => {
      console.error(`not done after ${minutes} minutes: ended`);
      end(group);
    }, minutes * 60_000);
    /** @type {Buffer[]} */
    const kept = [];
    let tail = '';
    child.stdout?.on('data', (data) => {
      if (isBeside) kept.push(data);
      else process.stdout.write(data);
      tail = (tail + data).slice(-100_000);
    });
    child.stderr?.on('data', (data) => kept.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      groups.delete(group);
      for (const data of kept) process.stdout.write(data);
      resolve({ ok: code === 0, lastLine: tail.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
}

/**
 * @param {number | { minutes: number, isBeside: boolean }} how
 * @param {string} name
 * @param {string[]} parameters
 */
const runScript = (how, name, ...parameters) =>
  run(typeof how === 'number' ? { minutes: how } : how, 'npm', ['run', '--silent', name, '--', ...parameters]);

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
    const { ok, lastLine } = await runScript(
      { minutes: 18, isBeside: true },
      'sim',
      '--seeds',
      '48',
      '--events',
      '10000',
      '--json',
    );
    const { seeds, failedSeeds } = JSON.parse(lastLine);
    return { ok, passed: seeds - failedSeeds.length, failed: failedSeeds.length, counts: true };
  },
  async 'planted bugs'() {
    const { ok, lastLine } = await runScript({ minutes: 18, isBeside: true }, 'sim:mutants', '--quick');
    const { planted, killed } = JSON.parse(lastLine);
    return { ok, passed: killed, failed: planted - killed, counts: true };
  },
  async 'browser tests'() {
    const { ok } = await runScript(20, 'test:e2e');
    const { expected, unexpected, flaky, skipped } = readReport('e2e.json').stats;
    // What this machine cannot run is no failure, and must be seen.
    if (skipped > 0) console.log(`${skipped} skipped: their reasons stand above`);
    return { ok, passed: expected, failed: unexpected + flaky, counts: true };
  },
  async consumers() {
    const { ok } = await runScript(5, 'test:consumers');
    const { expected, unexpected, flaky } = readReport('consumers.json').stats;
    return { ok, passed: expected, failed: unexpected + flaky, counts: true };
  },
};

/** One after the other; those of one stage at the same time. @type {(keyof typeof parts)[][]} */
const stages = [['static checks'], ['unit tests'], ['browser tests', 'simulation', 'planted bugs'], ['consumers']];

/** @param {keyof typeof parts} name */
async function count(name) {
  const begun = Date.now();
  console.log(`\n── ${name}`);
  /** @type {Count} */
  let result = { passed: 0, failed: 1 };
  try {
    const { ok, passed, failed, counts } = await parts[name]();
    const isMissing = counts && !(passed + failed > 0);
    result = { passed, failed: ok && !isMissing ? failed : Math.max(1, failed) };
  } catch (error) {
    console.error(`${name} gave no result: ${error instanceof Error ? error.message : error}`);
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  console.log(`── ${name}: ${result.failed === 0 ? 'ok' : 'FAILED'}, ${result.passed} passed, ${seconds} s`);
  return result;
}

const sum = { passed: 0, failed: 0 };
for (const stage of stages) {
  for (const { passed, failed } of await Promise.all(stage.map(count))) {
    sum.passed += passed;
    sum.failed += failed;
  }
}
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
