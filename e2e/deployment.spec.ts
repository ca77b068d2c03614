import type { Page } from 'playwright/test';
import { Host } from './deployments.ts';
import { expect, LONG, test, Workbench } from './workbench.ts';

test.use({ serviceWorkers: 'allow' });
/* Five builds of ten megabytes are installed: where the machine is busy, not always in time. */
test.describe.configure({ retries: 2 });

/** Every story has a host of its own, on an origin of its own. */
const story = test.extend<{ host: Host }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern
  host: async ({}, use) => {
    const host = await Host.start();
    await use(host);
    host.stop();
  },
  baseURL: async ({ host }, use) => use(host.address),
});

const isControlled = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve),
      );
  });

const entryOf = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLScriptElement>('script[type=module]')!.src);

const builds = (page: Page) =>
  page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('playground-')));

/** What the browser does by itself some time after a page was loaded. */
const lookForUpdate = (page: Page) =>
  page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });

const openReference = async (page: Page) => {
  await page.keyboard.press('F1');
  await expect(page.getByRole('dialog', { name: 'Reference' })).toContainText(
    'bpf_map_lookup_elem',
  );
  await page.keyboard.press('Escape');
};

story(
  'a tab lives on after a deployment, is told of the new version, and keeps its session',
  LONG,
  async ({ host, page, context }) => {
    story.setTimeout(240_000);
    const workbench = new Workbench(page);
    await workbench.open();
    await isControlled(page);
    const first = await entryOf(page);
    await page.keyboard.press('F11');
    await page.keyboard.press('F11');
    await workbench.expectStep(2);

    host.deploy();
    const second = await context.newPage();
    await second.goto(host.address);
    await lookForUpdate(second);
    const notice = page.locator('.notice');
    // A busy machine may give up an installation: the browser asks again.
    await expect(async () => {
      await lookForUpdate(second);
      await expect(notice).toContainText('There is a new version', { timeout: 8000 });
    }).toPass({ timeout: 90_000 });
    const [own, newer] = await builds(page);
    expect(newer).toBeDefined();

    // The old tab has parts of its own build that it had not loaded yet.
    await openReference(page);
    await workbench.openExample('XDP firewall with a hash map');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
    await page.keyboard.press('F11');
    await workbench.expectStep(1);

    // A deployment more, and another: what a tab uses stays.
    for (let i = 0; i < 3; i++) {
      host.deploy();
      const before = await builds(page);
      await second.reload();
      await lookForUpdate(second);
      await expect.poll(() => builds(page), { timeout: 60_000 }).not.toEqual(before);
    }
    await expect.poll(() => builds(page)).toContain(own);
    // Of five builds, one that no page uses is gone at least.
    await expect.poll(async () => (await builds(page)).length).toBeLessThan(5);
    await openReference(second);

    await page.bringToFront();
    await page.getByRole('button', { name: 'Reload' }).click();
    await expect(notice.first()).toContainText('Restored program.o');
    await workbench.expectStep(1);
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
    expect(await entryOf(page)).not.toBe(first);
  },
);
