import { expect, test } from './workbench.ts';

test('a watchpoint on a field stops a run and a run back, and goes with the link', async ({
  workbench,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.open();
  await workbench.openExample('tc: rewrite a port, fix the checksum');
  await workbench.field('tcp.dstport').click();
  await page.getByRole('button', { name: 'Stop where tcp.dstport changes' }).click();
  await expect(
    page.getByRole('button', { name: 'Stop where tcp.dstport changes' }),
  ).toHaveAttribute('aria-pressed', 'true');
  await workbench.control('Run').click();
  await expect(page.locator('.status')).toContainText(/step \d+ changed tcp\.dstport/);
  const step = Number(await workbench.step.inputValue());
  expect(step).toBeGreaterThan(0);
  await expect(workbench.byte(36)).toHaveAccessibleName(/written by the last step/);

  await workbench.control('Run').click();
  await expect(page.locator('.status')).toContainText('end of the program');
  await workbench.control('Run back').click();
  await workbench.expectStep(step);

  await page.keyboard.press('Control+s');
  await expect(workbench.toast(/link/i)).toBeVisible();
  const link = await workbench.clipboard();
  await page.goto('about:blank');
  await page.goto(link);
  await workbench.openPlace('breakpoints');
  await expect(
    page.getByRole('button', { name: 'Remove the watchpoint on tcp.dstport' }),
  ).toBeVisible();
  await workbench.control('Reset').click();
  await workbench.control('Run').click();
  await workbench.expectStep(step);

  await page.getByRole('button', { name: 'Remove the watchpoint on tcp.dstport' }).click();
  await workbench.control('Run').click();
  await expect(page.locator('.status')).toContainText('end of the program');
});

test('back to the write of a packet byte, of a map entry and of a register', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('tc: rewrite a port, fix the checksum');
  await page.keyboard.press('e');
  await expect(page.locator('.status')).toContainText('end of the program');
  await workbench.byte(36).click();
  await page.getByRole('button', { name: 'Go back to the step that last changed byte 36' }).click();
  await expect(page.locator('.status')).toContainText(/changed packet\+36/);
  await expect(workbench.byte(36)).toHaveAccessibleName(/written by the last step/);

  await workbench.openExample('XDP firewall with a hash map');
  await page.keyboard.press('e');
  await expect(page.locator('.status')).toContainText('end of the program');
  await workbench.openPlace('maps');
  await page
    .getByRole('button', { name: /^Go back to the step that last changed blocked\[/ })
    .first()
    .click();
  await expect(page.locator('.status')).toContainText(/changed map blocked\[/);

  await workbench.register('r0').hover();
  await workbench
    .register('r0')
    .getByRole('button', { name: 'Go back to the step that last changed r0' })
    .click();
  await expect(page.locator('.status')).toContainText(/changed r0/);
  await expect(workbench.register('r0')).toHaveClass(/written/);
});

test('a register and a map entry are watched together', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('maps');
  await page
    .getByRole('button', { name: /^Stop where blocked\[/ })
    .first()
    .click();
  await workbench.register('r10').hover();
  await workbench.register('r10').getByRole('button', { name: 'Stop where r10 changes' }).click();
  await workbench.openPlace('breakpoints');
  await expect(page.getByRole('button', { name: /^Remove the watchpoint on/ })).toHaveCount(2);
  await workbench.control('Run').click();
  await expect(page.locator('.status')).toContainText(/changed map blocked\[/);
});
