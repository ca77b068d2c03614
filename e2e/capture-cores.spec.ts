import { dropLargeCapture } from './large-capture.ts';
import { expect, test } from './workbench.ts';

const PACKETS = 100_000;

/**
 * A filter of QEMU that takes its time: drops packets to odd ports.
 *
 *     r0 = 7; r2 = 30000
 *     again: r0 *= 31; r0 += 5; r2 += -1; if r2 != 0 goto again
 *     r0 = *(u8 *)(r1 + 23); r0 &= 1; exit
 */
const SLOW_FILTER = [
  'b700000007000000 b702000030750000 270000001f000000 0700000005000000 07020000ffffffff',
  '5502fcff00000000 7110170000000000 5700000001000000 9500000000000000',
].join('');

test('a slow filter over 100,000 packets runs on all cores', async ({ workbench, page }) => {
  test.setTimeout(120_000);
  await workbench.open();
  const buffer = Buffer.from(SLOW_FILTER.replaceAll(' ', ''), 'hex');
  await workbench.drop([{ name: 'slow.bin', buffer }]);
  await expect(page.locator('.object-name')).toHaveText('slow.bin');
  await dropLargeCapture(page, { name: 'big.pcap', packets: PACKETS });
  const count = await page.evaluate(() => Math.min(8, navigator.hardwareConcurrency));
  const words = count > 1 ? `on ${count} cores` : 'on one core: this machine has no other';
  const cores = page.locator('.traffic-cores');
  await expect(cores).toHaveText(words, { timeout: 30_000 });

  // It is paused with what others have under way, and goes on.
  const numbers = page.locator('.traffic-numbers');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(numbers).toContainText('run, paused');
  const paused = (await numbers.innerText()).split(' of ')[0];
  await page.waitForTimeout(300);
  expect((await numbers.innerText()).split(' of ')[0]).toBe(paused);
  await page.getByRole('button', { name: 'Go on' }).click();

  await expect(numbers).toHaveText('100,000 of 100,000 packets run', { timeout: 90_000 });
  await expect(page.getByRole('button', { name: /^pass 50,000$/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^drop 50,000$/ })).toBeVisible();
  await expect(cores).toHaveText(words);

  // Any packet is debugged, wherever it ran.
  const rows = page.locator('.traffic-rows .table-row');
  await page.getByRole('combobox', { name: 'Filter packets' }).fill('frame.number == 77778');
  await expect(rows).toHaveCount(1);
  await rows.first().click();
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await expect(workbench.packetNumber).toHaveValue('77778');
});
