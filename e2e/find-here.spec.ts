import { readFileSync } from 'node:fs';
import { expect, test } from './workbench.ts';

test('Ctrl+F looks through the instructions, Enter goes from one to the next', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.listing.focus();
  await page.keyboard.press('Control+F');
  const field = page.getByRole('searchbox', { name: 'Find in the instructions' });
  await expect(field).toBeFocused();
  await field.fill('r0');
  await expect(page.locator('.find-bar .note')).toHaveText('2 found');
  await field.press('Enter');
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('r0 = 0x1');
  await field.press('Enter');
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('r0 = 0x0');
  await expect(page.locator('.find-bar .note')).toHaveText('2 of 2');
  await field.press('Enter');
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('r0 = 0x1');
  await field.press('Shift+Enter');
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('r0 = 0x0');
  await field.press('Escape');
  await expect(field).toHaveCount(0);
});

test('among twenty thousand rows it brings the one that is meant into sight', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.drop([
    {
      name: 'long.o',
      buffer: Buffer.concat([
        ...Array.from({ length: 20_000 }, (_, i) => {
          const slot = Buffer.from('b700000000000000', 'hex');
          slot.writeInt32LE(i, 4);
          return slot;
        }),
        Buffer.from('9500000000000000', 'hex'),
      ]),
    },
  ]);
  await expect(page.locator('.object-name')).toHaveText('long.o');
  await workbench.listing.focus();
  await page.keyboard.press('Control+F');
  await page.getByRole('searchbox', { name: 'Find in the instructions' }).fill('0x3a98');
  await page.keyboard.press('Enter');
  await expect(workbench.listing.locator('.insn.cursor')).toContainText('15000');
  await expect(workbench.listing.locator('.insn.cursor')).toBeInViewport();
});

test('in the packet it looks through fields, among many packets it filters', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.byte(0).click();
  await page.keyboard.press('Control+F');
  const field = page.getByRole('searchbox', { name: 'Find in the packet' });
  await field.fill('time to live');
  await field.press('Enter');
  await expect(workbench.field('ip.ttl')).toHaveClass(/focus/);
  await field.press('Escape');
  await workbench.drop([
    {
      name: 'random.pcap',
      buffer: readFileSync(new URL('../core/testdata/packets/random.pcap', import.meta.url)),
    },
  ]);
  await page.getByRole('radio', { name: 'Capture' }).check();
  await page.getByRole('grid', { name: 'All packets' }).focus();
  await page.keyboard.press('Control+F');
  await expect(page.getByRole('combobox', { name: 'Filter packets' })).toBeFocused();
});
