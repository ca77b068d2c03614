import { expect, test } from './workbench.ts';

test.beforeEach(({ workbench }) => workbench.open());

test('stepping forward and back by keys marks what was written and read', async ({
  workbench,
  page,
}) => {
  await page.keyboard.press('F11');
  await workbench.expectStep(1);
  await expect(workbench.register('r1')).toHaveClass(/written/);
  await expect(workbench.register('r1')).toContainText('→');
  await page.keyboard.press('s');
  await workbench.expectStep(2);
  await page.keyboard.press('Alt+F10');
  await workbench.expectStep(1);
  await page.keyboard.press('Shift+S');
  await workbench.expectStep(0);
});

test('running goes to the verdict, reset back to the start', async ({ workbench, page }) => {
  await page.keyboard.press('F5');
  await expect(workbench.current).toHaveCount(0);
  await expect(workbench.announcement).toContainText(/drop/);
  await page.keyboard.press('Shift+F5');
  await workbench.expectStep(0);
  await expect(workbench.current).toHaveAttribute('data-pc', '0');
});

test('a breakpoint from the gutter stops a run, forwards and backwards', async ({
  workbench,
  page,
}) => {
  await workbench.instruction(2).locator('.gutter').click();
  await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint/);
  await workbench.control('Run').click();
  await expect(workbench.current).toHaveAttribute('data-pc', '2');
  await page.keyboard.press('c');
  await expect(workbench.current).toHaveCount(0);
  await page.keyboard.press('Alt+F5');
  await expect(workbench.current).toHaveAttribute('data-pc', '2');
});

test('Enter in the listing runs to the focused row, F9 sets a breakpoint on it', async ({
  workbench,
  page,
}) => {
  await workbench.listing.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(workbench.current).toHaveAttribute('data-pc', '2');
  await page.keyboard.press('F9');
  await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint/);
  await expect(page.locator('.mark')).toHaveText(['if false', 'if true']);
});

test('the timeline goes to any step', async ({ workbench, page }) => {
  await page.getByRole('slider', { name: 'Place in the run' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await workbench.expectStep(2);
  await workbench.step.fill('1');
  await workbench.step.press('Enter');
  await expect(workbench.current).toHaveAttribute('data-pc', '1');
});
