import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, Workbench } from './workbench.ts';

test.beforeEach(async ({ workbench, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.open();
});

/** A place worth sharing: another packet, an option, a breakpoint, and two instructions run. */
async function prepare(workbench: Workbench): Promise<void> {
  await workbench.selectPacket(/ping to 1\.1\.1\.1/);
  await expect(workbench.packetNumber).toHaveValue('3');
  await workbench.setOption('bounds', '20-bytes');
  await workbench.page.keyboard.press('Escape');
  await workbench.instruction(4).locator('.gutter').click();
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await workbench.control('Step').click();
  await workbench.expectStep(2);
}

test('the link reopens the same step in a browser that has never seen the page', async ({
  workbench,
  page,
  browser,
}) => {
  await prepare(workbench);
  const before = await workbench.state();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Share' })).toContainText('nothing is uploaded');
  await page.getByRole('button', { name: 'Copy link', exact: true }).click();
  await expect(workbench.toast('Link copied')).toContainText(/fits anywhere|fits GitHub/);
  const link = await workbench.clipboard();
  expect(link.length).toBeLessThan(8000);
  expect(page.url()).toBe(link);

  const fresh = await browser.newContext({
    serviceWorkers: 'block',
    viewport: { width: 1280, height: 720 },
  });
  const other = new Workbench(await fresh.newPage());
  await other.open(link.slice(link.indexOf('#') + 1));
  await other.expectStep(2);
  expect(await other.state()).toEqual(before);
  await expect(other.page.locator('.source-editor')).toContainText('is_dst_one_one_one_one');
  await expect(other.toast('another result')).toHaveCount(0);
  // It goes on from there: the breakpoint stops the run.
  await other.page.keyboard.press('F5');
  await expect(other.current).toHaveAttribute('data-pc', '4');
  await fresh.close();
});

test('a link that stays short has the places of C variables too, or they can be asked for', async ({
  workbench,
  page,
}) => {
  const buffer = readFileSync(
    join(import.meta.dirname, '../core/testdata/debug/seed-filter-clang19.o'),
  );
  await workbench.drop([{ name: 'seed.o', buffer }]);
  await expect(workbench.toast('Opened seed.o')).toBeVisible();
  await page.keyboard.press('Control+s');
  await expect(workbench.toast('Link copied')).toContainText(/fits anywhere|fits GitHub/);
  const link = await workbench.clipboard();
  await page.goto('about:blank');
  await page.goto(link);
  await workbench.openPlace('variables');
  const ip = page.getByRole('tree', { name: 'Variables' }).locator('[data-variable="ip"]');
  await expect(ip).toContainText(/packet\+14|r1/);

  await workbench.openExample('Load balancer with consistent hash');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Link without C variables' });
  await expect(field).toHaveValue(/#/);
  const shortest = await field.inputValue();
  await page.getByRole('button', { name: 'Copy link with C variables' }).click();
  const whole = await workbench.clipboard();
  expect(whole.length).toBeGreaterThan(shortest.length);
});

test('without debug info the link is shorter and runs the same', async ({ workbench, page }) => {
  await prepare(workbench);
  const before = await workbench.state();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Link', exact: true });
  await expect(field).toHaveValue(/#/);
  const full = await field.inputValue();
  await expect(page.getByRole('dialog', { name: 'Share' })).toContainText(
    'types and source lines (.BTF)',
  );
  await page.getByRole('button', { name: 'Copy link without debug info' }).click();
  await expect(workbench.toast('Link copied')).toContainText('C files');
  const slim = await workbench.clipboard();
  expect(slim.length).toBeLessThan(full.length);

  await page.reload();
  await workbench.expectStep(2);
  await expect(page.getByText('does not say which C it came from')).toBeVisible();
  expect(await workbench.state()).toEqual(before);
});

test('of many packets one alone can be shared, and what is left out is said', async ({
  workbench,
  page,
}) => {
  await prepare(workbench);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('checkbox', { name: /Only this packet/ }).check();
  await expect(page.getByRole('dialog', { name: 'Share' })).toContainText('3 other packets');
  await page.getByRole('button', { name: 'Copy link', exact: true }).click();
  await expect(workbench.toast('Link copied')).toBeVisible();
  const link = await workbench.clipboard();
  await page.goto('about:blank');
  await page.goto(link);
  await workbench.expectStep(2);
  expect((await workbench.state()).packet).toBe('1');
  await expect(workbench.field('icmp')).toBeVisible();
});

test('a snapshot file brings the run back by drag and drop', async ({ workbench, page }) => {
  await prepare(workbench);
  const before = await workbench.state();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download snapshot file' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('program.ebpf-session');
  const buffer = readFileSync(await download.path());

  await page.goto('about:blank');
  await workbench.open();
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await workbench.expectStep(0);
  await workbench.drop([{ name: 'program.ebpf-session', buffer }]);
  await workbench.expectStep(2);
  expect(await workbench.state()).toEqual(before);
});

test('Ctrl+S copies the link at once, Markdown holds what an issue needs', async ({
  workbench,
  page,
}) => {
  await page.keyboard.press('Control+s');
  await expect(workbench.toast('Link copied')).toBeVisible();
  const link = await workbench.clipboard();
  expect(link).toContain('/#v2.');

  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect(workbench.toast('Markdown copied')).toBeVisible();
  const markdown = await workbench.clipboard();
  expect(markdown).toContain('**`is_dst_one_one_one_one`** of `program.o` as filter-ubpf');
  expect(markdown).toContain('`filter-ubpf: r0 = 0x1 -> drop`, at step 0 of 4');
  expect(markdown).toContain('->    0: r1 = *(u32 *)(r1 + 0x10)');
  expect(markdown).toContain(`](${link})`);
});
