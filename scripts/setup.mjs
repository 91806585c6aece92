/**
 * Makes a fresh clone ready: Node's version, then the packages of the lockfile. It uses Node alone, since
 * nothing is installed yet, and does nothing when everything is there.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * When the file was last written; 0 if it is not there.
 * @param {string} path
 */
const writtenAt = (path) => statSync(`${root}/${path}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tabring needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

// npm writes this file last, at the end of a complete install.
if (writtenAt('node_modules/.package-lock.json') < writtenAt('package-lock.json')) {
  console.log('Installing packages (npm ci) …');
  const install = spawnSync('npm', ['ci', '--include=dev', '--no-fund', '--no-audit'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (install.status !== 0) {
    console.error('The packages could not be installed: see npm’s message above; "npm ci" tries again.');
    process.exit(1);
  }
}
