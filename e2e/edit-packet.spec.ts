import { expect, test } from './workbench.ts';

/** The last byte of the destination address, behind 14 bytes of Ethernet. */
const LAST_BYTE_OF_DESTINATION = 33;

test.beforeEach(({ workbench }) => workbench.open());

test('typing over a byte changes the field and the verdict', async ({ workbench, page }) => {
  await workbench.byte(LAST_BYTE_OF_DESTINATION).click();
  await expect(workbench.field('ip.dst')).toHaveClass(/focus/);
  await page.keyboard.type('02');
  await expect(workbench.field('ip.dst')).toContainText('1.1.1.2');
  await expect(workbench.verdict).toHaveAccessibleName(/pass/);
});

test('editing a field changes its bytes and the verdict', async ({ workbench, page }) => {
  await workbench.field('ip.dst').dblclick();
  await page.getByRole('textbox', { name: /New value of/ }).fill('8.8.8.8');
  await page.keyboard.press('Enter');
  await expect(workbench.byte(LAST_BYTE_OF_DESTINATION)).toHaveText('08');
  await expect(workbench.verdict).toHaveAccessibleName(/pass/);
  await expect(workbench.fields.locator('.field-problem')).toHaveCount(0);
});

test('the pointer over a field lights up its bytes', async ({ workbench }) => {
  await workbench.field('ip.dst').hover();
  await expect(workbench.byte(30)).toHaveClass(/hovered/);
  await expect(workbench.byte(34)).not.toHaveClass(/hovered/);
});

test('a bad value is refused at its field, stays to be mended, and the packet stays', async ({
  workbench,
  page,
}) => {
  await workbench.field('ip.dst').dblclick();
  const field = page.getByRole('textbox', { name: /New value of/ });
  await field.fill('<b>nowhere</b>');
  await page.keyboard.press('Enter');
  await expect(workbench.refusal).toContainText('ip.dst');
  await expect(workbench.banner).toHaveCount(0);
  await expect(field).toHaveValue('<b>nowhere</b>');
  await expect(field).toBeFocused();
  await expect(workbench.byte(LAST_BYTE_OF_DESTINATION)).toHaveText('01');
});
