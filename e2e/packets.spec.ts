import { expect, test } from './workbench.ts';

/** A pcap file of Ethernet frames with a UDP packet, the number of each in its destination port. */
function capture(count: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const records = Array.from({ length: count }, (_, number) => {
    const record = Buffer.alloc(16 + 42);
    record.writeUInt32LE(42, 8);
    record.writeUInt32LE(42, 12);
    const frame = record.subarray(16);
    frame.set([0x08, 0, 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 12);
    frame.writeUInt16BE(1000 + number, 36);
    frame.writeUInt16BE(8, 38);
    return record;
  });
  return Buffer.concat([head, ...records]);
}

test('of thousands of packets the list shows those in sight, wherever it is scrolled', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.drop([{ name: 'many.pcap', buffer: capture(3000) }]);
  const rows = page.locator('.packet-row');
  await expect(rows.first()).toContainText('1000');
  await page.locator('.packet-list').evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(rows.filter({ hasText: '3999' })).toBeVisible();
  await page.locator('.packet-list').evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  const middle = rows.filter({ hasText: '2500' });
  await expect(middle).toBeVisible();
  await middle.locator('.packet-button').click();
  await expect(middle).toHaveClass(/selected/);
  await expect(workbench.field('udp.dstport')).toContainText('2500');
  await expect(page.getByRole('combobox', { name: 'Packet' })).toHaveValue('1500');
});
