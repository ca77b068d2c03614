import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright/test';
import { dropLargeCapture } from './large-capture.ts';
import { expect, test, type Workbench } from './workbench.ts';

const EVERY_THIRD = 'core/testdata/netdev/every-third.o';

/** The boxes of filters, the head first. */
const boxes = ({ page }: Workbench): Locator =>
  page.getByRole('list', { name: 'Filters, the head first' }).getByRole('listitem');

const numbers = ({ page }: Workbench): Locator => page.locator('.flow-numbers');

/** A counter of a filter in a direction, in sight. */
async function counter(box: Locator, row: string): Promise<[to: number, from: number]> {
  const cells = box.getByRole('row', { name: new RegExp(`^${row} `) }).getByRole('cell');
  const texts = await cells.allInnerTexts();
  const [to, from] = texts.map((text) => Number(text.replaceAll(',', '')));
  return [to, from];
}

/** Packets that are made flow, in place of the session's. */
async function chooseMade({ page }: Workbench): Promise<void> {
  await page.getByRole('combobox', { name: 'Packets' }).selectOption('generator');
  await expect(page.getByRole('textbox', { name: 'How many packets are made' })).toBeVisible();
}

test('a chain of two filters by keyboard: added, told, moved, and packets that flow', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveCount(1);
  await page.getByRole('button', { name: 'The open one' }).focus();
  await page.keyboard.press('Enter');
  await expect(boxes(workbench)).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Queue of f2' }).focus();
  await page.keyboard.press('r');
  await expect(page.getByText('queue=rx,ip-mode=on')).toBeVisible();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(boxes(workbench)).toHaveText([/^f2/, /^f1/]);
  await expect(workbench.announcement).toHaveText('f2 is filter 1 of 2');
  const change = page.locator('.copyable', { hasText: 'QMP of the last change' });
  await expect(change).toContainText('"object-del"');
  await expect(change).toContainText('"position":"head"');

  await page.getByRole('button', { name: 'Start' }).focus();
  await page.keyboard.press('Enter');
  await expect(numbers(workbench)).toContainText('4 of 4 packets, all have flowed');
  await expect(workbench.announcement).toContainText('All 4 packets have flowed');
  const first = boxes(workbench).first();
  const second = boxes(workbench).nth(1);
  expect(await counter(first, 'came')).toEqual([0, 0]);
  expect((await counter(second, 'came'))[0]).toBe(4);
  const [dropped] = await counter(second, 'dropped');
  expect(dropped).toBeGreaterThan(0);

  // A drop, with the program that dropped it.
  await page
    .getByRole('button', { name: /^packet \d+$/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await expect(workbench.listing).toBeVisible();
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await page.keyboard.press('v');
  await expect(boxes(workbench)).toHaveText([/^f2/, /^f1/]);
});

test('1,000,000 packets, a program swapped among them: each is judged by one version', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await workbench.open();
  await page.keyboard.press('v');
  await chooseMade(workbench);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(numbers(workbench)).toContainText('of 1,000,000 packets');
  // While they flow: another program, and that one back again.
  const swap = page.getByLabel('File: Swap the program of f1');
  await swap.setInputFiles(EVERY_THIRD);
  await expect(boxes(workbench).first()).toContainText('version 2');
  await page.getByRole('button', { name: 'Swap to the open one' }).click();
  await expect(boxes(workbench).first()).toContainText('version 3');
  await expect(numbers(workbench)).toContainText(
    '1,000,000 of 1,000,000 packets, all have flowed',
    {
      timeout: 90_000,
    },
  );
  const rows = page.getByRole('table', { name: 'Versions' }).getByRole('row');
  await expect(rows).toHaveCount(4);
  /** Numbers of a column, without its head. */
  const column = (at: number): Promise<number[]> =>
    rows.evaluateAll(
      (all, cell) =>
        all.slice(1).map((row) => Number(row.children[cell].textContent?.replaceAll(',', ''))),
      at,
    );
  const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
  const judged = await column(3);
  expect(judged.every((count) => count > 0)).toBe(true);
  expect(sum(judged)).toBe(1_000_000);
  const events = page.getByRole('region', { name: 'Changes while packets flowed' });
  await expect(events.getByRole('listitem')).toHaveCount(2);
  // Nothing is lost: what came in arrived or was dropped.
  const sums = await page.locator('.chain-end dd').allInnerTexts();
  const [sent, received, arrived, left] = sums.map((text) => Number(text.replaceAll(',', '')));
  expect(sent + left).toBe(1_000_000);
  expect(arrived + received + sum(await column(4))).toBe(1_000_000);
});

