import type { Page } from 'playwright/test';
import { expect, test, testObject, type Workbench } from './workbench.ts';

const OBJECT = 'xdp_counter.clang-19-v3-g.o';
const PACKET =
  'ffffffffffff52540065432108060001080006040001525400654321c0a80001000000000000c0a80002';

const notice = (page: Page) => page.locator('.notice');
/** A session is written soon after each change: a person needs longer for the next thing. */
const letItBeKept = (page: Page) => page.waitForTimeout(700);

async function setUp(workbench: Workbench, page: Page): Promise<void> {
  await workbench.drop([testObject('xdp_counter.c'), testObject(OBJECT)]);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await workbench.paste(PACKET);
  await expect(workbench.field('arp.opcode')).toBeVisible();
  await workbench.instruction(2).locator('.gutter').click();
  await expect(workbench.listing.locator('.gutter.set')).not.toHaveCount(0);
  for (let step = 1; step <= 3; step++) {
    await page.keyboard.press('F11');
    await workbench.expectStep(step);
  }
}

test('a reload brings the session back at its step, and the example can be had again', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await setUp(workbench, page);
  const before = await workbench.state();
  await letItBeKept(page);
  await page.reload();
  await expect(notice(page)).toContainText(`Restored ${OBJECT}`);
  await workbench.expectStep(3);
  expect(await workbench.state()).toEqual(before);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await expect(page.locator('.object-name')).toContainText('program.o');
  await expect(notice(page)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await workbench.expectStep(3);
  expect(await workbench.state()).toEqual(before);
});

test('what was only looked at is not restored with a notice', async ({ workbench, page }) => {
  await workbench.open();
  await letItBeKept(page);
  await page.reload();
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await expect(notice(page)).toHaveCount(0);
});

test('a link wins over what was kept, until a person goes on from it', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'Link', exact: true });
  await expect(field).toHaveValue(/#v2\./);
  const link = await field.inputValue();
  await page.keyboard.press('Escape');
  await setUp(workbench, page);
  await letItBeKept(page);
  await page.goto(`about:blank`);
  await page.goto(link);
  await expect(page.locator('.object-name')).toContainText('program.o');
  await expect(notice(page)).toHaveCount(0);
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await letItBeKept(page);
  await page.reload();
  await expect(notice(page)).toContainText('Restored program.o');
  await workbench.expectStep(1);
});

test('a copy of a tab begins with the same session, and each goes on with its own', async ({
  workbench,
  page,
  context,
}) => {
  await workbench.open();
  await setUp(workbench, page);
  await letItBeKept(page);
  const storage = await page.evaluate(() => Object.entries(sessionStorage));
  const copy = await context.newPage();
  await copy.addInitScript((entries) => {
    if (sessionStorage.length === 0)
      for (const [name, value] of entries) sessionStorage.setItem(name, value);
  }, storage);
  await copy.goto('./');
  await expect(notice(copy)).toContainText(`Restored ${OBJECT}`);
  await copy.keyboard.press('Shift+F5');
  await expect(copy.getByRole('textbox', { name: 'Step number' })).toHaveValue('0');
  await letItBeKept(copy);
  await page.reload();
  await workbench.expectStep(3);
  await copy.reload();
  await expect(copy.getByRole('textbox', { name: 'Step number' })).toHaveValue('0');
  await copy.close();
});

/** Changes what stands in the browser's database. */
const damage = (page: Page, how: 'description' | 'object') =>
  page.evaluate(async (what) => {
    const open = indexedDB.open('ebpf-playground');
    await new Promise((done) => {
      open.onsuccess = done;
    });
    const transaction = open.result.transaction(['heads', 'parts'], 'readwrite');
    const store = transaction.objectStore(what === 'description' ? 'heads' : 'parts');
    const keys = store.getAllKeys();
    keys.onsuccess = () => {
      for (const key of keys.result) {
        if (what === 'description')
          store.put({ at: 1, size: 1, description: '{"half":', version: 2, address: '' }, key);
        else store.put('no bytes', key);
      }
    };
    await new Promise((done) => {
      transaction.oncomplete = done;
    });
    open.result.close();
  }, how);

for (const how of ['description', 'object'] as const)
  test(`a damaged ${how} of a kept session is said and put aside`, async ({ workbench, page }) => {
    await workbench.open();
    await setUp(workbench, page);
    await letItBeKept(page);
    await damage(page, how);
    await page.reload();
    await expect(notice(page)).toContainText('could not be restored and was put aside');
    await expect(notice(page)).toContainText('is damaged');
    await expect(workbench.verdict).toHaveAccessibleName(/drop/);
    await page.reload();
    await expect(workbench.verdict).toHaveAccessibleName(/drop/);
    await expect(notice(page)).toHaveCount(0);
  });

test('a browser that keeps nothing is said once, and the page works', async ({
  workbench,
  page,
}) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError');
    };
  });
  await workbench.open();
  await expect(notice(page)).toHaveCount(0);
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  await expect(notice(page)).toContainText('The browser keeps nothing for this page');
  await page.getByRole('button', { name: 'Dismiss the notice' }).click();
  await workbench.control('Step').click();
  await workbench.expectStep(2);
  await letItBeKept(page);
  await expect(notice(page)).toHaveCount(0);
});

test('neither storage nor service workers nor locks: the page works', async ({
  workbench,
  page,
}) => {
  await page.addInitScript(() => {
    const refuse = {
      get: () => {
        throw new DOMException('refused', 'SecurityError');
      },
    };
    Object.defineProperty(window, 'sessionStorage', refuse);
    Object.defineProperty(window, 'localStorage', refuse);
    Object.defineProperty(navigator, 'serviceWorker', { get: () => undefined });
    Object.defineProperty(navigator, 'locks', { get: () => undefined });
  });
  await workbench.open();
  await workbench.control('Step').click();
  await workbench.expectStep(1);
});
