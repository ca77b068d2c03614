import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { capture } from './packets.ts';
import { expect, LONG, type PlaceName, test, testObject, type Workbench } from './workbench.ts';

/** Places of the page, and the part of it that each is in. */
const PLACES: readonly [place: PlaceName, part: string][] = [
  ['packet', '[data-pane="data"]'],
  ['maps', '[data-pane="data"]'],
  ['memory', '[data-pane="data"]'],
  ['why', '[data-pane="why"]'],
  ['explorer', '[data-pane="explorer"]'],
  ['object', '[data-pane="explorer"]'],
  ['flow', '[data-pane="program"]'],
  ['hook', '.attach-panel'],
];

/**
 * Every rule at every level of impact, over all of the page, or over the part that changed since.
 */
async function expectClean(page: Page, where: string, part = 'html'): Promise<void> {
  // Legacy mode leaves frames of other origins out, of which there are none, and takes half the
  // time.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).include(part).analyze();
  const words = violations.map(
    ({ id, impact, nodes }) =>
      `${where}: ${id} (${impact}) at ${nodes.map((node) => node.target).join(' and ')}`,
  );
  expect(words).toEqual([]);
}

async function expectDialogsClean({ page }: Workbench): Promise<void> {
  for (const name of ['Examples', 'Open', 'Share', 'Reference', 'Keys and help']) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    if (name === 'Examples')
      await expect(page.getByRole('dialog').getByRole('listitem').first()).toBeVisible();
    await expectClean(page, name, 'dialog');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
}

