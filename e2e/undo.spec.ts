import type { Page } from 'playwright/test';
import { expect, test, type Workbench } from './workbench.ts';

const undo = (page: Page, change: string) =>
  page.getByRole('button', { name: `Undo: ${change}`, exact: true });
const redo = (page: Page, change: string) =>
  page.getByRole('button', { name: `Redo: ${change}`, exact: true });

interface Kind {
  readonly change: string;
  make(workbench: Workbench, page: Page): Promise<unknown>;
}

/** Ten kinds of changes and more, as a person makes them. */
const KINDS: readonly Kind[] = [
  {
    change: 'edit of ip.dst',
    make: async (workbench, page) => {
      await workbench.field('ip.dst').dblclick();
      await page.keyboard.type('9.9.9.9');
      await page.keyboard.press('Enter');
    },
  },
  {
    change: 'edit of byte 20',
    make: async (workbench, page) => {
      await workbench.byte(20).click();
      await page.keyboard.type('99');
    },
  },
  {
    change: 'packet 5, pasted',
    make: async (_workbench, page) => {
      await page.getByRole('button', { name: 'Paste packet' }).click();
      await page.getByRole('textbox', { name: /Packet in any hex dialect/ }).fill('ff'.repeat(60));
      await page.getByRole('button', { name: 'Add packet' }).click();
    },
  },
  {
    change: 'removal of packet 2',
    make: (_workbench, page) =>
      page.getByRole('button', { name: 'Remove packet 2', exact: true }).click(),
  },
  {
    change: 'length of 80 bytes',
    make: async (_workbench, page) => {
      const field = page.getByRole('textbox', { name: 'Packet length in bytes' });
      await field.fill('80');
      await field.press('Enter');
      await field.blur();
    },
  },
  {
    change: 'choice of hook tc',
    make: (workbench) => workbench.chooseHook('tc'),
  },
  {
    change: 'breakpoint at instruction 2',
    make: (workbench) => workbench.instruction(2).locator('.gutter').click(),
  },
  {
    change: 'entry blocked[0a000101]',
    make: async (workbench, page) => {
      await workbench.openPlace('maps');
      await page.getByRole('textbox', { name: 'New key of blocked' }).fill('0a000101');
      await page.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
      await page.keyboard.press('Enter');
    },
  },
  {
    change: 'watched expressions',
    make: async (workbench, page) => {
      await workbench.openPlace('variables');
      await page.getByLabel('Expression to watch').fill('r1 + 1');
      await page.keyboard.press('Enter');
    },
  },
  {
    change: 'packet 4, pasted',
    make: (workbench) => workbench.paste('ff'.repeat(64)),
  },
  {
    change: 'file other.c',
    make: (workbench) => workbench.drop([{ name: 'other.c', buffer: Buffer.from('int x;') }]),
  },
  {
    change: 'opening pasted.asm',
    make: (workbench) => workbench.paste('r0 = 1\nexit'),
  },
];

test('ten kinds of changes are undone one by one and made again, each by its name', async ({
  workbench,
  page,
}) => {
  test.setTimeout(150_000);
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  for (const { change, make } of KINDS) {
    await workbench.tab('Packet').click();
    await make(workbench, page);
    await expect(undo(page, change)).toBeEnabled();
  }
  await page.locator('h1').click();
  const last = await workbench.verdict.getAttribute('aria-label');
  for (const { change } of KINDS.toReversed()) {
    await expect(undo(page, change)).toBeEnabled();
    await page.keyboard.press('Control+z');
    await expect(redo(page, change)).toBeEnabled();
  }
  await expect(page.locator('.object-name')).toContainText('program.o');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  for (const { change } of KINDS) {
    await page.keyboard.press(change === KINDS[0].change ? 'Control+y' : 'Control+Shift+z');
    await expect(undo(page, change)).toBeEnabled();
  }
  await expect(workbench.listing.getByRole('option')).toHaveCount(2);
  expect(await workbench.verdict.getAttribute('aria-label')).toBe(last);
});

test('a text field keeps the undo of the browser, the rest of the page has its own', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.instruction(2).locator('.gutter').click();
  await expect(undo(page, 'breakpoint at instruction 2')).toBeEnabled();
  const step = workbench.step;
  await step.fill('');
  await step.pressSequentially('7');
  await page.keyboard.press('Control+z');
  await expect(undo(page, 'breakpoint at instruction 2')).toBeEnabled();
  await step.blur();
  await page.keyboard.press('u');
  await expect(redo(page, 'breakpoint at instruction 2')).toBeEnabled();
  await expect(workbench.announcement).toContainText('Undone: breakpoint at instruction 2');
});
