import { expect, test, testObject } from './workbench.ts';

test.beforeEach(({ workbench }) => workbench.open());

test('a dropped object opens with the hook its section asks for', async ({ workbench, page }) => {
  await workbench.drop([testObject('xdp_counter.clang-19-v3-g.o')]);
  await expect(page.getByRole('combobox', { name: 'Program' })).toHaveValue('count_flows');
  await expect(workbench.attach).toContainText('XDP');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  await workbench.openPlace('maps');
  await expect(page.getByRole('region', { name: 'Map flows' })).toContainText('struct flow');
});

test('what cannot be linked is an error of that program alone', async ({ workbench, page }) => {
  await workbench.drop([testObject('externs.clang-19-v3-g.o')]);
  await workbench.openPlace('object');
  await expect(page.getByRole('row', { name: /strong_ksym/ })).toContainText('runqueues');
  await page.getByRole('button', { name: 'Select program fine' }).click();
  await expect(workbench.listing.getByRole('option').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Program' }).selectOption('strong_ksym');
  await expect(page.locator('.program-error')).toContainText('cannot be run');
});

test('big-endian objects and objects of gcc run to the same verdict', async ({
  workbench,
  page,
}) => {
  for (const [name, words] of [
    ['bpf_filter.clang-19-v3-eb-g.o', 'big-endian'],
    ['bpf_filter.gcc-12-g.o', 'little-endian'],
    ['bpf_filter.gcc-12-eb-g.o', 'big-endian'],
  ]) {
    await workbench.drop([testObject(name)]);
    await workbench.openPlace('object');
    await expect(page.getByRole('region', { name: 'Object', exact: true })).toContainText(
      `${name}ELF object, ${words}`,
    );
    await expect(workbench.verdict).toHaveAccessibleName('Verdict: filter-ubpf: r0 = 0x1 -> drop');
    await page.keyboard.press('F5');
    await expect(workbench.register('r0')).toContainText('0x0000000000000001');
  }
});

test('an object and its C source dropped together stand side by side', async ({
  workbench,
  page,
}) => {
  await workbench.drop([testObject('xdp_counter.c'), testObject('xdp_counter.clang-19-v3-g.o')]);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await expect(page.locator('.source-editor')).toContainText('networks');
});

test('a file that is nothing is refused with its name, and what was open stays', async ({
  workbench,
}) => {
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
