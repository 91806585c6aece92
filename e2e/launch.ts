/** How every Chromium of the tests and of the benchmark is started: the one found, and quiet. */
import { findChromium } from '../scripts/chromium.mjs';

function found(): string {
  const path = findChromium();
  if (path === undefined) throw new Error('no Chromium found: run "npm test", or set CHROMIUM to its path');
  return path;
}

/** Without those of the address bar, which give each window two renderers of its own; the others as Playwright has them. */
const disabledFeatures = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'HttpsUpgrades',
  'MediaRouter',
  'OptimizationHints',
  'Translate',
];

/** Without these features as well. Chromium obeys the last list of them that it is given, and no other: hence one. */
export const launchOptionsWithout = (...features: readonly string[]) => ({
  executablePath: found(),
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    `--disable-features=${[...disabledFeatures, ...features]}`,
  ],
});

export const launchOptions = launchOptionsWithout();
