import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright/test';
import { expect, test, type Workbench } from './workbench.ts';

const CONTROLS = ['Reset', 'Run back', 'Back', 'Step', 'Over', 'Out', 'Run', 'To the end'];

async function expectInWindow(locator: Locator): Promise<void> {
  await expect(locator).toBeInViewport({ ratio: 0.99 });
}

/** Nothing sticks out to the side: neither the page nor a dialog has to be scrolled sideways. */
async function expectNoSideways({ page }: Workbench): Promise<void> {
  const wide = await page.evaluate(() =>
    [
      document.documentElement,
      document.body,
      ...document.querySelectorAll('dialog[open], .app, .main, header, footer'),
    ]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map(
        ({ tagName, className, scrollWidth, clientWidth }) =>
          `${tagName}.${className}: ${scrollWidth} in ${clientWidth}`,
      ),
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
  await expectInWindow(workbench.combobox('Program'));
  await expectInWindow(workbench.attach);
  await expectInWindow(workbench.packetNumber);
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
    for (const place of ['maps', 'memory', 'flow', 'why', 'explorer', 'packet'] as const) {
      await workbench.openPlace(place);
      await expectInWindow(page.getByRole('tabpanel'));
      await expectNoSideways(workbench);
    }
    await expectDialogsFit(workbench);
  });

  test('every key is in sight at once, without scrolling', async ({ workbench, page }) => {
    await workbench.open();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' }).getByRole('row')).not.toHaveCount(0);
    await expectInWindow(page.getByRole('dialog').getByText('Leaves the C source'));
    await expectInWindow(
      page.getByRole('dialog').getByRole('button', { name: 'Open the reference' }),
    );
  });

  test('long names shrink and cover nothing; eight bytes of the stack fit into a row', async ({
    workbench,
    page,
  }) => {
    await workbench.open();
    const buffer = readFileSync(new URL('../core/testdata/bench/large.o', import.meta.url));
    await workbench.drop([{ name: `${'a-very-long-name-of-an-object-'.repeat(4)}.o`, buffer }]);
    await expect(workbench.combobox('Program')).toHaveValue('program_1');
    const boxes = [
      page.locator('.object-name'),
      workbench.combobox('Program'),
      page.getByRole('button', { name: 'Find' }),
      page.getByRole('button', { name: 'Share', exact: true }),
    ];
    let right = 0;
    for (const box of boxes) {
      const { x, width } = (await box.boundingBox())!;
      expect(x).toBeGreaterThanOrEqual(right);
      right = x + width;
    }
    await page.keyboard.press('e');
    const stack = page.locator('.stack-row').first();
    await expect(stack).toBeVisible();
    await stack.scrollIntoViewIfNeeded();
    await expectInWindow(stack.locator('.byte').last());
  });
});

test.describe('a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('every pane is one tap away, and the run stays at the thumb', async ({
    workbench,
    page,
  }) => {
    await workbench.open();
    await expectMainControls(workbench);
    await workbench.control('Step').tap();
    await workbench.expectStep(1);
    for (const tab of [
      'Inspect',
      'Packet',
      'Maps & events',
      'Memory',
      'Why',
      'Explorer',
      'Program',
    ]) {
      await workbench.tab(tab).tap();
      await expectInWindow(page.getByRole('tabpanel'));
      await expectInWindow(workbench.control('Step'));
      await expectNoSideways(workbench);
    }
    await workbench.tab('Inspect').tap();
    await workbench.register('r10').scrollIntoViewIfNeeded();
    await expectInWindow(workbench.register('r10'));
    await workbench.tab('Packet').tap();
    await expectInWindow(workbench.byte(7));
    await expectInWindow(workbench.byte(8));
    await workbench.selectPacket(/8\.8\.8\.8/);
    await expect(workbench.verdict).toHaveAccessibleName(/pass/);
    await expectDialogsFit(workbench);
  });
});

test.describe('a phone on its side', () => {
  test.use({ viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true });

  test('there is one bar above and one below, and the code has six rows', async ({
    workbench,
    page,
  }) => {
    await workbench.open();
    await page.getByRole('button', { name: 'Dismiss the hint' }).tap();
    await expectMainControls(workbench);
    await expectNoSideways(workbench);
    const list = (await workbench.listing.boundingBox())!;
    const row = (await workbench.instruction(0).boundingBox())!;
    expect(list.height / row.height).toBeGreaterThanOrEqual(6);
    await workbench.control('Step').tap();
    await workbench.expectStep(1);
  });
});

test('text that a person has larger makes rows, bars and columns larger', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  const height = async (selector: string) =>
    (await page.locator(selector).first().boundingBox())!.height;
  const before = { row: await height('.insn'), bar: await height('.top-bar') };
  await page.addInitScript(() => {
    const style = new CSSStyleSheet();
    style.replaceSync(':root { font-size: 24px }');
    document.adoptedStyleSheets = [style];
  });
  await page.reload();
  await expect(page.locator('.insn').first()).toBeVisible();
  expect(await height('.insn')).toBeCloseTo(before.row * 1.5, 0);
  expect(await height('.top-bar')).toBeCloseTo(before.bar * 1.5, 0);
});
