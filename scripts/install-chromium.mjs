/** Gets the tests a Chromium where there is none: Playwright's, or else the distribution's package. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './chromium.mjs';

/**
 * @param {string} command
 * @param {string[]} parameters
 * @param {number} minutes
 */
function run(command, parameters, minutes) {
  console.log(`  ${command} ${parameters.join(' ')}`);
  const result = spawnSync(command, parameters, {
    stdio: 'inherit',
    timeout: minutes * 60_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

/**
 * Runs a command of the system as root, or not at all.
 * @param {string} command
 * @param {string[]} parameters
 * @param {number} minutes
 */
function runAsRoot(command, parameters, minutes) {
  if (process.getuid?.() === 0) return run(command, parameters, minutes);
  return spawnSync('sudo', ['-n', 'true']).status === 0 && run('sudo', ['-n', command, ...parameters], minutes);
}

const playwright = ['node_modules/@playwright/test/cli.js'];

/** @type {(() => unknown)[]} */
const attempts = [
  () => run(process.execPath, [...playwright, 'install', 'chromium'], 5),
  // A browser that was downloaded may lack libraries of the system.
  () =>
    existsSync('/usr/bin/apt-get') &&
    runAsRoot('apt-get', ['update', '-q'], 5) &&
    runAsRoot('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], 15),
];

/** The path of a Chromium that runs; exits with what to do if none is to be had. */
export function provideChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  console.log('No Chromium found; installing one for the tests …');
  for (const attempt of attempts) {
    attempt();
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  console.error('The tests need a Chromium: install one, or set CHROMIUM to the path of one.');
  process.exit(1);
}