for (const theme of ['dark', 'light'] as const) {
  // Both have the same parts: one of them is looked at on every change.
  test.describe(`${theme} theme`, theme === 'dark' ? {} : LONG, () => {
    test.use({ colorScheme: theme });

    test('panes and dialogs have no fault axe knows of', async ({ workbench, page }) => {
      test.slow();
      await workbench.open();
      await expect(page.locator('.source-editor .view-line').first()).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
      await expectClean(page, 'first visit');

      await workbench.openExample('A function and global variables');
      await workbench.instruction(4).locator('.gutter').click();
      for (let step = 1; step <= 3; step++) {
        await page.keyboard.press('F11');
        await workbench.expectStep(step);
      }
      await expectClean(page, 'inside a call');
      await page.getByLabel('Expression to watch').fill('step');
      await page.keyboard.press('Enter');
      await expectClean(page, 'Inspect', '.pane.inspect');
      for (const [place, part] of PLACES) {
        await workbench.openPlace(place);
        if (place === 'object')
          for (const head of await page.locator('.object-pane summary').all()) await head.click();
        await expectClean(page, place, part);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('radio', { name: 'Both', exact: true }).check();

      await workbench.openExample('Tail calls by protocol');
      await workbench.selectPacketNumber(4);
      await page.keyboard.press('F5');
      await workbench.openPlace('output');
      await expectClean(page, 'events', '[data-pane="data"]');
      await workbench.openPlace('packet');
      await page.keyboard.press('Shift+T');
      await page.getByRole('button', { name: '4 expectations met' }).click();
      await page.getByRole('textbox', { name: 'Verdict expected of packet 4' }).fill('drop');
      await page.keyboard.press('Enter');
      await expect(page.locator('.verdict-expected')).toBeVisible();
      await expectClean(page, 'tests');
      await workbench.drop([{ name: 'many.pcap', buffer: capture(12) }]);
      await page.getByRole('radio', { name: 'Capture' }).check();
      await expect(page.getByRole('grid', { name: 'All packets' })).toBeVisible();
      await page.getByText('Statistics').click();
      await expect(page.getByRole('table', { name: 'By verdict' })).toBeVisible();
      await expectClean(page, 'Capture');
      await page.getByRole('radio', { name: 'Debug' }).check();

      await workbench.openPlace('packet');
      await page.getByRole('combobox', { name: 'New packet' }).selectOption('0');
      await page.getByRole('button', { name: 'Headers' }).click();
      await page
        .getByRole('combobox', { name: 'Add an option to TCP' })
        .selectOption({ label: 'Window scale' });
      await page.getByRole('button', { name: 'Move TCP up' }).click();
      await expect(page.locator('.headers-form .field-refusal')).toBeVisible();
      await workbench.listing.focus();
      await page.keyboard.press('Control+F');
      await page.keyboard.type('r0');
      await expectClean(page, 'headers and a search');
      await page.keyboard.press('Escape');

      await workbench.openExample('Tour: maps and tail calls');
      await expect(page.locator('.note-bar .markdown')).toBeVisible();
      await expectClean(page, 'a tour', '.note-bar');
      await page.keyboard.press('m');
      await expectClean(page, 'a note', '.note-bar');
      await page.getByRole('button', { name: 'Cancel' }).click();

      await workbench.openExample('A program that faults');
      await page.keyboard.press('F5');
      await workbench.drop([{ name: 'nothing.o', buffer: Buffer.from('7f454c46', 'hex') }]);
      await expect(workbench.banner).toBeVisible();
      await expectClean(page, 'fault and message');

      await workbench.drop([testObject('externs.clang-19-v3-g.o')]);
      await workbench.openPlace('packet');
      await page.getByRole('button', { name: 'Paste packet' }).click();
      await expectClean(page, 'errors of programs');
      await expectDialogsClean(workbench);
    });

    test('nor has what stands in another page', async ({ workbench, page }) => {
      await page.setViewportSize({ width: 720, height: 420 });
      await workbench.open('embed');
      await expect(page.locator('.source-editor .view-line').first()).toBeVisible();
      await expectClean(page, 'embedded');
    });

    test('what is explained, watched and marked has none either', async ({ workbench, page }) => {
      await workbench.open();
      await workbench.openExample('tc: rewrite a port, fix the checksum');
      await page.keyboard.press('e');
      await workbench.openPlace('why');
      await workbench.register('r0').getByRole('button', { name: 'Why r0?' }).click();
      await expect(page.locator('.why-text')).toBeVisible();
      await expectClean(page, 'marks of an explanation');
      await workbench.openPlace('packet');
      await workbench.field('tcp.dstport').click();
      await page.getByRole('button', { name: 'Stop where tcp.dstport changes' }).click();
      await page.getByRole('button', { name: 'fp-8' }).click();
      await page.getByRole('button', { name: 'Marks on the timeline' }).click();
      await page.getByRole('checkbox', { name: /^Calls/ }).check();
      await expectClean(page, 'marks of bytes and of the timeline');
      await page.keyboard.press('Escape');
      await workbench.openPlace('breakpoints');
      await expect(
        page.getByRole('button', { name: 'Remove the watchpoint on tcp.dstport' }),
      ).toBeVisible();
      await expectClean(page, 'watchpoints', '.pane.inspect');
    });

    test('the narrow page has none either', async ({ workbench, page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await workbench.open();
      await workbench.openPlace('hook');
      await expectClean(page, 'hook', '.app');
      await page.keyboard.press('Escape');
      for (const place of ['registers', 'packet', 'explorer', 'flow'] as const) {
        await workbench.openPlace(place);
        await expectClean(page, place, 'main');
      }
    });
  });
}

test(
  'the high contrast theme has no fault axe knows of, ' +
    'and a system that asks for contrast gets it',
  async ({ workbench, page }) => {
    await page.emulateMedia({ contrast: 'more' });
    await workbench.open();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
    await page.emulateMedia({ contrast: 'no-preference' });
    for (const name of ['as the system', 'dark', 'light'])
      await page.getByRole('button', { name: `Theme: ${name}` }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
    await workbench.openExample('A function and global variables');
    await page.keyboard.press('F11');
    await expectClean(page, 'whole page');
    for (const place of ['why', 'flow', 'explorer'] as const) {
      await workbench.openPlace(place);
      await expectClean(page, place, '.app');
    }
  },
);

test('a step is announced once, in one sentence', async ({ workbench, page }) => {
  await workbench.open();
  await page.evaluate(() => {
    const said: string[] = [];
    const region = document.querySelector('[data-testid="announcement"]')!;
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    Object.assign(window, { said });
  });
  const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  await page.keyboard.press('F11');
  await workbench.expectStep(1);
  await expect
    .poll(said)
    .toEqual([
      'instruction 0: reads 4 bytes at packet+30 (01010101); r1 = 0x1010101; next: r0 = 0x1',
    ]);
  await page.keyboard.press('F5');
  await expect.poll(said).toHaveLength(2);
  expect((await said())[1]).toContain('filter-ubpf: r0 = 0x1 -> drop');
});
