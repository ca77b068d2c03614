import { expect, test } from './workbench.ts';

test('the reference tells what of Linux is built, hook by hook', async ({ workbench, page }) => {
  await workbench.open();
  await page.keyboard.press('F1');
  const dialog = page.getByRole('dialog', { name: 'Reference' });
  await dialog.getByLabel('Hook').selectOption('xdp');
  await dialog.getByLabel('Search').fill('fib_lookup');
  await expect(dialog.getByRole('row', { name: /bpf_fib_lookup/ })).toContainText('as in Linux');
  await dialog.getByLabel('Search').fill('get_task_stack');
  await expect(dialog.getByRole('row', { name: /bpf_get_task_stack/ })).toContainText(
    'there is no task',
  );
  await dialog.getByLabel('Hook').selectOption('netfilter');
  await dialog.getByLabel('Search').fill('fib_lookup');
  await expect(dialog.getByRole('row', { name: /bpf_fib_lookup/ })).toContainText(
    'refused by the verifier',
  );
  await dialog.getByRole('tab', { name: 'Context' }).click();
  await dialog.getByLabel('Search').fill('state');
  await expect(dialog.getByRole('row', { name: /state/ })).toContainText('bpf_nf_ctx+0');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
});
