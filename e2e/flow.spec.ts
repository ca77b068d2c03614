import { readFileSync } from 'node:fs';
import { expect, test } from './workbench.ts';

test('the flow of a program shows which blocks ran, over one packet and over all', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openPlace('flow');
  const flow = page.getByRole('region', { name: 'Flow' });
  await expect(flow).toContainText('4 of 5 instructions ran (80 %)');
  const blocks = flow.getByRole('listbox', { name: 'Blocks of' });
  await expect(blocks.getByRole('option', { name: /never ran/ })).toHaveCount(1);
  await expect(blocks.getByRole('option', { name: /the program is here/ })).toHaveCount(1);
  await flow.getByRole('radio', { name: 'List' }).check();
  await expect(flow.getByRole('listitem').filter({ hasText: 'never ran' })).toHaveCount(1);
  await flow.getByLabel('over all packets').check();
  await expect(flow).toContainText('5 of 5 instructions ran (100 %)');
});

test('the graph is walked by keyboard, and who calls whom is drawn', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('A function and global variables');
  await workbench.openPlace('flow');
  const blocks = page.getByRole('listbox', { name: 'Blocks of' }).first();
  await blocks.focus();
  const focused = blocks.locator('[aria-selected="true"]');
  await expect(focused).toHaveAccessibleName(/^0 to \d+, ran 1 times/);
  await page.keyboard.press('ArrowDown');
  await expect(focused).not.toHaveAccessibleName(/^0 to/);
  const start = await focused.getAttribute('data-box');
  await page.keyboard.press('Enter');
  await expect(workbench.listing.locator('[aria-selected="true"]')).toHaveAttribute(
    'data-pc',
    start!,
  );
  await workbench.openPlace('flow');
  const calls = page.getByRole('listbox', { name: 'Calls' });
  await expect(calls.getByRole('option', { name: /, function, ran 1 times, calls / })).toHaveCount(
    1,
  );
});

test('the trace is a file, in text, JSON and CSV', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openPlace('flow');
  const saved = async (name: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name, exact: true }).click(),
    ]);
    return readFileSync(await download.path(), 'utf8');
  };
  const rows = JSON.parse(await saved('JSON')) as { step: number; registers: string[] }[];
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(rows[0].registers[1]).toBe('0x0000000001010101');
  expect((await saved('CSV')).split('\n')[0]).toMatch(/^step,pc,instruction,what,r0,/);
  expect(await saved('Text')).toContain('if r1 == 0x1010101 goto');
});

test('a command is found by its name', async ({ workbench, page }) => {
  await workbench.open();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find' })).toBeFocused();
  await page.keyboard.type('to the end');
  await page.keyboard.press('Enter');
  await expect(workbench.status).toContainText('end of the program');
});

test('packets are made for what is left out, and what no packet takes is explained', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Socket filter for one TCP port');
  await workbench.openPlace('flow');
  const cover = page.getByRole('region', { name: 'Cover' });
  await cover.getByRole('button', { name: 'Make packets for what is left out' }).press('Enter');
  await expect(cover.getByRole('status')).toContainText(
    '13 of 14 ways are taken with 3 packets more; 4 packets took 10. ' +
      'Of 5 lines with such jumps 4 go every way, 2 before.',
  );
  const missing = cover.getByRole('listitem');
  await expect(missing).toHaveCount(1);
  await expect(missing).toContainText('bpf_skb_load_bytes never failed: it does where the packet');
  await missing.getByRole('button').press('Enter');
  await page.getByRole('radio', { name: 'Asm', exact: true }).check();
  await expect(workbench.listing.locator('[aria-selected="true"]')).toHaveAttribute(
    'data-pc',
    '30',
  );
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Undone: packets that cover')).toBeVisible();
});

test('packets that cover are waited for where the program has timers', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Rate limit with timers');
  await workbench.openPlace('flow');
  const cover = page.getByRole('region', { name: 'Cover' });
  await cover.getByRole('button', { name: 'Make packets for what is left out' }).press('Enter');
  const status = cover.getByRole('status');
  await expect(status).toContainText('19 of 20 ways are taken');
  await expect(status).toContainText('The program asks for the time: the packets have theirs now.');
  await page.keyboard.press('Control+z');
  await expect(page.getByText('Undone: packets that cover')).toBeVisible();
});
