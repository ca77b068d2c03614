import type { Page } from 'playwright/test';
import { expect, test } from './workbench.ts';

test.beforeEach(({ workbench }) => workbench.open());

const headers = (page: Page) => page.getByRole('region', { name: 'Headers of the packet' });
const shown = (page: Page) => headers(page).locator('.header-label');
const addBehind = (page: Page, front: string, label: string) =>
  page
    .getByRole('combobox', { name: `Add behind ${front}` })
    .last()
    .selectOption({ label });

test('a VLAN, IPv6 and UDP packet is built from its headers', async ({ workbench, page }) => {
  await page.getByRole('combobox', { name: 'New packet' }).selectOption({ label: 'ARP request' });
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.getByRole('button', { name: 'Remove ARP' }).click();
  await expect(shown(page)).toHaveText(['Ethernet']);
  await addBehind(page, 'Ethernet', 'VLAN');
  await addBehind(page, 'VLAN', 'IPv6');
  await addBehind(page, 'IPv6', 'UDP');
  await addBehind(page, 'UDP', 'Data');
  await expect(shown(page)).toHaveText(['Ethernet', 'VLAN', 'IPv6', 'UDP', 'Data']);
  const data = page.getByRole('textbox', { name: /^Data:/ });
  await data.fill('"hello"');
  await data.press('Enter');
  await expect(data).toHaveValue('68 65 6c 6c 6f');
  await expect(workbench.field('vlan.etype')).toContainText('IPv6 (0x86dd)');
  await expect(workbench.field('ipv6.plen')).toContainText('13 bytes');
  await expect(workbench.field('udp.length')).toContainText('13 bytes');
  await expect(workbench.fields.locator('.field-problem')).toHaveCount(0);
  // Each was a change of its own: undo takes the data back, then the header in front of it.
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(shown(page)).toHaveText(['Ethernet', 'VLAN', 'IPv6', 'UDP']);
});

test('headers change places by key, and one that cannot be said is refused in its place', async ({
  page,
}) => {
  await page.getByRole('button', { name: 'Headers' }).click();
  const before = await shown(page).allTextContents();
  await page.getByRole('button', { name: 'Move IPv4 down' }).focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(headers(page).getByRole('alert')).toContainText(
    'Ethernet: has no way to say that TCP follows',
  );
  await expect(shown(page)).toHaveText(before);
  await page.getByRole('checkbox', { name: /keep lengths/ }).uncheck();
  await page.getByRole('button', { name: 'Move IPv4 down' }).click();
  await expect(headers(page).getByRole('alert')).toHaveCount(0);
});

test('options of TCP come and go, and the header says its length', async ({ workbench, page }) => {
  await page.getByRole('combobox', { name: 'New packet' }).selectOption({ label: 'TCP SYN' });
  await page.getByRole('button', { name: 'Headers' }).click();
  const more = page.getByRole('combobox', { name: 'Add an option to TCP' });
  await more.selectOption({ label: 'Maximum segment size' });
  await more.selectOption({ label: 'Window scale' });
  await expect(workbench.field('tcp.hdr_len')).toContainText('28 bytes');
  await page.getByRole('button', { name: 'Remove option Maximum segment size' }).click();
  await expect(workbench.field('tcp.hdr_len')).toContainText('24 bytes');
  await expect(page.getByRole('list', { name: 'Options of TCP' })).toHaveText(/Window scale\s*7/);
});

test('a packet is named, copied and moved, and its copy is its own', async ({
  workbench,
  page,
}) => {
  await page.getByRole('button', { name: 'Headers' }).click();
  const name = page.getByRole('textbox', { name: 'Name of the packet' });
  await name.fill('the first');
  await name.press('Enter');
  await page.getByRole('button', { name: 'Duplicate' }).click();
  await expect(name).toHaveValue('the first, copy');
  await workbench.field('ip.dst').dblclick();
  await page.getByRole('textbox', { name: /New value of/ }).fill('8.8.8.8');
  await page.keyboard.press('Enter');
  await expect(name).toHaveValue('the first, copy, edited');
  const rows = page.getByRole('list', { name: 'Packets' }).locator('.packet-name');
  await expect(rows.first()).toHaveText('the first');
  await page.locator('.packet-row.selected .packet-button').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rows.first()).toHaveText('the first, copy, edited');
});

test('Why makes a packet that takes the other way, beside this one', async ({
  workbench,
  page,
}) => {
  const rows = page.getByRole('list', { name: 'Packets' }).locator('.packet-row');
  const before = await rows.count();
  await workbench.openPlace('why');
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await page.getByRole('button', { name: 'Make a packet of it' }).first().click();
  await expect(rows).toHaveCount(before + 1);
  await expect(workbench.verdict).toHaveAccessibleName(/pass/);
  await expect(rows.first()).toContainText('drop');
});
