import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const PATHS = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/**
 * Firefox over WebDriver BiDi; a string says why there is none. FIREFOX_PATH chooses one.
 * @returns {Promise<import('./tab.mjs').Browser | string>}
 */
export async function firefox() {
  const executablePath = [process.env.FIREFOX_PATH, ...PATHS].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (executablePath === undefined)
    return 'there is no Firefox here: install firefox-esr, or set FIREFOX_PATH';
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  return {
    name: `Firefox (${await browser.version()})`,
    open: async () => {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.setViewport({ width: 1280, height: 720 });
      return {
        goto: async (address) => void (await page.goto(address)),
        evaluate: (body, ...args) => page.evaluate(body, ...args),
        click: async (selector) => {
          await page.waitForSelector(selector, { visible: true });
          await page.click(selector);
        },
        press: async (...keys) => {
          const last = keys.at(-1);
          const held = keys.slice(0, -1);
          for (const key of held) await page.keyboard.down(key);
          if (last) await page.keyboard.press(last);
          for (const key of held.reverse()) await page.keyboard.up(key);
        },
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
