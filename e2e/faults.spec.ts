import { expect, test } from './workbench.ts';

const FAULT = 'instruction 7 reads 2 bytes at packet+36, the packet has 34 bytes';

test.beforeEach(async ({ workbench }) => {
  await workbench.open();
  await workbench.openExample('A program that faults');
});

test('a read beyond the packet stops there, and names the place and the numbers', async ({
  workbench,
  page,
}) => {
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_ABORTED/);
  await page.keyboard.press('F5');
  await expect(page.getByText(`Fault: ${FAULT}.`)).toBeVisible();
  await expect(page.locator('.program-fault')).toContainText('data_end');
  await expect(page.locator('.status')).toHaveText(`faulted ${FAULT}`);
  await expect(workbench.instruction(7)).toHaveAccessibleName(/faulted/);
  await expect(workbench.announcement).toContainText(FAULT);
  await expect(workbench.control('Step')).toHaveAttribute('aria-disabled', 'true');

  // Going back from a fault is going back from any step.
  await page.keyboard.press('Alt+F10');
  await expect(workbench.current).toHaveAttribute('data-pc', '7');
  await expect(page.locator('.program-fault')).toHaveCount(0);
});

test('a packet that is long enough does not fault', async ({ workbench, page }) => {
  const length = page.getByRole('textbox', { name: 'Packet length in bytes' });
  await length.fill('38');
  await length.press('Enter');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  await length.fill('37');
  await length.press('Enter');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_ABORTED/);
  await workbench.openPlace('hook');
  await expect(page.getByRole('region', { name: 'Hook', exact: true })).toContainText(
    'the packet has 37 bytes',
  );
});
