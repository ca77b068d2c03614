import { expect, test } from './workbench.ts';

const ENDLESS = 'r0 = 0\nagain:\nr0 += 1\ngoto again';
/** Far more than the story takes: it is paused by hand. */
const LIMIT = '1000000000';

test('a run without end is paused, stepped back in, and leaves the page alive', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.paste(ENDLESS);
  await expect(workbench.verdict).toHaveAccessibleName(/fault/);
  await workbench.openPlace('hook');
  await page.getByRole('textbox', { name: 'Step limit' }).fill(LIMIT);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');

  // The verdict needs the whole run, which is not waited for.
  const pause = page.getByRole('button', { name: 'Pause' });
  await pause.click();
  await expect(page.locator('.session-bar').getByText('no verdict yet')).toBeVisible();
  await workbench.expectStep(0);

  await page.keyboard.press('F5');
  await expect(page.getByRole('status')).toContainText(/[\d,]{7,}/);
  await pause.click();
  await expect(pause).toHaveCount(0);
  const step = Number(await workbench.step.inputValue());
  expect(step).toBeGreaterThan(10_000);
  expect(step).toBeLessThan(Number(LIMIT));

  await page.keyboard.press('Alt+F10');
  await workbench.expectStep(step - 1);
  await page.keyboard.press('F11');
  await workbench.expectStep(step);
  await page.keyboard.press('Shift+F5');
  await workbench.expectStep(0);
});
