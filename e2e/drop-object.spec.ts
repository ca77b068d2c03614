import { readFileSync } from 'node:fs';
import { expect, test } from './workbench.ts';

const testdata = (name: string) => ({
  name,
  buffer: readFileSync(new URL(`../core/testdata/objects/${name}`, import.meta.url)),
});

test.beforeEach(({ workbench }) => workbench.open());

test('a dropped object opens with the hook its section asks for', async ({ workbench, page }) => {
  await workbench.drop([testdata('xdp_counter.clang-19-v3-g.o')]);
  await expect(page.getByRole('combobox', { name: 'Program' })).toHaveValue('count_flows');
  await expect(page.getByRole('combobox', { name: 'Hook' })).toHaveValue('xdp');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  await workbench.tab('Maps').click();
  await expect(page.getByRole('region', { name: 'Map flows' })).toContainText('struct flow');
});

test('what cannot be linked is an error of that program alone', async ({ workbench, page }) => {
  await workbench.drop([testdata('externs.clang-19-v3-g.o')]);
  await workbench.tab('Object').click();
  await expect(page.getByRole('row', { name: /strong_kconfig/ })).toContainText('CONFIG_HZ');
  await page.getByRole('button', { name: 'Select program fine' }).click();
  await expect(workbench.listing.getByRole('option').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Program' }).selectOption('strong_ksym');
  await expect(page.locator('.program-error')).toContainText('cannot be run');
});

test('an object and its C source dropped together stand side by side', async ({ workbench, page }) => {
  await workbench.drop([testdata('xdp_counter.c'), testdata('xdp_counter.clang-19-v3-g.o')]);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await expect(page.locator('.source-editor')).toContainText('networks');
});

test('a file that is nothing is refused with its name, and what was open stays', async ({ workbench }) => {
  await workbench.drop([{ name: '<img src=x>.o', buffer: Buffer.from('7f454c46020101', 'hex') }]);
  await expect(workbench.banner).toBeVisible();
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
});

test('pasted assembly opens as a program', async ({ workbench, page }) => {
  await workbench.paste('r0 = 1\nexit');
  await expect(workbench.listing.getByRole('option')).toHaveCount(2);
  await page.keyboard.press('F5');
  await expect(workbench.announcement).toContainText('r0 = 0x1');
});
