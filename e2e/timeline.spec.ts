import { expect, test } from './workbench.ts';

test('marks are told apart by kind, go by keys, and what is shown is remembered', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('tc: rewrite a port, fix the checksum');
  const marks = page.locator('.timeline-marks');
  await expect(marks.locator('.packet-write')).toHaveCount(2);
  await expect(marks.locator('.call')).toHaveCount(0);
  await page.keyboard.press(']');
  await expect(page.locator('.status')).toContainText(/after step \d+/);
  await expect(workbench.announcement).toContainText(/^write to the packet: /);
  await expect(page.locator('.byte.written').first()).toBeVisible();
  const step = Number(await workbench.step.inputValue());

  // Only the rows in sight are in the page.
  await workbench.listing.evaluate((list) => list.scrollTo(0, 0));
  await workbench.instruction(0).locator('.gutter').click();
  await workbench.instruction(4).locator('.gutter').click();
  await expect(marks.locator('.breakpoint')).toHaveCount(2);
  await expect(marks.locator('.breakpoint title').nth(1)).toHaveText('step 4: breakpoint');
  await page.keyboard.press('[');
  await workbench.expectStep(4);
  await page.keyboard.press(']');
  await workbench.expectStep(step);

  await page.getByRole('button', { name: 'Marks on the timeline' }).click();
  await page.getByRole('checkbox', { name: /^Calls 2/ }).check();
  await page.getByRole('checkbox', { name: /^Writes to the packet/ }).uncheck();
  await expect(marks.locator('.call')).toHaveCount(2);
  await expect(marks.locator('.packet-write')).toHaveCount(0);
  await page.reload();
  await page.getByRole('button', { name: 'Marks on the timeline' }).click();
  await expect(page.getByRole('checkbox', { name: /^Calls/ })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: /^Writes to the packet/ })).not.toBeChecked();
});

test('a long run is looked through when asked, and has at most 400 marks of a kind', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.paste('r0 = 0\nagain:\nr0 += 1\nif r0 < 300000 goto again\nexit');
  await page.getByRole('button', { name: 'Marks on the timeline' }).click();
  await page.getByRole('checkbox', { name: /^Branches taken/ }).check();
  const marks = page.locator('.timeline-marks > svg');
  await expect(marks).toHaveCount(0);
  await page.getByRole('button', { name: /^Look for them in 600,002 steps/ }).click();
  await expect(page.locator('.timeline-marks .jump')).toHaveCount(400);
});

test('a held arrow key over 1,000,000 steps leads to where it was let go', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.paste('r0 = 0\nagain:\nr0 += 1\nif r0 < 499999 goto again\nexit');
  await expect(page.locator('.step-field')).toContainText('of 1,000,000');
  const slider = page.getByRole('slider', { name: 'Place in the run' });
  await slider.focus();
  await page.keyboard.press('End');
  const end = Number(await slider.inputValue());
  expect(end).toBeGreaterThan(999_000);
  // A held key repeats 30 times a second; here as fast as the page takes it.
  for (let i = 0; i < 60; i++) await page.keyboard.down('ArrowLeft');
  await page.keyboard.up('ArrowLeft');
  await workbench.expectStep(end - 60);
});
