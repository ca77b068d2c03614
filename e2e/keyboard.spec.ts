import { expect, test } from './workbench.ts';

/** The source address's last byte: 14 bytes of Ethernet, 15 of IPv4 before it. */
const LAST_BYTE_OF_SOURCE = 29;

test('a whole session without a mouse', async ({ workbench, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { keyboard } = page;
  const focused = () => page.locator(':focus');
  const press = async (key: string, times: number) => {
    for (let count = 0; count < times; count++) await keyboard.press(key);
  };
  await workbench.open();

  await test.step('opens an example', async () => {
    await keyboard.press('x');
    await expect(focused()).toHaveAccessibleName('Search the examples');
    await keyboard.type('firewall hash map');
    await expect(page.getByRole('dialog').getByRole('heading', { level: 4 })).toHaveCount(1);
    await keyboard.press('Enter');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  });

  await test.step('moves to an instruction and sets a breakpoint', async () => {
    await expect(async () => {
      await keyboard.press('F6');
      await expect(workbench.listing).toBeFocused({ timeout: 100 });
    }).toPass();
    await press('j', 3);
    await press('ArrowUp', 1);
    await keyboard.press('F9');
    await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint/);
  });

  await test.step('runs to it and steps on', async () => {
    await keyboard.press('F5');
    await expect(workbench.current).toHaveAttribute('data-pc', '2');
    await keyboard.press('s');
    await workbench.expectStep(3);
    await expect(workbench.register('r7')).toContainText('packet+0');
    await keyboard.press('Shift+S');
    await workbench.expectStep(2);
  });

  await test.step('edits a byte, and the verdict changes', async () => {
    await expect(async () => {
      await keyboard.press('F6');
      await expect(workbench.fields).toBeFocused({ timeout: 100 });
    }).toPass();
    await keyboard.press('Tab');
    await expect(workbench.bytes).toBeFocused();
    await press('ArrowDown', 1);
    await press('ArrowRight', LAST_BYTE_OF_SOURCE - 16);
    await expect(workbench.field('ip.src')).toHaveClass(/focus/);
    await keyboard.type('02');
    await expect(workbench.field('ip.src')).toContainText('10.0.0.2');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  });

  await test.step('edits a field, and it changes back', async () => {
    await keyboard.press('ArrowLeft');
    await expect(workbench.field('ip.src')).toHaveClass(/focus/);
    await keyboard.press('Shift+Tab');
    await expect(workbench.fields).toBeFocused();
    await keyboard.press('Enter');
    await expect(focused()).toHaveAccessibleName(/New value of Source/);
    await keyboard.press('Control+a');
    await keyboard.type('10.0.0.66');
    await keyboard.press('Enter');
    await expect(workbench.byte(LAST_BYTE_OF_SOURCE)).toHaveText('42');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
    await expect(workbench.fields).toBeFocused();
  });

  await test.step('shares', async () => {
    await keyboard.press('Control+s');
    await expect(workbench.toast('Link copied')).toBeVisible();
    expect(await workbench.clipboard()).toContain('#v2.');
  });

  await test.step('looks a key up and goes back to where it was', async () => {
    await keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText(
      'One instruction, or C line, back',
    );
    await keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(workbench.fields).toBeFocused();
  });
});

test('Tab leaves the C source, and letters there are commands', async ({ workbench, page }) => {
  await workbench.open();
  const source = page.locator('.source-editor textarea, .source-editor [role="textbox"]').first();
  await source.focus();
  await page.keyboard.press('s');
  await workbench.expectStep(1);
  await page.keyboard.press('Tab');
  await expect(workbench.listing).toBeFocused();
});

test('letters typed into a field are text', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.step.focus();
  await page.keyboard.type('s');
  await expect(workbench.step).toHaveValue('0s');
  await page.keyboard.press('Escape');
  await expect(workbench.current).toHaveAttribute('data-pc', '0');
});

test('a part of the page is folded away by a key, stays so, and comes back', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  const width = async () => (await page.locator('#left').boundingBox())?.width ?? 0;
  expect(await width()).toBeGreaterThan(300);
  await page.keyboard.press('Shift+P');
  await expect.poll(width).toBeLessThan(2);
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Packet' })).toBeVisible();
  await expect.poll(width).toBeLessThan(2);
  await page.keyboard.press('Shift+P');
  await expect.poll(width).toBeGreaterThan(300);
});
