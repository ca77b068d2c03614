import { Host } from './deployments.ts';
import { expect, test } from './workbench.ts';

const FOLDER = '/tools/bpf/playground/';

test.use({ serviceWorkers: 'allow' });

const story = test.extend<{ host: Host }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern
  host: async ({}, use) => {
    const host = await Host.start(FOLDER);
    await use(host);
    host.stop();
  },
  baseURL: async ({ host }, use) => use(host.address),
});

story(
  'the build works from any path of a static host that sets no header',
  async ({ workbench, page, host }) => {
    const outside: string[] = [];
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      if (request.url().startsWith('data:')) return;
      if (origin !== new URL(host.address).origin || !pathname.startsWith(FOLDER))
        outside.push(request.url());
    });
    const missing: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) missing.push(response.url());
    });
    await page.goto(host.address);
    await expect(workbench.verdict).toHaveAccessibleName(/drop/);
    await workbench.control('Step').click();
    await workbench.expectStep(1);
    await workbench.openExample('XDP firewall with a hash map');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
    await page.keyboard.press('F1');
    await expect(page.getByRole('dialog', { name: 'Reference' })).toContainText('bpf_redirect');
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
    expect([scope, outside, missing]).toEqual([host.address, [], []]);
  },
);
