import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FrameLocator, Page } from 'playwright/test';
import { Host } from './deployments.ts';
import { expect, test } from './workbench.ts';

/** What the Share dialog gives for a page of one's own. */
async function codeOf(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Code for a frame' });
  await expect(field).toHaveValue(/^<iframe /);
  return field.inputValue();
}

/** A page of another origin with a frame in it. */
class Outside {
  readonly address: string;
  private readonly server: Server;
  private html = '';

  private constructor(server: Server) {
    this.server = server;
    // Another name of the same machine: to a browser another site.
    this.address = `http://localhost:${(server.address() as AddressInfo).port}/`;
    server.on('request', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(`<!doctype html><body style="margin: 0">${this.html}`);
    });
  }

  static async start(): Promise<Outside> {
    const server = createServer();
    await new Promise<void>((ready) => {
      server.listen(0, ready);
    });
    return new Outside(server);
  }

  async show(page: Page, html: string): Promise<FrameLocator> {
    this.html = html;
    await page.goto(this.address);
    return page.frameLocator('iframe');
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const story = test.extend<{ host: Host; outside: Outside }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern
  host: async ({}, use) => {
    const host = await Host.start();
    await use(host);
    host.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern
  outside: async ({}, use) => {
    const outside = await Outside.start();
    await use(outside);
    outside.stop();
  },
  // The pages of both are asked for on purpose, and blocked frames say so on the console.
  watched: async ({ page: _ }, use) => use(undefined),
});

story(
  'in another page, at 720 by 420: program, verdict, steps, notes, a way to the whole session',
  async ({ page, workbench, host, outside, context }) => {
    await page.goto(host.address);
    await workbench.openExample('Tour: why bounds checks');
    const code = await codeOf(page);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.setViewportSize({ width: 720, height: 420 });
    const frame = await outside.show(page, code);
    await expect(frame.locator('.embed-verdict')).toContainText('XDP_DROP');
    await expect(frame.getByRole('region', { name: 'Notes' })).toContainText('Note 1 of 9');
    await frame.getByRole('button', { name: 'Step', exact: true }).click();
    await expect(frame.getByRole('textbox', { name: 'Step number' })).toHaveValue('1');
    await frame.getByRole('button', { name: 'Next note' }).click();
    await expect(frame.getByRole('textbox', { name: 'Step number' })).toHaveValue('3');

    // Of the program enough is in sight, and nothing reaches out of the frame.
    const rows = frame.locator('.insn');
    await expect(rows.nth(5)).toBeInViewport();
    const size = await frame
      .locator('html')
      .evaluate((page) => [page.scrollWidth, page.scrollHeight]);
    expect(size).toEqual([720, 420]);
    for (const name of ['Share', 'Examples', 'Edit this note'])
      await expect(frame.getByRole('button', { name })).toHaveCount(0);
    // Keys of what is not there do nothing.
    await frame.getByRole('button', { name: 'Step', exact: true }).press('x');
    await expect(frame.getByRole('dialog')).toHaveCount(0);

    const [whole] = await Promise.all([
      context.waitForEvent('page'),
      frame.getByRole('link', { name: 'Open in the playground' }).click(),
    ]);
    await expect(whole.getByRole('button', { name: 'Share', exact: true })).toBeVisible();
    await expect(whole.getByRole('region', { name: 'Notes' })).toContainText('Note 1 of 9');
    expect(errors).toEqual([]);
  },
);

story(
  'what is embedded keeps nothing: the session of the tab stays',
  async ({ page, workbench, host }) => {
    await page.goto(host.address);
    await workbench.openExample('XDP firewall with a hash map');
    await workbench.control('Step').click();
    await workbench.expectStep(1);
    // Within a fifth of a second it is kept.
    await page.waitForTimeout(500);
    await expect(async () => {
      await page.goto(`${host.address}#embed`);
      await expect(page.locator('.embed-verdict')).toContainText('drop', { timeout: 1000 });
    }).toPass();
    await workbench.control('Step').click();
    await workbench.control('Step').click();
    await workbench.expectStep(2);
    await page.goto('about:blank');
    await page.goto(host.address);
    await workbench.expectStep(1);
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  },
);

story.describe('in a sandbox', () => {
  const cases = [
    // Without scripts its words stand where no text is looked for.
    ['that allows nothing', '', 'noscript p', 'needs JavaScript'],
    ['without an origin', 'allow-scripts', '.unstarted', 'has not started'],
  ] as const;
  for (const [what, sandbox, place, words] of cases)
    story(`${what} the page says what it needs`, async ({ page, host, outside }) => {
      const src = `${host.address}#embed`;
      const frame = await outside.show(page, `<iframe src="${src}" sandbox="${sandbox}"></iframe>`);
      await expect(frame.locator(place)).toBeVisible();
      await expect(frame.locator(place)).toContainText(words);
      await expect(frame.locator(place)).toContainText('"allow-scripts allow-same-origin"');
    });

  story('with its origin it works', async ({ page, host, outside }) => {
    const src = `${host.address}#embed`;
    const frame = await outside.show(
      page,
      `<iframe src="${src}" sandbox="allow-scripts allow-same-origin"></iframe>`,
    );
    await expect(frame.locator('.embed-verdict')).toContainText('drop');
  });
});
