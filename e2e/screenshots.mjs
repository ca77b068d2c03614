/**
 * Takes the pictures of docs/screenshots from the build in dist: `npm run build` first. Everything in them is what the page
 * really shows, reached by the keys and buttons a person has.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { BROWSER_ARGUMENTS, browserPath } from './browser.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));

/** @typedef {import('playwright').Page} Page */

/** @type {{ file: string, theme: 'dark' | 'light', width: number, height: number, stage: (page: Page) => Promise<void> }[]} */
const PICTURES = [
  { file: 'workbench-dark.png', theme: 'dark', width: 1600, height: 1000, stage: atTheMapLookup },
  { file: 'workbench-light.png', theme: 'light', width: 1600, height: 1000, stage: insideTheCall },
  { file: 'packet.png', theme: 'dark', width: 1600, height: 1000, stage: atTheRewrittenPort },
  { file: 'phone.png', theme: 'dark', width: 390, height: 844, stage: onAPhone },
];

/** @param {Page} page @param {string} title */
async function openExample(page, title) {
  await page.keyboard.press('x');
  await page.getByRole('button', { name: `Open ${title}` }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** @param {Page} page @param {number} step */
async function goTo(page, step) {
  const field = page.getByRole('textbox', { name: 'Step number' });
  await field.fill(String(step));
  await field.press('Enter');
}

/** @param {Page} page */
async function atTheMapLookup(page) {
  await openExample(page, 'XDP firewall with a hash map');
  await goTo(page, 13);
  await page.getByRole('listbox', { name: 'Instructions' }).focus();
  await page.keyboard.press('F9');
}

/** @param {Page} page */
async function insideTheCall(page) {
  await openExample(page, 'A function and global variables');
  await goTo(page, 4);
  await page.getByRole('tab', { name: 'Maps' }).click();
}

/** @param {Page} page */
async function atTheRewrittenPort(page) {
  await openExample(page, 'tc: rewrite a port, fix the checksum');
  await page.keyboard.press('F5');
}

/** @param {Page} page */
async function onAPhone(page) {
  await page.getByRole('button', { name: 'Dismiss the hint' }).click();
  for (let step = 0; step < 3; step++) await page.keyboard.press('F11');
}

mkdirSync(FOLDER, { recursive: true });
const server = await preview({ root: ROOT, logLevel: 'error', preview: { host: '127.0.0.1', port: 4180 } });
const browser = await chromium.launch({ executablePath: browserPath(), args: BROWSER_ARGUMENTS });
for (const { file, theme, width, height, stage } of PICTURES) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme, serviceWorkers: 'block' });
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.locator('.source-editor .view-line').first().waitFor();
  await stage(page);
  await page.mouse.move(0, 0);
  await page.waitForTimeout(400);
  await page.screenshot({ path: FOLDER + file });
  await page.close();
  console.log(`docs/screenshots/${file}`);
}
await browser.close();
await server.close();
