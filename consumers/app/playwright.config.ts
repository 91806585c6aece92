import { defineConfig } from '@playwright/test';

export default defineConfig({
  use: { baseURL: process.env.PAGE, launchOptions: JSON.parse(process.env.LAUNCH_OPTIONS ?? '{}') },
});
