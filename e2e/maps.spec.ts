import { expect, test } from './workbench.ts';

test('an entry preset in a map changes the verdict, and the run counts in it', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_DROP (1)');
  await workbench.openPlace('maps');
  const map = page.getByRole('region', { name: 'Map blocked' });
  await expect(map).toContainText('1 of 1,024 entries');

  await map.getByRole('button', { name: /^Delete blocked/ }).click();
  await expect(map).toContainText('0 of 1,024 entries');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_PASS (2)');

  await map.getByRole('textbox', { name: 'New key of blocked' }).fill('0a 00 00 02');
  await map.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
  await map.getByRole('button', { name: 'Set entry' }).click();
  await expect(map).toContainText('{ packets: 0, bytes: 0 }');
  await workbench.selectPacketNumber(2);
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_DROP (1)');

  await page.keyboard.press('F5');
  await expect(map).toContainText('{ packets: 1, bytes: 54 }');
  await expect(map).toContainText('changed');
  await page.keyboard.press('Shift+F5');
  await expect(map).toContainText('{ packets: 0, bytes: 0 }');
});

test('a key of the wrong length is refused in words, and stays to be mended', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('maps');
  const key = page.getByRole('textbox', { name: 'New key of blocked' });
  await key.fill('0a00');
  await page.getByRole('textbox', { name: 'New value of blocked' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(workbench.refusal).toContainText('map "blocked"');
  await expect(workbench.refusal).toContainText('hex bytes of their full width');
  await expect(key).toHaveValue('0a00');
});

test('global variables are maps with names, and a limit can be changed before the run', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('A function and global variables');
  await workbench.openPlace('maps');
  await expect(page.getByRole('region', { name: 'Map .rodata' })).toContainText('limit = 100');
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_SHOT/);
  await page.getByRole('textbox', { name: 'Value of .rodata[0]' }).fill('32000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Map .rodata' })).toContainText('limit = 50');
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_OK/);
});
