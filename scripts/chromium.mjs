/**
 * Where the tests' Chromium is: `CHROMIUM`, one that is installed, or Playwright's own. A browser that
 * cannot say its version (a stub, libraries missing) does not count.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** @param {string} path */
const works = (path) => existsSync(path) && spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0;

/** @returns {string | undefined} */
export function findChromium() {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) {
    if (!works(CHROMIUM)) throw new Error(`CHROMIUM is ${CHROMIUM}, which does not run`);
    return CHROMIUM;
  }
  const onPath = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return [...onPath, ...applications, chromium.executablePath()].find(works);
}
