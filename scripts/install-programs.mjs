/**
 * Gets the tests the programs that they lack: a Chromium, Playwright's or else the distribution's package, and for
 * tests of networks and power cuts the tools that these call. Where nothing is lacking nothing is run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
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

/** @param {string[]} packages */
const installPackages = (...packages) =>
  existsSync('/usr/bin/apt-get') &&
  runAsRoot('apt-get', ['update', '-q'], 5) &&
  runAsRoot('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], 15);

const playwright = ['node_modules/@playwright/test/cli.js'];

/** @type {(() => unknown)[]} */
const attempts = [
  () => run(process.execPath, [...playwright, 'install', 'chromium'], 5),
  // A browser that was downloaded may lack libraries of the system.
  () => installPackages('chromium'),
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

/** What e2e/faults/namespaces.ts and disk-image.ts call, and the packages that have it. */
const tools = {
  nftables: ['nft'],
  iproute2: ['ip', 'tc'],
  e2fsprogs: ['mkfs.ext4'],
  mount: ['mount', 'umount', 'losetup'],
};

/** @param {string} program */
const isThere = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const lackingTools = () =>
  Object.entries(tools)
    .filter(([, programs]) => !programs.every(isThere))
    .map(([name]) => name);

/** Only for root on Linux, since nobody else can run the tests that need them: these are skipped without. */
export function provideTools() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const lacking = lackingTools();
  if (lacking.length === 0) return;
  console.log('Installing what the tests of networks and power cuts need …');
  installPackages(...lacking);
  const still = lackingTools();
  if (still.length > 0) console.log(`Not to be had: ${still.join(', ')}. The tests that need them are skipped.`);
}
