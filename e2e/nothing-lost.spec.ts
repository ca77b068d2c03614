import { type Page, test as plain } from 'playwright/test';
import { expect, test, testObject, Workbench } from './workbench.ts';

const OBJECT = 'xdp_counter.clang-19-v3-g.o';

async function goToStep(page: Page, step: number): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Step number' });
  await field.fill(String(step));
  await field.press('Enter');
  await expect(field).toHaveValue(String(step));
  await field.blur();
}

test('a bypassed packet shows itself, unchanged, and says that the program did not run', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.selectPacket(/ARP request \(bypasses the program\)/);
  await expect(workbench.field('arp.opcode')).toBeVisible();
  await expect(workbench.verdict).toHaveAccessibleName(/did not run/);
  await expect(page.getByText('The program changed the packet')).toHaveCount(0);
  await expect(workbench.bytes.locator('.changed')).toHaveCount(0);
  await expect(workbench.register('r1')).toContainText('not set');
});

test('map entries typed one after the other, without waiting, all arrive', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('maps');
  const map = page.getByRole('region', { name: 'Map blocked' });
  for (let i = 1; i <= 12; i++) {
    await page
      .getByRole('textbox', { name: 'New key of blocked' })
      .fill(`0a0001${i.toString(16).padStart(2, '0')}`);
    await page.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
    await page.keyboard.press('Enter');
  }
  await expect(map).toContainText('13 of 1,024 entries');
});

test('an object built anew keeps what was set up with it', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.drop([testObject('xdp_counter.c'), testObject(OBJECT)]);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await goToStep(page, 3);
  await workbench.instruction(2).locator('.gutter').click();
  await expect(workbench.listing.locator('.gutter.set')).not.toHaveCount(0);
  const before = await workbench.state();
  await workbench.drop([testObject(OBJECT)]);
  await expect(page.locator('.toast').filter({ hasText: 'anew' })).toBeVisible();
  expect(await workbench.state()).toEqual(before);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
});

test('a pasted packet says whose place it takes', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.paste(
    'ffffffffffff52540065432108060001080006040001525400654321c0a80001000000000000c0a80002',
  );
  await expect(
    page.locator('.toast').filter({ hasText: 'In the place of packet 1' }),
  ).toBeVisible();
});

test('the first click on a field does not move the row that a double click is meant for', async ({
  workbench,
}) => {
  await workbench.open();
  const row = workbench.field('ip.dst');
  await row.scrollIntoViewIfNeeded();
  const before = await row.boundingBox();
  const height = (await workbench.fields.boundingBox())!.height;
  await row.click();
  expect((await workbench.fields.boundingBox())!.height).toBe(height);
  expect(await row.boundingBox()).toEqual(before);
});

test('a core that does not answer is noticed, restarted, and the session goes on', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await goToStep(page, 2);
  const worker = page.workers().find((one) => /\/worker-[^/]*\.js$/.test(one.url()));
  worker!
    .evaluate(() => {
      for (;;) {
        // Stuck for ever.
      }
    })
    .catch(() => undefined);
  await expect(workbench.banner).toContainText('The core has not answered for');
  await page.getByRole('button', { name: 'Restart the core' }).click();
  await expect(workbench.step).toHaveValue('2');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  await page.keyboard.press('F11');
  await workbench.expectStep(3);
  await expect(workbench.banner).toHaveCount(0);
});

// The browser itself writes to the console that a file is missing: this story goes without that
// check.
plain(
  'a part that a newer deployment took away is said in its place, the rest of the page works',
  async ({ page }) => {
    const workbench = new Workbench(page);
    await page.route(/ReferenceDialog.*\.js/, (route) => route.fulfill({ status: 404, body: '' }));
    await workbench.open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('reference');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toContainText('could not be loaded');
    await page.keyboard.press('Escape');
    await workbench.control('Step').click();
    await workbench.expectStep(1);
  },
);
