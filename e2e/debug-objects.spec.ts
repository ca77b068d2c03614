import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { UDP } from './packets.ts';
import { expect, onlyNewest, test, type Workbench } from './workbench.ts';

/** TCP from 10.9.9.9, whose network lpm_firewall is told to block; TCP to 1.1.1.1. */
const BLOCKED =
  '0200000000010200000000990800' +
  '450000280001000040062b6d0a090909cb007150' +
  '0001005000000001000000005002faf0653d0000';
const SEED =
  '5254001234565254006543210800' +
  '450000280001400040062ecc0a00000201010101' +
  '9c40005000000001000000005002faf00c5d0000';

async function open(
  workbench: Workbench,
  program: string,
  compiler: string,
  packet: string,
): Promise<void> {
  const name = `${program}-${compiler}.o`;
  const buffer = readFileSync(join(import.meta.dirname, '../core/testdata/debug', name));
  await workbench.open();
  await workbench.drop([{ name, buffer }]);
  await expect(workbench.toast(`Opened ${name}`)).toBeVisible();
  await workbench.paste(packet);
  await expect(workbench.packetNotes).toContainText('Read as');
}

const status = (page: Page) => page.locator('.status');
const watched = (page: Page, name: string) =>
  page.getByRole('tree', { name: 'Watches' }).locator(`[data-variable="${name}"]`).first();

/** The stories a debugger is chosen for, on programs built with -g -O2. */
for (const compiler of ['clang14', 'clang19']) {
  test.describe(compiler, onlyNewest(compiler), () => {
    test('run back to the write of a map entry, of a local on the stack, of a register', async ({
      workbench,
      page,
    }) => {
      await open(workbench, 'locals', compiler, UDP);
      await page.keyboard.press('e');
      await expect(status(page)).toContainText('end of the program');
      await workbench.openPlace('maps');
      const back = page.getByRole('button', {
        name: /^Go back to the step that last changed flows\[/,
      });
      await back.first().click();
      await expect(status(page)).toContainText(/changed map flows\[/);
      await expect(workbench.stepNote).toContainText('bpf_map_update_elem');

      await page
        .getByRole('button', { name: /^Go back to the step that last changed r0$/ })
        .click();
      await expect(status(page)).toContainText(/changed r0/);
      const step = Number(await workbench.step.inputValue());
      await page.keyboard.press('F11');
      await workbench.control('Back').click();
      await workbench.expectStep(step);
    });

    test('why the seed filter drops, and the change that is offered passes', async ({
      workbench,
      page,
    }) => {
      await open(workbench, 'seed-filter', compiler, SEED);
      await workbench.chooseHook('filter-ubpf');
      await workbench.openPlace('why');
      const why = page.getByRole('region', { name: 'Why' });
      await expect(why).toContainText(
        /drop: ip\.dst \(bytes 30 to 33\) is 1\.1\.1\.1, compared at program\.c:\d+/,
      );
      await why
        .getByRole('button', { name: /^Set byte/ })
        .first()
        .click();
      await expect(workbench.verdict).toHaveAccessibleName(/pass/);
    });

    test('why an XDP program with a map drops: the field and the entry', async ({
      workbench,
      page,
    }) => {
      await open(workbench, 'lpm_firewall', compiler, BLOCKED);
      await workbench.combobox('Program').selectOption('firewall');
      await workbench.openPlace('maps');
      const map = page.getByRole('region', { name: 'Map networks4' });
      await map.getByLabel('New key of networks4').fill('080000000a000000');
      await map.getByLabel('New value of networks4').fill('01000000010000000000000000000000');
      await map.getByRole('button', { name: 'Set entry' }).click();
      await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
      await workbench.openPlace('why');
      const why = page.getByRole('region', { name: 'Why' });
      await expect(why).toContainText(
        /XDP_DROP.*ip\.src \(bytes 26 to 29\) is 10\.9\.9\.9, compared at lpm_firewall\.c:\d+/,
      );
      await expect(why).toContainText('Maps that went into it');
      await expect(why.getByRole('button', { name: /^networks4\[/ }).first()).toBeVisible();
    });

    test('a local changed in mid-run changes what follows, and comes with the link', async ({
      workbench,
      page,
      context,
    }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await open(workbench, 'locals', compiler, UDP);
      await page.keyboard.press('l');
      await workbench.openPlace('watches');
      await page.getByLabel('Expression to watch').fill('flow.destination');
      await page.keyboard.press('Enter');
      await page.getByRole('tree', { name: 'Watches' }).focus();
      await expect(async () => {
        await page.keyboard.press('F10');
        await expect(watched(page, 'flow.destination')).toContainText('10.9.8.7', {
          timeout: 300,
        });
      }).toPass();
      await page.keyboard.press('Enter');
      await page.getByLabel('New value of flow.destination').fill('8.8.4.4');
      await page.keyboard.press('Enter');
      await expect(watched(page, 'flow.destination')).toContainText('8.8.4.4');
      await page.keyboard.press('Control+s');
      await expect(workbench.toast('Link copied')).toBeVisible();
      const link = await workbench.clipboard();
      const before = await workbench.state();
      await page.goto('about:blank');
      await page.goto(link);
      await workbench.expectStep(Number(before.step));
      expect(await workbench.state()).toEqual(before);
      await workbench.openPlace('watches');
      await expect(watched(page, 'flow.destination')).toContainText('8.8.4.4');
      await page.keyboard.press('e');
      await workbench.openPlace('maps');
      await expect(page.getByRole('region', { name: 'Map flows' })).toContainText('8.8.4.4');
    });
  });
}
