import { expect, test } from './workbench.ts';

test('stepping by C line, over a function and back', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('A function and global variables');
  const step = async () => Number((await workbench.state()).step);
  await page.getByRole('button', { name: 'By line' }).click();
  await page.keyboard.press('F10');
  await expect.poll(step).toBeGreaterThan(0);
  const first = await step();
  await page.keyboard.press('F10');
  await expect.poll(step).toBeGreaterThan(first);
  await page.keyboard.press('Alt+F10');
  await workbench.expectStep(first);
});

test('a condition stops only where it holds, a logpoint writes and goes on', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  const stopped = workbench.status;
  await workbench.instruction(2).locator('.gutter').click();
  await workbench.openPlace('breakpoints');
  const condition = page.getByLabel('Condition of the breakpoint at 2');
  await condition.fill('packet[30:4] == 0x08080808');
  await condition.press('Enter');
  await page.keyboard.press('F5');
  await expect(stopped).toContainText('end of the program');
  await page.keyboard.press('Shift+F5');
  await condition.fill('packet[30:4] == 0x01010101');
  await condition.press('Enter');
  await page.keyboard.press('F5');
  await expect(stopped).toContainText('breakpoint at instruction 2');
  const log = page.getByLabel('Log of the breakpoint at 2');
  await log.fill('destination {packet[30:4]}');
  await log.press('Enter');
  await page.keyboard.press('Shift+F5');
  await page.keyboard.press('F5');
  await expect(stopped).toContainText('end of the program');
  await workbench.openPlace('output');
  await expect(page.getByText('destination 16843009 (0x1010101)')).toBeVisible();
});
