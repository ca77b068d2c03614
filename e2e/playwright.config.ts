import { defineConfig } from 'playwright/test';
import { BROWSER_ARGUMENTS, browserPath } from './browser.mjs';

/** run.mjs finds one that is free. */
const PORT = process.env.PORT ?? '4173';
const ADDRESS = `http://127.0.0.1:${PORT}/`;

/** The production build, served with its content security policy. Run after `npm run build`. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../node_modules/.cache/e2e',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: 'list',
  // A busy machine is slow, not wrong; what fails twice is.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: ADDRESS,
    // Caching 5 MB a context would cost a third of the time; the offline story allows it.
    serviceWorkers: 'block',
    // A trace of every story would take half the time again: --trace on, where one is needed.
    actionTimeout: 10_000,
    screenshot: 'only-on-failure',
    viewport: { width: 1280, height: 720 },
    launchOptions: {
      executablePath: browserPath(),
      args: BROWSER_ARGUMENTS,
    },
  },
  webServer: {
    command: `npx vite preview --host 127.0.0.1 --port ${PORT} --strictPort`,
    cwd: '..',
    url: ADDRESS,
    reuseExistingServer: false,
  },
});
