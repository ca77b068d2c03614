import { expect, test } from './workbench.ts';

test('Find leads to a field, a map, a line of C, a packet, a step and an example', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const find = async (text: string, row: string | RegExp) => {
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Find' });
    await expect(field).toBeFocused();
    await field.fill(text);
    await expect(
      page.getByRole('option', { selected: true }).filter({ hasText: row }),
    ).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(field).toHaveCount(0);
  };

  await find('ip.src', 'ip.src');
  await expect(workbench.byte(26)).toHaveClass(/selected/);
  await find('blocked', 'map');
  await expect(page.getByRole('region', { name: 'Map blocked' })).toBeVisible();
  await find('2', 'Packet 2');
  await expect(workbench.packetNumber).toHaveValue('2');
  await find('exit', /exit.*at \d+/);
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('exit');
  await find('masquerade', 'example');
  await expect(page.getByRole('combobox', { name: 'Program' })).toContainText('masquerade');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('combobox', { name: 'Program' })).toContainText('firewall');
});
