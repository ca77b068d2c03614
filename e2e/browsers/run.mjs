/**
 * npm run e2e:browsers: the six stories in Firefox and WebKit, on the build in dist. --first: only
 * the first of them, which npm test runs. A browser that is not here is skipped, aloud.
 */
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';
import { firefox } from './firefox.mjs';
import { STORIES } from './stories.mjs';
import { webkit } from './webkit.mjs';

const stories = process.argv.includes('--first') ? STORIES.slice(0, 1) : STORIES;
const server = await preview({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  logLevel: 'warn',
  preview: { host: '127.0.0.1', port: 0 },
});
const address = server.resolvedUrls?.local[0] ?? '';

/** @param {import('./tab.mjs').Browser} browser */
async function runAll(browser) {
  for (const { name, run } of stories) {
    const start = Date.now();
    const tab = await browser.open();
    try {
      await run(tab, address);
      console.log(`  ok      ${browser.name}: ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`  FAILED  ${browser.name}: ${name}\n${error}`);
    } finally {
      await tab.close();
    }
  }
}

for (const [name, find] of Object.entries({ Firefox: firefox, WebKit: webkit })) {
  const browser = await find();
  if (typeof browser === 'string') console.log(`  SKIPPED ${name}: ${browser}`);
  else
    try {
      await runAll(browser);
    } finally {
      await browser.close();
    }
}
await server.close();
