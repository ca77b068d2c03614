import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { TCP } from './packets.ts';
import { expect, type FileToDrop, onlyNewest, test, type Workbench } from './workbench.ts';

const TESTDATA = new URL('../core/testdata/', import.meta.url);
const file = (path: string, name = path.slice(path.lastIndexOf('/') + 1)): FileToDrop => ({
  name,
  buffer: readFileSync(new URL(path, TESTDATA)),
});
/** The objects of the tests were built from it under this name. */
const SOURCE = file('../../public/examples/lpm-firewall/program.c', 'lpm_firewall.c');

/** The firewall with its C file and a packet of IPv4. */
async function openFirewall(workbench: Workbench, object: string): Promise<void> {
  await workbench.open();
  await workbench.drop([file(`debug/${object}`)]);
  await expect(workbench.combobox('Program')).toContainText('firewall');
  await workbench.drop([SOURCE]);
  await workbench.paste(TCP);
  await expect(workbench.packetNotes).toContainText('Read as');
}

/** A click on the number of a line of the C source. */
async function clickLine(page: Page, line: number): Promise<void> {
  await showLine(page, line);
  await page.locator('.source-editor .line-numbers', { hasText: new RegExp(`^${line}$`) }).click();
}

/** Puts the cursor of the C source on a line with the keyboard. */
async function showLine(page: Page, line: number): Promise<void> {
  await page.locator('.source-editor').getByRole('textbox').focus();
  await page.keyboard.press('Control+Home');
  for (let at = 1; at < line; at++) await page.keyboard.press('ArrowDown');
}

const rows = (page: Page) =>
  page.getByRole('region', { name: 'Breakpoints' }).locator('.breakpoints tbody');

for (const compiler of ['clang14', 'clang19']) {
  test(
    `a line without code: the breakpoint moves and says so (${compiler})`,
    onlyNewest(compiler),
    async ({ workbench, page }) => {
      await openFirewall(workbench, `lpm_firewall-${compiler}.o`);
      await test.step('a comment', async () => {
        await clickLine(page, 89);
        await expect(
          workbench.toast('Line 89 has no instructions: the breakpoint is at line 94'),
        ).toBeVisible();
        await expect(workbench.announcement).toHaveText(
          'Line 89 has no instructions: the breakpoint is at line 94',
        );
      });
      await test.step('the run stops where the line begins', async () => {
        await page.keyboard.press('F5');
        await expect(page.locator('.source-line.current')).toHaveCount(1);
        await expect(workbench.status).toContainText('breakpoint at instruction');
      });
      await test.step('behind the last line there is nothing', async () => {
        await clickLine(page, 128);
        await expect(
          workbench.toast(
            'No instruction of this program comes from line 128 of lpm_firewall.c or after it',
          ),
        ).toBeVisible();
      });
      await test.step('a line that begins in several places is one breakpoint', async () => {
        await workbench.openPlace('breakpoints');
        await expect(rows(page)).toHaveCount(1);
        await expect(rows(page)).toContainText('line 94');
        await page.getByRole('button', { name: 'Remove the breakpoint at line 94' }).click();
        await expect(page.getByText('No breakpoint. A click in a gutter sets one')).toBeVisible();
      });
    },
  );

  test(
    `F9 in the C source, and what the packet does not reach (${compiler})`,
    onlyNewest(compiler),
    async ({ workbench, page }) => {
      await openFirewall(workbench, `lpm_firewall-${compiler}.o`);
      await workbench.openPlace('breakpoints');
      await test.step('F9 sets the line of the cursor', async () => {
        await showLine(page, 113);
        await page.keyboard.press('F9');
        await expect(workbench.announcement).toHaveText('Breakpoint at line 113 set');
        await expect(rows(page)).toContainText(['line 113']);
        await expect(rows(page).first()).toContainText('reached 1 time');
      });
      await test.step('the way of IPv6 is not reached by this packet', async () => {
        await showLine(page, 122);
        await page.keyboard.press('F9');
        await expect(rows(page)).toHaveCount(2);
        await expect(rows(page).filter({ hasText: 'line 122' })).toContainText(
          'not reached by this packet',
        );
      });
      await test.step('a condition that does not hold says so', async () => {
        const condition = rows(page)
          .filter({ hasText: 'line 113' })
          .getByLabel(/^Condition of the breakpoint/);
        await condition.fill('packet[12:2] == 1');
        await condition.press('Enter');
        await expect(rows(page).filter({ hasText: 'line 113' })).toContainText(
          'reached 1 time, the condition did not hold',
        );
      });
      await test.step('F9 again takes it away', async () => {
        await showLine(page, 113);
        await page.keyboard.press('F9');
        await expect(workbench.announcement).toHaveText('Breakpoint at line 113 taken away');
        await expect(rows(page)).toHaveCount(1);
      });
      await test.step('elsewhere F9 acts on the instruction', async () => {
        await workbench.listing.focus();
        await workbench.instruction(2).click();
        await page.keyboard.press('F9');
        await expect(workbench.instruction(2)).toHaveAccessibleName(/breakpoint/);
      });
    },
  );
}

for (const [title, object] of [
  ['DWARF 4', 'versions/lpm_firewall-dwarf4.o'],
  ['gcc 12', 'versions/lpm_firewall-gcc12-little.o'],
]) {
  test(`where only DWARF has lines, steps are those of the dropped C file (${title})`, async ({
    workbench,
    page,
  }) => {
    await openFirewall(workbench, object);
    await page.getByRole('button', { name: 'By line' }).click();
    await clickLine(page, 107);
    await page.keyboard.press('F5');
    await expect(workbench.status).toContainText('breakpoint at instruction');
    await expect(workbench.current).toHaveAttribute('title', /lpm_firewall\.c:107/);
    await page.keyboard.press('F10');
    await expect(workbench.current).toHaveAttribute('title', /lpm_firewall\.c:110/);
    await expect(page.locator('.source-line.current')).toHaveCount(1);
  });
}
