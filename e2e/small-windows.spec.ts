import type { Locator } from 'playwright/test';
import { expect, test, type Workbench } from './workbench.ts';

const CONTROLS = ['Reset', 'Run back', 'Back', 'Step', 'Over', 'Out', 'Run', 'To the end'];

async function expectInWindow(locator: Locator): Promise<void> {
  await expect(locator).toBeInViewport({ ratio: 0.99 });
}

/** Nothing sticks out to the side: neither the page nor a dialog has to be scrolled sideways. */
async function expectNoSideways({ page }: Workbench): Promise<void> {
  const wide = await page.evaluate(() =>
    [document.documentElement, document.body, ...document.querySelectorAll('dialog[open], .app, .main, header, footer')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.tagName}.${element.className}: ${element.scrollWidth} in ${element.clientWidth}`),
  );
  expect(wide).toEqual([]);
}

async function expectDialogsFit(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  for (const [open, name] of [
    ['Examples', 'Examples'],
    ['Open', 'Open'],
    ['Share', 'Share'],
    ['Keys and help', 'Keys'],
  ]) {
    await page.getByRole('button', { name: open, exact: true }).click();
    const dialog = page.getByRole('dialog', { name, exact: true });
    await expectInWindow(dialog.getByRole('heading', { level: 2 }));
    await expectNoSideways(workbench);
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  }
}

async function expectMainControls(workbench: Workbench): Promise<void> {
  const { page } = workbench;
  for (const name of CONTROLS) await expectInWindow(workbench.control(name));
  await expectInWindow(workbench.verdict);
  await expectInWindow(page.getByRole('button', { name: 'Share', exact: true }));
  await expectInWindow(page.getByRole('button', { name: 'Open', exact: true }));
  for (const name of ['Program', 'Hook', 'Packet']) await expectInWindow(workbench.combobox(name));
  await expectInWindow(page.getByRole('slider', { name: 'Place in the run' }));
}

test.describe('1280 by 720', () => {
  test.use({ viewport: { width: 1280, height: 720 } });

  test('everything needed for stepping is in sight at once', async ({ workbench, page }) => {
    await workbench.open();
    await expectMainControls(workbench);
    await page.getByRole('button', { name: 'Dismiss the hint' }).click();
    for (const register of ['r0', 'r5', 'r10']) await expectInWindow(workbench.register(register));
    // The header fields of the network layer's beginning, and all 54 bytes.
    await expectInWindow(workbench.field('ip'));
    await expectInWindow(workbench.byte(53));
    for (const tab of ['Hook', 'Maps', 'Memory', 'Output', 'Object', 'Step', 'Packet']) {
      await workbench.tab(tab).click();
      await expectInWindow(page.getByRole('tabpanel'));
      await expectNoSideways(workbench);
    }
    await expectDialogsFit(workbench);
  });
});

test.describe('a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('every pane is one tap away, and the run stays at the thumb', async ({ workbench, page }) => {
    await workbench.open();
    await expectMainControls(workbench);
    await workbench.control('Step').tap();
    await workbench.expectStep(1);
    for (const tab of [
      'State',
      'Packet',
      'Why',
      'Hook',
      'Maps',
      'Memory',
      'Output',
      'Object',
      'Step',
      'Flow',
      'Program',
    ]) {
      await page.getByRole('tab', { name: tab, exact: tab !== 'Packet' && tab !== 'Maps' }).tap();
      await expectInWindow(page.getByRole('tabpanel'));
      await expectInWindow(workbench.control('Step'));
      await expectNoSideways(workbench);
    }
    await workbench.tab('State').tap();
    await expectInWindow(workbench.register('r10'));
    await workbench.tab('Packet').tap();
    await expectInWindow(workbench.byte(7));
    await expectInWindow(workbench.byte(8));
    await workbench.selectPacket(/8\.8\.8\.8/);
    await expect(workbench.verdict).toHaveAccessibleName(/pass/);
    await expectDialogsFit(workbench);
  });
});
