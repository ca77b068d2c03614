import { expect, test } from './workbench.ts';

test(
  'a register changed in the middle of a run changes the verdict, ' +
    'travels in the link and can be undone',
  async ({ workbench, page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.open();
    const verdict = page.getByRole('button', { name: /^Verdict:/ });
    await expect(verdict).toHaveAccessibleName(/drop/);
    await page.keyboard.press('F11');
    await page.getByRole('button', { name: 'Change r1' }).click();
    const field = page.getByLabel('New value of r1');
    await field.fill('0x08080808');
    await field.press('Enter');
    await expect(verdict).toHaveAccessibleName(/pass/);
    await workbench.expectStep(1);
    await page.keyboard.press('Control+s');
    await expect(workbench.toast('Link copied')).toBeVisible();
    const link = await workbench.clipboard();
    const before = await workbench.state();
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByRole('button', { name: /^Verdict:/ })).toHaveAccessibleName(/pass/);
    expect(await workbench.state()).toEqual(before);
    await expect(page.getByRole('region', { name: 'Changes in the run' })).toContainText(
      'r1 = 0x08080808',
    );
  },
);

test('undo takes a change of the run back', async ({ workbench, page }) => {
  await workbench.open();
  await page.keyboard.press('F11');
  await page.getByRole('button', { name: 'Change r1' }).click();
  await page.getByLabel('New value of r1').fill('1');
  await page.getByLabel('New value of r1').press('Enter');
  await expect(page.getByRole('button', { name: /^Verdict:/ })).toHaveAccessibleName(/pass/);
  // Runs of many packets are without it, which is said where their verdicts are.
  await page.keyboard.press('v');
  const leftOut = page.getByText('Without the 1 change that you made in the middle of the run');
  await expect(leftOut).toBeVisible();
  await page.keyboard.press('u');
  await expect(leftOut).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Verdict:/ })).toHaveAccessibleName(/drop/);
});

test('a register is changed by keyboard alone', async ({ workbench, page }) => {
  await workbench.open();
  await page.keyboard.press('F11');
  await page.getByRole('region', { name: 'Registers' }).focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await expect(page.getByLabel('New value of r1')).toBeFocused();
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Verdict:/ })).toHaveAccessibleName(/pass/);
});
