import { capture } from './packets.ts';
import { expect, test } from './workbench.ts';

test('of thousands of packets those in sight are on the page, Enter opens one', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await expect(page.getByRole('radio', { name: 'Capture' })).toHaveCount(0);
  await workbench.drop([{ name: 'many.pcap', buffer: capture(3000) }]);
  await page.getByRole('radio', { name: 'Capture' }).check();
  const table = page.getByRole('grid', { name: 'All packets' });
  const rows = table.locator('.table-rows .table-row');
  await expect(rows.first()).toContainText('1000');
  await table.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(rows.filter({ hasText: '3999' })).toBeVisible();
  await table.evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  const middle = rows.filter({ hasText: '2500' });
  await middle.click();
  await expect(middle).toHaveAttribute('aria-selected', 'true');
  await expect(workbench.field('udp.dstport')).toContainText('2500');
  await expect(workbench.packetNumber).toHaveValue('1501');
  await table.focus();
  await page.keyboard.press('ArrowDown');
  await expect(workbench.packetNumber).toHaveValue('1502');
  await page.keyboard.press('Enter');
  await expect(workbench.listing).toBeVisible();
  await expect(workbench.packetNumber).toHaveValue('1502');
});

test('a capture is filtered, counted, sorted, and gone through by what became of it', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const frames = capture(30);
  // Two of them come from the address that the map has: 10.0.0.66.
  for (const number of [11, 20]) frames[24 + number * 58 + 16 + 29] = 66;
  await workbench.drop([{ name: 'thirty.pcap', buffer: frames }]);
  await workbench.expectPackets(30);
  await page.keyboard.press('p');
  const table = page.getByRole('grid', { name: 'All packets' });
  const rows = table.locator('.table-rows .table-row');
  const dropped = page.getByRole('button', { name: /XDP_DROP 2/ });
  await expect(dropped).toBeVisible();

  await page.keyboard.press(';');
  await expect(workbench.packetNumber).toHaveValue('12');
  await page.getByRole('button', { name: 'Next drop' }).click();
  await expect(workbench.packetNumber).toHaveValue('21');
  await page.getByRole('button', { name: 'Next change' }).click();
  await expect(workbench.packetNumber).toHaveValue('22');
  await page.getByRole('button', { name: 'Next fault' }).click();
  await expect(workbench.toast('No packet behind this one faults')).toBeVisible();

  await dropped.click();
  await expect(dropped).toHaveAttribute('aria-pressed', 'true');
  await expect(rows).toHaveCount(2);
  await expect(page.locator('.capture-count')).toHaveText('2 of 30 packets');
  await dropped.click();
  await page.getByRole('combobox', { name: 'Filter packets' }).fill('udp 1007');
  await expect(rows).toHaveCount(1);
  await page.getByRole('combobox', { name: 'Filter packets' }).fill('');
  await table.getByRole('button', { name: 'No.' }).click();
  await expect(rows.first()).toContainText('1029');
  await expect(table.getByRole('columnheader', { name: 'No.' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
});

test('a capture is summed up, and every sum leads to its packets', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const frames = capture(240);
  for (const number of [11, 20, 200]) frames[24 + number * 58 + 16 + 29] = 66;
  await workbench.drop([{ name: 'many.pcap', buffer: frames }]);
  await workbench.expectPackets(240);
  await page.keyboard.press('p');
  await page.getByText('Statistics').click();
  const verdicts = page.getByRole('table', { name: 'By verdict' });
  await expect(verdicts.getByRole('row', { name: /XDP_DROP/ })).toContainText('1.3 %');
  await verdicts
    .getByRole('row', { name: /XDP_DROP/ })
    .getByRole('button', { name: 'packet 12', exact: true })
    .click();
  await expect(workbench.packetNumber).toHaveValue('12');
  const chart = page.getByRole('group', { name: 'Verdicts along the capture' });
  await chart.getByRole('button', { name: 'Packets 201 to 204: XDP_PASS 3, XDP_DROP 1' }).click();
  await expect(workbench.packetNumber).toHaveValue('201');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(workbench.packetNumber).toHaveValue('197');
  await verdicts.getByRole('button', { name: 'XDP_DROP', exact: true }).click();
  await expect(page.locator('.capture-count')).toHaveText('3 of 240 packets');
});

test('the one dropped packet of two thousand is three actions away, or one', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const frames = capture(2000);
  frames[24 + 1487 * 58 + 16 + 29] = 66;
  await workbench.drop([{ name: 'many.pcap', buffer: frames }]);
  await workbench.expectPackets(2000);
  // By the list: Capture, the verdict, the row.
  await page.getByRole('radio', { name: 'Capture' }).check();
  await page.getByRole('button', { name: /XDP_DROP 1$/ }).click();
  const row = page.getByRole('grid', { name: 'All packets' }).locator('.table-rows .table-row');
  await expect(row).toHaveCount(1);
  await row.click();
  await expect(workbench.packetNumber).toHaveValue('1488');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  // By one key.
  await workbench.selectPacketNumber(1);
  await page.getByRole('grid', { name: 'All packets' }).focus();
  await page.keyboard.press(';');
  await expect(workbench.packetNumber).toHaveValue('1488');
});

test('the dropped packet is found by a display filter, whose fields are completed', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const frames = capture(30);
  // One of them comes from the address that the map has: 10.0.0.66; and each a millisecond later.
  frames[24 + 20 * 58 + 16 + 29] = 66;
  for (let number = 0; number < 30; number++)
    frames.writeUInt32LE(number * 1000, 24 + number * 58 + 4);
  await workbench.drop([{ name: 'thirty.pcap', buffer: frames }]);
  await workbench.expectPackets(30);
  await page.keyboard.press('p');
  const rows = page.getByRole('grid', { name: 'All packets' }).locator('.table-rows .table-row');
  await expect(rows.nth(1)).toContainText('0.001000');

  const filter = page.getByRole('combobox', { name: 'Filter packets' });
  const fields = page.getByRole('listbox', { name: 'Fields' });
  await filter.pressSequentially('verdict.a');
  await expect(fields.getByRole('option')).toHaveText([/^verdict.action/]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(filter).toHaveValue('verdict.action');
  await expect(fields).toBeHidden();
  await filter.pressSequentially(' == drop and udp.dstport in {1000..1029}');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('1020');
  await expect(filter).toHaveAccessibleDescription('Display filter');
  await rows.click();
  await expect(workbench.packetNumber).toHaveValue('21');

  // What is no filter is said at its column; the packets stay, and so does what was typed.
  await filter.fill('ip.adr == 10.0.0.66');
  await expect(filter).toHaveAccessibleDescription(/column 1: .* "ip.adr"; near it: ip.addr/);
  await expect(filter).toHaveAttribute('aria-invalid', 'true');
  await expect(rows).toHaveCount(1);
  await filter.fill('udp 1007');
  await expect(filter).toHaveAccessibleDescription('Words');
  await expect(rows).toContainText('1007');
});
