import { expect, test } from './workbench.ts';

test('a newcomer sees a verdict within a second of the page, and steps with one click', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await expect(workbench.verdict).toBeVisible({ timeout: 1000 });
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await workbench.expectStep(0);
  await expect(page.getByText('runs one instruction')).toBeVisible();

  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await expect(workbench.current).toHaveAttribute('data-pc', '1');
  await expect(page.getByText('runs one instruction')).toBeHidden();
});

test('the second packet of the first example gets the other verdict', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page
    .getByRole('list', { name: 'Packets' })
    .getByRole('button', { name: /8\.8\.8\.8/ })
    .first()
    .click();
  await expect(workbench.verdict).toHaveAccessibleName(/pass/);
});

test('the hint goes away for good', async ({ workbench, page }) => {
  await workbench.open();
  await page.getByRole('button', { name: 'Dismiss the hint' }).click();
  await page.reload();
  await expect(workbench.listing.getByRole('option').first()).toBeVisible();
  await expect(page.getByText('runs one instruction')).toBeHidden();
});

test('the C source stands beside the instructions, its running line marked', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await expect(page.locator('.source-editor')).toContainText('is_dst_one_one_one_one');
  await expect(page.locator('.source-line.current')).toHaveCount(1);
});
