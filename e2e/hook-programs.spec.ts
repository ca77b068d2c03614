import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright/test';
import { dropLargeCapture } from './large-capture.ts';
import { expect, test, type Workbench } from './workbench.ts';

const LISTS = 'core/testdata/hook-lists';
const listed = (name: string) => ({ name, buffer: readFileSync(`${LISTS}/${name}`) });

/** Ethernet and IPv4 with a protocol, in hex. */
const packet = (protocol: 'udp' | 'tcp'): string =>
  `5254001234565254006543210800450000200001000040${protocol === 'udp' ? '11' : '06'}` +
  `00000a00000101010101${'00'.repeat(12)}`;

/** The boxes of programs, the first asked first. */
const boxes = ({ page }: Workbench): Locator =>
  page.getByRole('list', { name: 'Programs, the first asked first' }).getByRole('listitem');

const numbers = ({ page }: Workbench): Locator => page.locator('.flow-numbers');

/** tc-list.o with three packets, of UDP but for the second, and its list at tc in sight. */
async function openList(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  await workbench.open();
  await workbench.drop([listed('tc-list.o')]);
  await expect(page.locator('.object-name')).toContainText('tc-list.o');
  await workbench.combobox('Program').selectOption('mark_udp');
  await workbench.paste(['udp', 'tcp', 'udp'].map((one) => packet(one as 'udp')).join('\n\n'));
  await workbench.expectPackets(3);
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveText([/^p1/]);
}

