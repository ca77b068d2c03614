import { expect, test, Workbench } from './workbench.ts';

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
});

test('a tour of the gallery is walked by its notes, over steps and packets', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Tour: why bounds checks');
  const notes = page.getByRole('region', { name: 'Notes' });
  await expect(notes.getByRole('heading')).toHaveText('Note 1 of 9');
  await expect(notes.locator('code').first()).toHaveText('ctx->data');
  await expect(notes.getByRole('button', { name: 'Note before' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );

  await notes.getByRole('button', { name: 'Next note' }).click();
  await workbench.expectStep(3);
  await expect(notes.getByRole('heading')).toHaveText('Note 2 of 9');
  await expect(workbench.announcement).toContainText('note 2 of 9: Both pointers are loaded');

  // Between notes the last one stays in sight, and says that it is one of before.
  await workbench.control('Step').click();
  await workbench.expectStep(4);
  await expect(notes.getByRole('heading')).toHaveText('After note 2 of 9');
  await workbench.control('Step').click();
  await expect(notes.getByRole('heading')).toHaveText('Note 3 of 9');

  await workbench.listing.focus();
  for (const note of [4, 5, 6]) {
    await page.keyboard.press('>');
    await expect(notes.getByRole('heading')).toHaveText(`Note ${note} of 9`);
  }
  await page.keyboard.press('>');
  await expect(workbench.packetNumber).toHaveValue('2');
  await workbench.expectStep(6);
  await expect(notes).toContainText('this is what a check is for');
  await page.keyboard.press('<');
  await expect(workbench.packetNumber).toHaveValue('1');
  await workbench.expectStep(17);

  // The bar lies over nothing: what stands above it ends where it begins.
  const main = (await page.getByRole('main').boundingBox())!;
  const bar = (await notes.boundingBox())!;
  expect(main.y + main.height).toBeLessThanOrEqual(bar.y + 1);

  await notes.getByRole('button', { name: 'Close the notes' }).click();
  await expect(notes).toHaveCount(0);
  await page.keyboard.press('Shift+M');
  await expect(notes).toBeVisible();
});

test('a teacher writes notes; undo, a reload and a link have them', async ({
  workbench,
  page,
  browser,
}) => {
  await workbench.open();
  const notes = page.getByRole('region', { name: 'Notes' });
  const text = page.getByRole('textbox', { name: /^Note at step/ });
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await page.keyboard.press('m');
  await expect(text).toBeFocused();
  await page.keyboard.type('Now **r1** holds the address. <b>No markup</b>');
  // What is being written stays while one looks around.
  await workbench.control('Step').click();
  await workbench.expectStep(2);
  await expect(text).toHaveValue(/No markup/);
  await page.getByRole('button', { name: 'Save note' }).click();
  await expect(text).toHaveCount(0);
  await page.keyboard.press('<');
  await workbench.expectStep(1);
  await expect(notes.locator('strong')).toHaveText('r1');
  await expect(notes.locator('b')).toHaveCount(0);
  await expect(notes).toContainText('<b>No markup</b>');

  await page.getByRole('button', { name: 'Edit this note' }).click();
  await text.fill('The address is in `r1`.');
  await text.press('Control+Enter');
  await workbench.expectStep(1);
  await expect(notes).toContainText('The address is in r1.');
  await page.keyboard.press('Control+z');
  await expect(notes).toContainText('holds the address');
  await page.keyboard.press('Control+Shift+z');
  await expect(notes).toContainText('The address is in r1.');

  // It is written a moment after the change.
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(notes).toContainText('The address is in r1.');
  await workbench.expectStep(1);

  await page.keyboard.press('Control+s');
  await expect(workbench.toast('Link copied')).toBeVisible();
  const link = await workbench.clipboard();
  const other = await browser.newContext({ serviceWorkers: 'block' });
  const reader = new Workbench(await other.newPage());
  await reader.open(link.slice(link.indexOf('#') + 1));
  await expect(reader.page.getByRole('region', { name: 'Notes' })).toContainText('Note 1 of 1');
  await other.close();

  await page.getByRole('button', { name: 'Delete this note' }).click();
  await expect(notes).toHaveCount(0);
});

test('a note that is too long stays in its field, with the reason beside it', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.getByRole('button', { name: 'Notes', exact: true }).click();
  const text = page.getByRole('textbox', { name: /^Note at step 0/ });
  await text.fill('x'.repeat(4001));
  await page.getByRole('button', { name: 'Save note' }).click();
  await expect(workbench.refusal).toContainText('has 4001 characters, a note has at most 4000');
  await expect(text).toHaveValue(/^x{4001}$/);
});
