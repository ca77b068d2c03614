import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';

/** What Cover came to on an example, and how long the page waited for it, in milliseconds. */
export interface CoverTime {
  readonly name: string;
  readonly said: string;
  readonly milliseconds: number;
}

interface Example {
  readonly name: string;
  readonly title: string;
}

/** Packets are made for each example of the gallery, in a page of its own. */
export async function* coverTimes(browser: Browser, address: string): AsyncGenerator<CoverTime> {
  const examples = JSON.parse(readFileSync('public/examples/index.json', 'utf8')) as Example[];
  for (const { name, title } of examples) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(address);
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.getByRole('button', { name: `Open ${title}` }).click();
    await page.getByRole('radio', { name: 'Flow', exact: true }).check();
    const cover = page.getByRole('region', { name: 'Cover' });
    const button = cover.getByRole('button', { name: 'Make packets for what is left out' });
    await button.waitFor();
    const started = performance.now();
    await button.click();
    const status = cover.getByRole('status');
    await status.waitFor({ timeout: 120_000 });
    const milliseconds = performance.now() - started;
    yield { name, said: (await status.innerText()).replace(/;.*/s, ''), milliseconds };
    await page.close();
  }
}
