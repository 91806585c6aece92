import { defineConfig } from 'vitest/config';

/** Unit tests lie beside their subject; anything that needs a browser is in e2e. */
export default defineConfig({
  test: {
    include: ['{src,sim,signaling-server,web,scripts}/**/*.test.ts'],
    testTimeout: 30_000,
    // By itself it leaves one core of two idle.
    maxWorkers: 2,
  },
});
