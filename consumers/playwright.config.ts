/** The package as others use it: packed, unpacked in a project of its own, and put through their tools. */
import { defineConfig } from '@playwright/test';
import { launchOptions } from '../e2e/launch.ts';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  testIgnore: 'app/**',
  outputDir: '../test-results/consumers',
  globalSetup: './pack.ts',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: '../test-results/consumers.json' }]],
  use: { launchOptions },
});
