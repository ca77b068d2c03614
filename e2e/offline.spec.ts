import { expect, test } from './workbench.ts';

test.use({ serviceWorkers: 'allow' });

test('after one visit the page works without a network', async ({ workbench, page, context }) => {
  await workbench.open();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve),
      );
  });
  await context.setOffline(true);
  await page.reload();
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await expect(page.locator('.source-editor')).toContainText('is_dst_one_one_one_one');
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await workbench.openExample('XDP firewall with a hash map');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
});

test('nothing about the user leaves: a page that has loaded asks for nothing', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await expect(page.locator('.source-editor')).toContainText('is_dst_one_one_one_one');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await workbench.paste('r0 = 1\nexit');
  await expect(workbench.listing.getByRole('option')).toHaveCount(2);
  await workbench.byte(33).click();
  await page.keyboard.type('02');
  await expect(workbench.field('ip.dst')).toContainText('1.1.1.2');
  await page.keyboard.press('F5');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Link', exact: true })).toHaveValue(/#v2\./);
  expect(requests).toEqual([]);
});
