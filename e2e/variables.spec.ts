import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { UDP } from './packets.ts';
import { expect, onlyNewest, test, type Workbench } from './workbench.ts';

async function openLocals(workbench: Workbench, compiler: string): Promise<void> {
  const name = `locals-${compiler}.o`;
  const buffer = readFileSync(join(import.meta.dirname, '../core/testdata/debug', name));
  await workbench.open();
  await workbench.drop([{ name, buffer }]);
  await expect(workbench.combobox('Program')).toHaveValue('locals');
  await workbench.paste(UDP);
  await expect(workbench.bytes).toBeVisible();
  await expect(workbench.byte(30)).toHaveText('0a');
}

/** Sets a breakpoint at the first call of a helper, with a condition over C variables. */
async function breakAt(
  workbench: Workbench,
  page: Page,
  helper: string,
  condition: string,
): Promise<void> {
  const row = workbench.listing.locator('[data-pc]', { hasText: helper }).first();
  // Only the rows in sight are in the page.
  await expect(async () => {
    await workbench.listing.evaluate((list) => list.scrollBy(0, 200));
    await expect(row).toBeVisible({ timeout: 200 });
  }).toPass();
  await row.locator('.gutter').click();
  await workbench.openPlace('breakpoints');
  const field = page.getByLabel(/^Condition of the breakpoint/);
  await field.fill(condition);
  await field.press('Enter');
}

const variable = (page: Page, name: string) =>
  page.getByRole('tree', { name: 'Variables' }).locator(`[data-variable="${name}"]`);

const watched = (page: Page, name: string) =>
  page.getByRole('tree', { name: 'Watches' }).locator(`[data-variable="${name}"]`);

for (const compiler of ['clang14', 'clang19']) {
  test(
    `${compiler}: a breakpoint over C variables stops where they hold, ` +
      `and the locals are those of the source`,
    onlyNewest(compiler),
    async ({ workbench, page }) => {
      await openLocals(workbench, compiler);
      await breakAt(workbench, page, 'bpf_map_lookup_elem', 'flow.protocol == 6');
      await page.keyboard.press('Escape');
      await workbench.control('Run').click();
      await expect(workbench.status).toContainText('end of the program');
      await workbench.control('Reset').click();
      const field = page.getByLabel(/^Condition of the breakpoint/);
      await field.fill('flow.protocol == 17 && bpf_ntohs(flow.ports.destination) == 53');
      await field.press('Enter');
      await workbench.control('Run').click();
      await expect(workbench.status).toContainText('breakpoint at instruction');

      await workbench.openPlace('variables');
      await expect(variable(page, 'unused')).toContainText('optimised out');
      await expect(variable(page, 'flow')).toContainText('struct flow');
      await variable(page, 'flow').dblclick();
      await expect(variable(page, 'destination').first()).toContainText('10.9.8.7');
      await expect(variable(page, 'protocol')).toContainText('17 (UDP)');
      await expect(variable(page, 'dropped')).toContainText('0');
    },
  );
}

