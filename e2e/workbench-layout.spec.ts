import { expect, test } from './workbench.ts';

test.beforeEach(({ workbench }) => workbench.open());

test('the verdict opens why it is so under everything, and Escape folds that away', async ({
  workbench,
  page,
}) => {
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toHaveCount(0);
  await workbench.verdict.click();
  await expect(why).toContainText('ip.dst');
  await expect(workbench.verdict).toHaveAttribute('aria-expanded', 'true');
  await expect(workbench.register('r0')).toBeVisible();
  await why.focus();
  await page.keyboard.press('Escape');
  await expect(why).toHaveCount(0);
  await page.keyboard.press('3');
  await expect(page.getByRole('button', { name: 'Hide marks' }).or(why)).not.toHaveCount(0);
});

test('where a program is attached shows what that hook can see, and how to do the same', async ({
  workbench,
  page,
}) => {
  await workbench.openPlace('hook');
  const hook = page.getByRole('region', { name: 'Hook' });
  await expect(hook).toContainText('-object filter-ubpf');
  await expect(hook.getByLabel('Task name')).toHaveCount(0);
  await expect(hook.getByRole('button', { name: 'Add to Routes' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('hook');
  await expect(hook).toContainText('ip link set dev eth0 xdp obj program.o sec xdp');
  await expect(hook.getByRole('button', { name: 'Add to Routes' })).toBeVisible();
});

test('the Explorer finds a name, leads to what it stands for, and stays as it was left', async ({
  workbench,
  page,
}) => {
  await workbench.openExample('A function and global variables');
  await workbench.openPlace('explorer');
  const names = page.getByRole('tree', { name: 'Names' });
  await expect(names.getByRole('treeitem', { name: /^Programs/ })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter names' }).fill('classify');
  await expect(names.getByRole('treeitem', { name: /mark_large/ })).toHaveCount(0);
  await names.getByRole('treeitem', { name: /^classify 14/ }).click();
  await expect(workbench.listing.locator('[aria-selected="true"]')).toHaveAttribute(
    'data-pc',
    '14',
  );
  await page.getByRole('searchbox', { name: 'Filter names' }).fill('.bss');
  await names
    .getByRole('treeitem', { name: /^\.bss array/ })
    .first()
    .click();
  await expect(page.getByRole('region', { name: 'Map .bss' })).toBeVisible();
  await page.reload();
  await expect(names).toBeVisible();
});

test('sections of Inspect fold by themselves, and stay so', async ({ workbench, page }) => {
  const fold = page.getByRole('button', { name: 'Call stack', exact: true });
  await expect(page.getByRole('region', { name: 'Registers' })).toBeVisible();
  await fold.click();
  await expect(page.getByRole('region', { name: 'Call stack' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Variables' })).toBeVisible();
  await page.reload();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await workbench.openPlace('stack');
  await expect(page.getByRole('region', { name: 'Call stack' })).toBeVisible();
});

test('a mark tells that the step wrote a map', async ({ workbench, page }) => {
  await workbench.openExample('XDP firewall with a hash map');
  const events = workbench.tab('Maps & events');
  await expect(events).not.toHaveAccessibleName(/a map was written/);
  await page.keyboard.press(']');
  await expect(events).toHaveAccessibleName(/a map was written/);
  await page.keyboard.press('Alt+F10');
  await expect(events).not.toHaveAccessibleName(/a map was written/);
});

test('what a step did stands under the instruction it leads to', async ({ workbench, page }) => {
  await page.keyboard.press('F11');
  await expect(workbench.stepNote).toContainText('reads 4 bytes at packet+30');
  await expect(workbench.stepNote).toContainText('Next: r0 becomes 0x1.');
  const note = (await workbench.stepNote.boundingBox())!;
  const row = (await workbench.instruction(1).boundingBox())!;
  expect(note.y).toBeGreaterThanOrEqual(row.y + row.height - 1);
  expect(note.y).toBeLessThan(row.y + row.height + 4);
});

test('after the end both sides of the program show where that was', async ({ workbench, page }) => {
  await workbench.openExample('Tail calls by protocol');
  await page.keyboard.press('e');
  await expect(workbench.status).toContainText('end of the program');
  const end = workbench.listing.getByRole('option', { name: /the run ended here/ });
  await expect(end).toBeInViewport();
  await expect(end).toContainText('exit');
  await expect(page.locator('.source-line.current')).toHaveCount(1);
  await expect(workbench.current).toHaveCount(0);
});

test('the gutter has a menu: a condition, a line to write; its sign tells which', async ({
  workbench,
  page,
}) => {
  const gutter = workbench.instruction(2).locator('.gutter');
  await gutter.click({ button: 'right' });
  const menu = page.getByRole('menu', { name: 'Breakpoint' });
  await expect(menu.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator(':focus')).toHaveAccessibleName('Condition of the breakpoint at 2');
  await page.keyboard.type('r1 == 5');
  await page.keyboard.press('Enter');
  await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint with a condition/);
  await expect(gutter).toHaveClass(/condition/);
  await gutter.click({ button: 'right' });
  await menu.getByRole('menuitem', { name: /^Write a line/ }).click();
  await expect(page.locator(':focus')).toHaveAccessibleName('Log of the breakpoint at 2');
  await page.keyboard.type('here');
  await page.keyboard.press('Enter');
  await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint that writes a line/);
});

test('a packet that does not exist is refused at its number', async ({ workbench, page }) => {
  await workbench.packetNumber.fill('9');
  await page.keyboard.press('Enter');
  await expect(workbench.refusal).toContainText('there are 4');
  await expect(workbench.packetNumber).toHaveValue('9');
  await page.keyboard.press('Escape');
  await expect(workbench.packetNumber).toHaveValue('1');
  await page.locator('.packet-total').click();
  await page.keyboard.press('.');
  await expect(workbench.packetNumber).toHaveValue('2');
  await page.keyboard.press(',');
  await expect(workbench.packetNumber).toHaveValue('1');
});

test('with colours of the system what is selected is told from what is not', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const look = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const { borderBottomColor, outlineStyle, backgroundColor } = getComputedStyle(element);
        return [borderBottomColor, outlineStyle, backgroundColor].join();
      });
  for (const [chosen, other] of [
    ['.tab[aria-selected="true"]', '.tab[aria-selected="false"]'],
    ['.packet-row.selected', '.packet-row:not(.selected)'],
    ['.segments input:checked + span', '.segments input:not(:checked) + span'],
    ['.insn.current', '.insn:not(.current)'],
    ['.frame[aria-pressed="true"]', '.fold-button'],
  ])
    expect(await look(chosen), chosen).not.toBe(await look(other));
});
