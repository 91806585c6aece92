/** Real tabs in a real Chromium: two tests at a time, since they mostly wait, and one that fails once has failed. */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './launch.ts';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results/e2e',
  globalSetup: './build-page.ts',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: { launchOptions },
});