test(
  'expressions are watched, mark what changed, ' +
    'and travel in the link with the debug information they need',
  async ({ workbench, page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openLocals(workbench, 'clang19');
    await breakAt(workbench, page, 'bpf_map_lookup_elem', 'flow.protocol == 17');
    await workbench.control('Run').click();
    await expect(workbench.status).toContainText('breakpoint at instruction');
    await workbench.openPlace('watches');
    const input = page.getByLabel('Expression to watch');
    for (const text of [
      'flow.destination',
      'words[1] + 1',
      'step',
      'unused',
      'nothing.at.all',
      '1 +',
    ]) {
      await input.fill(text);
      await input.press('Enter');
      if (text === 'nothing.at.all')
        await expect(workbench.refusal).toContainText('there is no "nothing" in the source');
      else if (text === '1 +')
        await expect(workbench.refusal).toContainText('ends where a value is expected');
      else await expect(watched(page, text)).toBeVisible();
    }
    await expect(watched(page, 'flow.destination')).toContainText('10.9.8.7');
    await expect(watched(page, 'words[1] + 1')).toContainText('117967115');
    await expect(watched(page, 'unused')).toContainText('has no value here');
    await page.keyboard.press('F11');
    await expect(watched(page, 'step')).toContainText('changed');
    const step = await workbench.step.inputValue();

    await page.keyboard.press('Control+s');
    await expect(workbench.toast('Link copied')).toBeVisible();
    const link = await workbench.clipboard();
    await page.goto('about:blank');
    await page.goto(link);
    await workbench.expectStep(Number(step));
    await workbench.openPlace('watches');
    await expect(watched(page, 'flow.destination')).toContainText('10.9.8.7');
    await page.getByRole('tree', { name: 'Watches' }).focus();
    await page.keyboard.press('Delete');
    await expect(watched(page, 'flow.destination')).toHaveCount(0);
  },
);

test('a variable is given another value by keyboard, and undo takes it back', async ({
  workbench,
  page,
}) => {
  await openLocals(workbench, 'clang19');
  await breakAt(workbench, page, 'bpf_map_lookup_elem', 'flow.protocol == 17');
  await workbench.control('Run').click();
  await workbench.openPlace('watches');
  await page.getByLabel('Expression to watch').fill('flow.destination');
  await page.keyboard.press('Enter');
  await expect(watched(page, 'flow.destination')).toContainText('10.9.8.7');
  await page.getByRole('tree', { name: 'Watches' }).focus();
  await page.keyboard.press('Enter');
  const field = page.getByLabel('New value of flow.destination');
  await expect(field).toBeFocused();
  await field.fill('8.8.4.4');
  await field.press('Enter');
  await expect(watched(page, 'flow.destination')).toContainText('8.8.4.4');
  await page.keyboard.press('u');
  await expect(watched(page, 'flow.destination')).toContainText('10.9.8.7');
});

test('the tree of variables is used by keyboard', async ({ workbench, page }) => {
  await openLocals(workbench, 'clang19');
  await workbench.openPlace('variables');
  await page.keyboard.press('F11');
  const tree = page.getByRole('tree', { name: 'Variables' });
  await tree.focus();
  await page.keyboard.press('ArrowDown');
  const focused = tree.locator('[aria-selected="true"]');
  await expect(focused).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowLeft');
  await expect(focused).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowLeft');
  await expect(focused).toHaveAttribute('aria-expanded', 'false');
});

test('the pointer over a variable of the source shows what it holds', async ({
  workbench,
  page,
}) => {
  await openLocals(workbench, 'clang19');
  await breakAt(workbench, page, 'bpf_map_lookup_elem', 'flow.protocol == 17');
  await workbench.control('Run').click();
  await expect(workbench.status).toContainText('breakpoint at instruction');
  const line = page.locator('.source-editor .view-line', { hasText: 'bpf_map_lookup_elem' });
  const words = line.locator('span span', { hasText: 'flow' }).last();
  const { width, height } = (await words.boundingBox())!;
  await words.hover({ position: { x: width - 8, y: height / 2 } });
  await expect(page.locator('.monaco-hover').first()).toContainText('struct flow flow = ');
  await expect(page.locator('.monaco-hover').first()).toContainText('10.9.8.7');
});

test('an entry of a map is changed in the middle of the run, and undone', async ({
  workbench,
  page,
}) => {
  await openLocals(workbench, 'clang19');
  await page.keyboard.press('F11');
  await workbench.openPlace('maps');
  await page.getByRole('radio', { name: 'now, at step 1' }).check();
  const value = page.getByLabel('Value of last_words[0]');
  await value.fill('01000000020000000300000004000000');
  await value.press('Enter');
  await expect(value).toHaveValue('01000000020000000300000004000000');
  await page.keyboard.press('F11');
  await page.keyboard.press('Alt+F10');
  await page.keyboard.press('Alt+F10');
  await workbench.expectStep(0);
  await expect(value).toHaveValue('00'.repeat(16));
  await page.keyboard.press('F11');
  await expect(value).toHaveValue('01000000020000000300000004000000');
  await page.getByRole('tree').or(workbench.listing).first().focus();
  await page.keyboard.press('u');
  await expect(value).toHaveValue('00'.repeat(16));
});
