/**
 * Takes the pictures of docs/screenshots from the build in dist: `npm run build` first. Everything
 * in them is what the page really shows, reached by the keys and buttons a person has.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { BROWSER_ARGUMENTS, browserPath } from './browser.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));

/** @typedef {import('playwright').Page} Page */

/**
 * @type {{ file: string, theme: 'dark' | 'light', width: number, height: number, stage: (page:
 * Page) => Promise<void> }[]}
 */
const PICTURES = [
  { file: 'workbench-dark.png', theme: 'dark', width: 1600, height: 1000, stage: atTheMapLookup },
  { file: 'workbench-light.png', theme: 'light', width: 1600, height: 1000, stage: insideTheCall },
  { file: 'variables.png', theme: 'light', width: 1600, height: 1000, stage: whereVariablesHold },
  { file: 'why.png', theme: 'dark', width: 1600, height: 1000, stage: whyItIsDropped },
  { file: 'flow.png', theme: 'dark', width: 1600, height: 1000, stage: whichBlocksRan },
  { file: 'packet.png', theme: 'dark', width: 1600, height: 1000, stage: atTheRewrittenPort },
  { file: 'builder.png', theme: 'light', width: 1600, height: 1000, stage: aPacketThatIsBuilt },
  { file: 'network.png', theme: 'dark', width: 1600, height: 1000, stage: packetsThatFlow },
  { file: 'tour.png', theme: 'dark', width: 1600, height: 1000, stage: onATour },
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
  await field.blur();
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
  await page.getByRole('tab', { name: 'Maps & events' }).click();
}

/** @param {Page} page */
async function atTheRewrittenPort(page) {
  await openExample(page, 'tc: rewrite a port, fix the checksum');
  await page.keyboard.press('F5');
}

/** UDP 10.1.2.3:4000 to 10.9.8.7:53. */
const UDP =
  '0200000000010200000000020800' +
  '45000024000040003c1100000a0102030a090807' +
  '0fa0003500100000' +
  '68656c6c6f212121';

/** Chooses files in the dialog of Ctrl+O. @param {Page} page @param {string[]} paths */
async function openFiles(page, ...paths) {
  await page.keyboard.press('Control+o');
  await page.getByLabel('Files').setInputFiles(paths.map((path) => `${ROOT}core/testdata/${path}`));
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** @param {Page} page @param {string} text */
async function openText(page, text) {
  await page.keyboard.press('Control+o');
  await page.getByLabel('Or paste text').fill(text);
  await page.getByRole('button', { name: 'Open text' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** At a line of C, where a condition over its variables holds. @param {Page} page */
async function whereVariablesHold(page) {
  await openFiles(page, 'debug/locals-clang19.o', 'debug/locals.c');
  await page.getByRole('combobox', { name: 'Program' }).filter({ hasText: 'locals' }).waitFor();
  await openText(page, UDP);
  await page.locator('.source-editor').getByRole('textbox').focus();
  await page.keyboard.press('Control+Home');
  for (let line = 1; line < 137; line++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+F9');
  await page.locator('.breakpoints').waitFor();
  await page
    .getByLabel(/^Condition of the breakpoint/)
    .fill('flow.protocol == 17 && flags.port == 53');
  await page.keyboard.press('Enter');
  await page.keyboard.press('F5');
  await page.locator('.status', { hasText: 'breakpoint' }).waitFor();
  await page.keyboard.press('F6');
  await page.keyboard.press('w');
  for (const expression of ['flow.destination', 'bpf_ntohs(udp->dest)']) {
    await page.getByLabel('Expression to watch').fill(expression);
    await page.keyboard.press('Enter');
    await page.locator(`[data-variable="${expression}"]`).first().waitFor();
  }
  const tree = page.getByRole('tree', { name: 'Variables' });
  await tree.locator('[data-variable="flow"]').dblclick();
  await tree.locator('[data-variable="flow"]').scrollIntoViewIfNeeded();
  await withoutToasts(page);
}

/** @param {Page} page */
async function whyItIsDropped(page) {
  await openExample(page, 'XDP firewall with a hash map');
  await page.getByRole('button', { name: /^Verdict: / }).click();
  await page.locator('.why-text').waitFor();
  await goTo(page, 7);
}

/** @param {Page} page */
async function aPacketThatIsBuilt(page) {
  await openExample(page, 'XDP firewall with a hash map');
  await page
    .getByRole('combobox', { name: 'New packet' })
    .selectOption({ label: 'VLAN, IPv6, UDP' });
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.getByRole('region', { name: 'Headers of the packet' }).waitFor();
}

/** @param {Page} page */
async function onATour(page) {
  await openExample(page, 'Tour: maps and tail calls');
  for (let note = 1; note < 4; note++) await page.keyboard.press('>');
}

/** @param {Page} page */
async function whichBlocksRan(page) {
  await openExample(page, 'XDP firewall with a hash map');
  await goTo(page, 13);
  await page.keyboard.press('F6');
  await page.keyboard.press('0');
  await page.getByLabel('over all packets').check();
  await page.waitForTimeout(600);
}

/** A program was swapped among a million packets. @param {Page} page */
async function packetsThatFlow(page) {
  await page.getByRole('button', { name: 'Dismiss the hint' }).click();
  await page.keyboard.press('v');
  await page.getByRole('combobox', { name: 'Packets' }).selectOption('generator');
  await page.getByRole('button', { name: 'dump', exact: true }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForTimeout(2000);
  await page
    .getByLabel('File: Swap the program of f1')
    .setInputFiles(`${ROOT}core/testdata/netdev/every-third.o`);
  await page.getByText('version 2').first().waitFor();
  await page.waitForTimeout(2500);
}

/** Short notes go by themselves. @param {Page} page */
async function withoutToasts(page) {
  await page.locator('.toast').first().waitFor({ state: 'detached', timeout: 20_000 });
}

/** @param {Page} page */
async function onAPhone(page) {
  await page.getByRole('button', { name: 'Dismiss the hint' }).click();
  for (let step = 0; step < 3; step++)
    await page.getByRole('button', { name: 'Step', exact: true }).click();
}

mkdirSync(FOLDER, { recursive: true });
const server = await preview({
  root: ROOT,
  logLevel: 'error',
  preview: { host: '127.0.0.1', port: 4180 },
});
const browser = await chromium.launch({ executablePath: browserPath(), args: BROWSER_ARGUMENTS });
for (const { file, theme, width, height, stage } of PICTURES) {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme,
    serviceWorkers: 'block',
  });
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
