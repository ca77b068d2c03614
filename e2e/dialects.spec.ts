import { readFileSync } from 'node:fs';
import { expect, test } from './workbench.ts';

interface Recorded {
  tool: string;
  title: string;
  dialect: string;
  text: string;
  /** Hex; of tcpdump -x and -X without the Ethernet addresses, which they do not print. */
  packets: string[];
}

/** What the tools themselves printed (core/testdata/packets/record-dialects.mjs). */
const RECORDED: Recorded[] = JSON.parse(
  readFileSync(new URL('../core/testdata/packets/dialects.json', import.meta.url), 'utf8'),
);

const ONE_PACKET = [
  'xxd',
  'xxd -p',
  'xxd -i packet',
  'hexdump -C',
  'hexdump -v -e 1/1 "%02x:"',
  'od -A x -t x1',
  'base64',
];
const CAPTURES = [
  'tcpdump -n -x',
  'tcpdump -n -X',
  'tcpdump -n -xx',
  'tcpdump -n -e -v -XX',
  'tshark -x',
];

const printed = (tool: string) =>
  RECORDED.filter((row) => row.tool === tool && /TCP SYN to 1\.1\.1\.1|a capture/.test(row.title));

test('every dialect pasted on the page becomes the packet, and the page says what it read', async ({
  workbench,
  page,
}) => {
  test.slow();
  await workbench.open();
  const notes = page.locator('.packet-notes');
  const shown = async () => (await workbench.bytes.getByRole('gridcell').allInnerTexts()).join('');
  const strings = RECORDED.filter((row) => row.dialect === 'string with \\x escapes').slice(0, 1);
  const rows = [...[...ONE_PACKET, ...CAPTURES].flatMap(printed), ...strings];
  expect(rows.length).toBe(ONE_PACKET.length + CAPTURES.length + 1);
  for (const { tool, dialect, text, packets } of rows) {
    await test.step(tool, async () => {
      await workbench.paste('00');
      await expect.poll(shown).toBe('00');
      await workbench.paste(text);
      await expect(notes).toContainText(`Read as ${dialect}`);
      await expect.poll(shown).toMatch(new RegExp(`${packets[0]}$`));
      await expect(workbench.field('ip.dst')).toContainText('1.1.1.1');
      await workbench.expectPackets(packets.length > 1 ? packets.length : 4);
      // Several packets took the place of all: those come back.
      if (packets.length > 1) await page.keyboard.press('Control+z');
      await workbench.expectPackets(4);
    });
  }
});

test('a packet can be added beside the others, and bad text is refused by its line', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.getByRole('button', { name: 'Paste packet' }).click();
  const text = page.getByRole('textbox', { name: /any hex dialect/ });
  await text.fill('0000  02 00 00 00 00 02 02 00\n0008  00 zz 00');
  await page.getByRole('button', { name: 'Add packet' }).click();
  await expect(workbench.banner).toContainText('line 2');
  await expect(text).toBeVisible();

  await text.fill(printed('xxd')[0].text);
  await page.getByRole('button', { name: 'Add packet' }).click();
  await expect(workbench.packetNumber).toHaveValue('5');
  await expect(page.getByRole('list', { name: 'Packets' })).toContainText('10.0.0.2 -> 1.1.1.1');
  await page.getByRole('button', { name: 'Remove packet 5' }).click();
  await workbench.expectPackets(4);
});

test('a capture file brings all its packets', async ({ workbench, page }) => {
  await workbench.open();
  const buffer = readFileSync(new URL('../core/testdata/packets/three.pcapng', import.meta.url));
  await workbench.drop([{ name: 'three.pcapng', buffer }]);
  await workbench.expectPackets(3);
  await expect(page.locator('.packet-notes')).toContainText('Read 3 packets from three.pcapng');
});