test('a list of programs by keyboard: added, moved, switched off, and packets past them', async ({
  workbench,
  page,
}) => {
  await openList(workbench);
  // A session's packets are run past it without being asked for.
  await expect(numbers(workbench)).toContainText('3 of 3 packets, all have run');
  const add = page.getByRole('combobox', { name: 'Program of tc-list.o to add' });
  await add.focus();
  await add.selectOption('count_marks');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(boxes(workbench)).toHaveText([/^p1\s*mark_udp/, /^p2\s*count_marks/]);
  await expect(boxes(workbench).nth(1)).toContainText('saw mark = 7');
  await expect(boxes(workbench).nth(1)).toContainText('3 packets seen');

  // Earlier: it does not see what is marked behind it any more.
  await page.getByRole('combobox', { name: 'Where p2 stands' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(boxes(workbench)).toHaveText([/^p2/, /^p1/]);
  await expect(boxes(workbench).first()).not.toContainText('saw mark');
  await page.keyboard.press('Control+z');
  await expect(boxes(workbench)).toHaveText([/^p1/, /^p2/]);

  await page.getByRole('checkbox', { name: 'p1 on' }).focus();
  await page.keyboard.press('Space');
  await expect(boxes(workbench).first()).toContainText('not attached');
  await expect(boxes(workbench).nth(1)).not.toContainText('saw mark');
  await page.keyboard.press('Space');
  await expect(boxes(workbench).nth(1)).toContainText('saw mark = 7');
  const commands = page.locator('.copyable', { hasText: 'bpftool: tcx' }).locator('pre');
  await expect(commands).toContainText('bpftool net attach tcx_');
  await expect(commands).toContainText('/sys/fs/bpf/p2/count_marks dev eth0');
});

test('a box is debugged on the packet as the program in front of it left it', async ({
  workbench,
  page,
}) => {
  await openList(workbench);
  await page
    .getByLabel('File: Add a program of a file')
    .setInputFiles('core/testdata/objects/tc_rewrite.clang-19-v3-g.o');
  await expect(boxes(workbench)).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Program of tc-list.o to add' }).selectOption('third');
  await page.getByRole('button', { name: 'Of the open object' }).click();
  await expect(boxes(workbench)).toHaveCount(3);
  // The second one answers for short packets: the third is not asked.
  await page.getByRole('combobox', { name: 'Program of p2' }).selectOption('by_length');
  await expect(boxes(workbench).nth(2)).toContainText('not asked: p2 decided');
  await expect(workbench.announcement).toContainText('Packet 1: p2 decides, TC_ACT_OK: pass');
  const debug = page.getByRole('button', { name: 'Debug packet 1 at p2' });
  await debug.focus();
  await page.keyboard.press('Enter');
  await expect(workbench.listing).toBeVisible();
  await expect(workbench.combobox('Program')).toHaveValue('by_length');
  // One hop less, as mark_udp left it.
  await expect(workbench.byte(22)).toHaveText('3f');
  await expect(workbench.packetNotes).toContainText('as they come to program p2');
  await page.keyboard.press('Control+z');
  await expect(workbench.byte(22)).toHaveText('40');
});

test('XDP: the order is that of priorities, which are said here or by XDP_RUN_CONFIG', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.drop([listed('xdp-list.o')]);
  await workbench.combobox('Program').selectOption('late');
  await workbench.paste(packet('udp'));
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveText([/^p1\s*late/]);
  for (const name of ['by_tag', 'tag']) {
    await page.getByRole('combobox', { name: 'Program of xdp-list.o to add' }).selectOption(name);
    await page.getByRole('button', { name: 'Of the open object' }).click();
  }
  await expect(boxes(workbench)).toHaveText([/^p3\s*tag/, /^p2\s*by_tag/, /^p1\s*late/]);
  await expect(boxes(workbench).first()).toContainText('(XDP_RUN_CONFIG)');
  // Metadata of the first one: the second drops, which ends it.
  await expect(boxes(workbench).nth(1)).toContainText('saw metadata = 11000000');
  await expect(boxes(workbench).nth(1)).toContainText('XDP_DROP (1), decides');
  await expect(boxes(workbench).nth(2)).toContainText('not asked: p2 decided');
  const actions = page.getByRole('textbox', { name: 'Actions of p2' });
  await actions.fill('XDP_PASS, XDP_GO');
  await actions.press('Enter');
  await expect(page.getByText('"XDP_GO" is not one of')).toBeVisible();
  await actions.fill('XDP_PASS, XDP_DROP');
  await actions.press('Enter');
  await expect(boxes(workbench).nth(2)).toContainText('XDP_TX (3), decides');
  await expect(page.locator('.copyable', { hasText: 'xdp-loader' }).first()).toContainText(
    '-n by_tag -A XDP_DROP,XDP_PASS',
  );
  // By dragging: another priority.
  await boxes(workbench).nth(2).getByText('p1', { exact: true }).dragTo(boxes(workbench).first());
  await expect(boxes(workbench)).toHaveText([/^p1/, /^p3/, /^p2/]);
  await expect(page.getByRole('textbox', { name: 'Priority of p1' })).toHaveValue('9');

  await page.getByRole('button', { name: 'Debug packet 1 at p1' }).click();
  await expect(workbench.combobox('Program')).toHaveValue('late');
});

test('a list goes with a link, stays after a reload, and is sound for a screen reader', async ({
  workbench,
  page,
}) => {
  await openList(workbench);
  await page.getByLabel('File: Add a program of a file').setInputFiles(`${LISTS}/tc-list.o`);
  await expect(boxes(workbench)).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Program of p2' }).selectOption('third');
  await page.getByRole('combobox', { name: 'Where p2 stands' }).selectOption('cls_bpf');
  const text = page.locator('.copyable', { hasText: 'tc filter: clsact' }).locator('pre');
  await expect(text).toContainText('pref 1 bpf da obj tc-list.o sec tc/ingress');
  for (const theme of ['dark', 'light', 'contrast']) {
    const { violations } = await new AxeBuilder({ page }).include('.network').analyze();
    expect(violations.map(({ id, nodes }) => [theme, id, nodes.map(({ html }) => html)])).toEqual(
      [],
    );
    await page.keyboard.press('t');
    // Colours on their way from one theme to the next are of neither.
    await page.waitForFunction(() => document.getAnimations().length === 0);
  }
  await page.keyboard.press('Control+s');
  await expect(page).toHaveURL(/#v2\./);
  const { hash } = new URL(page.url());
  await page.waitForTimeout(500);
  await page.reload();
  await expect(workbench.listing.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveText([/^p1\s*mark_udp/, /^p2\s*third/]);
  const other = await page.context().newPage();
  await other.goto(`./${hash}`);
  await expect(other.getByRole('listbox', { name: 'Instructions' })).toBeVisible();
  await other.keyboard.press('v');
  const copied = other.locator('.copyable', { hasText: 'tc filter: clsact' }).locator('pre');
  await expect(copied).toHaveText(await text.innerText());
  await other.close();
});

test('netdev and hook are chosen in place, by the session’s hook where nothing is said', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.keyboard.press('v');
  await page.getByRole('button', { name: 'The open one' }).click();
  await page.keyboard.press('d');
  await workbench.drop([listed('tc-list.o')]);
  await expect(page.locator('.object-name')).toContainText('tc-list.o');
  await page.keyboard.press('v');
  await expect(workbench.tab('tc')).toHaveAttribute('aria-selected', 'true');
  await expect(boxes(workbench)).toHaveCount(1);
  await workbench.tab('tc').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(workbench.tab('netdev')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('list', { name: 'Filters, the head first' })).toBeVisible();
});

test('all programs of a cgroup run, and one that refuses is enough', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.drop([
    { name: 'drop.bin', buffer: Buffer.from('b7000000000000009500000000000000', 'hex') },
  ]);
  await workbench.chooseHook('cgroup_skb');
  await workbench.paste(packet('udp'));
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveText([/^p1/]);
  await page
    .getByLabel('File: Add a program of a file')
    .setInputFiles('public/examples/cgroup-accounting/program.o');
  await expect(boxes(workbench)).toHaveCount(2);
  await expect(boxes(workbench).first()).toContainText('refuses, and the others run too');
  await expect(boxes(workbench).nth(1)).toContainText('SK_PASS (1), none is left');
  await expect(page.locator('.hook-end')).toContainText('SK_DROP');
  await expect(page.locator('.copyable', { hasText: 'bpftool: cgroup' })).toContainText('multi');
});

test('a capture of 50,000 packets past two programs; its chosen packet is debugged', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await workbench.open();
  await workbench.drop([listed('tc-list.o')]);
  await expect(page.locator('.object-name')).toContainText('tc-list.o');
  await workbench.combobox('Program').selectOption('third');
  await dropLargeCapture(page, { name: 'big.pcap', packets: 50_000 });
  await expect(page.locator('.traffic-numbers')).toContainText('50,000 packets run', {
    timeout: 60_000,
  });
  await page.keyboard.press('v');
  await page
    .getByRole('combobox', { name: 'Program of tc-list.o to add' })
    .selectOption('count_marks');
  await page.getByRole('button', { name: 'Of the open object' }).click();
  await expect(boxes(workbench)).toHaveCount(2);
  await page.getByRole('button', { name: 'Run 50,000 packets' }).click();
  await expect(numbers(workbench)).toContainText('50,000 of 50,000 packets, all have run', {
    timeout: 60_000,
  });
  await expect(boxes(workbench).first()).toContainText('50,000 packets seen');
  await expect(boxes(workbench).nth(1)).toContainText('33,334 packets seen');
  await page.getByRole('button', { name: 'Debug packet 1 at p2' }).click();
  await expect(workbench.combobox('Program')).toHaveValue('count_marks');
});
