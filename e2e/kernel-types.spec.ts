import { readFileSync } from 'node:fs';
import { expect, type FileToDrop, test } from './workbench.ts';

const relocated = (name: string): FileToDrop => ({
  name,
  buffer: readFileSync(new URL(`../core/testdata/core-relocations/${name}`, import.meta.url)),
});

test.beforeEach(({ workbench }) => workbench.open());

test('offsets of kernel types follow the types that are chosen', async ({ workbench, page }) => {
  await workbench.drop([relocated('kernel.clang-19.o')]);
  await expect(workbench.instruction(0)).toContainText('0xe0');
  await workbench.openPlace('object');
  const types = page.getByRole('region', { name: 'Kernel types' });
  await expect(types).toContainText('Linux 6.18, bundled');
  await types.locator('summary', { hasText: 'CO-RE relocations' }).click();
  const row = types.getByRole('row', { name: /struct net_device.ifindex/ }).first();
  await expect(row).toContainText('224');
  await types.getByRole('combobox', { name: 'Kernel types' }).selectOption("The object's own");
  await expect(workbench.instruction(0)).toContainText('0x0');
  await expect(row).not.toContainText('224');
});

test("a dropped file of a kernel's types becomes the target", async ({ workbench, page }) => {
  await workbench.drop([relocated('programs.clang-19-v3.o')]);
  const vmlinux = relocated('target.clang-19.o');
  vmlinux.buffer[18] = 62;
  await workbench.drop([{ ...vmlinux, name: 'vmlinux' }]);
  await workbench.openPlace('object');
  await expect(page.getByRole('combobox', { name: 'Kernel types' })).toHaveValue('file');
  await page.getByRole('button', { name: 'Select program read_missing' }).click();
  await expect(workbench.verdict).toHaveAccessibleName(/fault/);
});

test('values of the kernel and of constants are typed over', async ({ workbench, page }) => {
  await workbench.drop([relocated('values.clang-19.o')]);
  await workbench.openPlace('object');
  await page.getByRole('button', { name: 'Select program constants' }).click();
  await page.locator('summary', { hasText: 'Global variables' }).click();
  const threshold = page.getByRole('textbox', { name: 'Value of threshold before the run' });
  await threshold.fill('11');
  await threshold.press('Enter');
  await expect(page.getByRole('row', { name: /threshold/ })).toContainText('set');
  await page.locator('summary', { hasText: 'Externs' }).click();
  const hz = page.getByRole('textbox', { name: 'Value of CONFIG_HZ' });
  await expect(hz).toHaveValue('250');
  await hz.fill('nonsense');
  await hz.press('Enter');
  await expect(workbench.refusal).toContainText('is not a number');
  await page.getByRole('button', { name: 'Give back threshold' }).click();
  await expect(threshold).toHaveValue('10');
});