test('a dropped packet is debugged at the state that its program had', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.keyboard.press('v');
  await page.getByLabel('File: Swap the program of f1').setInputFiles(EVERY_THIRD);
  await expect(boxes(workbench).first()).toContainText('every-third.o');
  await chooseMade(workbench);
  const count = page.getByRole('textbox', { name: 'How many packets are made' });
  await count.fill('2000');
  await count.press('Enter');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(numbers(workbench)).toContainText('2,000 of 2,000 packets, all have flowed');
  const drop = page.getByRole('button', { name: /^packet / }).first();
  await drop.click();
  await expect(page.getByRole('combobox', { name: 'Program' })).toHaveValue('every_third');
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await workbench.openPlace('variables');
  // Two of three that it had seen were let pass before.
  const seen = page.getByRole('treeitem', { name: /^seen/ });
  await expect(seen).toBeVisible();
  const value = Number(/\d+/.exec(await seen.innerText())?.[0]);
  expect(value % 3).toBe(2);
  expect(value).toBeGreaterThan(500);
});

test('the chain goes with a link, and stays after a reload', async ({ workbench, page }) => {
  await workbench.open();
  await page.keyboard.press('v');
  const file = page.getByLabel('File: Add a filter with a program of a file');
  await file.setInputFiles(EVERY_THIRD);
  await expect(boxes(workbench)).toHaveCount(2);
  await page.getByRole('button', { name: 'buffer', exact: true }).click();
  const interval = page.getByRole('textbox', { name: 'interval of buffer1' });
  await interval.fill('0');
  await interval.press('Enter');
  await expect(page.getByText('requires a positive value')).toBeVisible();
  await interval.fill('5000');
  await interval.press('Enter');
  const lines = page.locator('.copyable', { hasText: 'QEMU command line' }).locator('pre');
  await expect(lines).toContainText('interval=5000');
  const text = await lines.innerText();
  await page.keyboard.press('Control+s');
  await expect(page).toHaveURL(/#v2\./);
  const { hash } = new URL(page.url());
  await page.waitForTimeout(500);
  await page.reload();
  await expect(workbench.listing.getByRole('option').first()).toBeVisible();
  await page.keyboard.press('v');
  await expect(lines).toHaveText(text);

  const other = await page.context().newPage();
  await other.goto(`./${hash}`);
  await expect(other.getByRole('listbox', { name: 'Instructions' })).toBeVisible();
  await other.keyboard.press('v');
  const copied = other.locator('.copyable', { hasText: 'QEMU command line' }).locator('pre');
  await expect(copied).toHaveText(text);
  await other.close();

  // Taken back: the buffer is gone, step by step.
  await page.getByRole('button', { name: 'Take buffer1 out' }).click();
  await expect(boxes(workbench)).toHaveCount(2);
  await page.keyboard.press('Control+z');
  await expect(boxes(workbench)).toHaveCount(3);
});

test('a dump is saved as a capture, and the page is sound for a screen reader', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.keyboard.press('v');
  await page.getByRole('button', { name: 'dump', exact: true }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(numbers(workbench)).toContainText('all have flowed');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: /^Save \d+ packets?$/ }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe('dump1.pcap');
  expect(readFileSync(await file.path()).readUInt32LE(0)).toBe(0xa1b2c3d4);
  for (const theme of ['dark', 'light', 'contrast']) {
    const { violations } = await new AxeBuilder({ page }).include('.network').analyze();
    expect(violations.map(({ id, nodes }) => [theme, id, nodes.map(({ html }) => html)])).toEqual(
      [],
    );
    await page.keyboard.press('t');
  }
});

test('a capture of 50,000 packets flows through a chain; one that is dropped is debugged', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await workbench.open();
  await dropLargeCapture(page, { name: 'big.pcap', packets: 50_000 });
  await expect(page.locator('.traffic-numbers')).toContainText('50,000 packets run', {
    timeout: 60_000,
  });
  await page.keyboard.press('v');
  await page.getByLabel('File: Swap the program of f1').setInputFiles(EVERY_THIRD);
  await expect(boxes(workbench).first()).toContainText('every-third.o');
  await expect(page.getByRole('combobox', { name: 'Packets' })).toContainText('of big.pcap');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(numbers(workbench)).toContainText('50,000 of 50,000 packets, all have flowed', {
    timeout: 60_000,
  });
  const [dropped] = await counter(boxes(workbench).first(), 'dropped');
  expect(dropped).toBe(16_666);
  await page.getByRole('button', { name: 'packet 49,998' }).click();
  await expect(page.getByRole('combobox', { name: 'Program' })).toHaveValue('every_third');
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await workbench.openPlace('variables');
  await expect(page.getByRole('treeitem', { name: /^seen/ })).toContainText('49997');
  // The capture is there still, and so is what was counted.
  await page.keyboard.press('v');
  await expect(boxes(workbench).first()).toContainText('16,666');
});
