import { type Page, test as plain } from 'playwright/test';
import { expect, type FileToDrop, test, testObject, Workbench } from './workbench.ts';

const OBJECT = 'xdp_counter.clang-19-v3-g.o';

/** Packets to port 80 of one host after the other, as a capture file. */
function capture(packets: number): FileToDrop {
  const frame = Buffer.from(
    '525400123456525400654321080045000028000100004006' +
      '66c50a0000420a0000019c4001bb00000001000000005002200000000000',
    'hex',
  );
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const records = Array.from({ length: packets }, () => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return Buffer.concat([record, frame]);
  });
  return { name: 'many.pcap', buffer: Buffer.concat([head, ...records]) };
}

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
  await workbench.selectPacket(/ARP request/);
  await expect(workbench.field('arp.opcode')).toBeVisible();
  await expect(workbench.verdict).toHaveAccessibleName(/did not run/);
  await expect(page.getByText('The program changed the packet')).toHaveCount(0);
  await expect(workbench.bytes.locator('.changed')).toHaveCount(0);
  await expect(workbench.register('r1')).toContainText('not set');
});

for (const packets of [0, 2000])
  test(`thirty map entries typed without waiting all arrive, ${packets} packets open`, async ({
    workbench,
    page,
  }) => {
    await workbench.open();
    await workbench.openExample('XDP firewall with a hash map');
    if (packets > 0) {
      await workbench.drop([capture(packets)]);
      await workbench.expectPackets(packets);
    }
    await workbench.openPlace('maps');
    const map = page.getByRole('region', { name: 'Map blocked' });
    const key = page.getByRole('textbox', { name: 'New key of blocked' });
    for (let i = 1; i <= 30; i++) {
      await key.fill(`0a0001${i.toString(16).padStart(2, '0')}`);
      await page.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
      await page.keyboard.press('Enter');
      await expect(key).toHaveValue('', { timeout: 300 });
    }
    await expect(map).toContainText('31 of 1,024 entries', { timeout: 30_000 });
    await expect(page.getByRole('button', { name: 'Undo: entry blocked[0a00011e]' })).toBeEnabled();
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
  await expect(page.locator('.notice')).toContainText(`Opened ${OBJECT} anew`);
  await expect(page.locator('.notice')).toContainText(
    'Kept: step 3, 1 breakpoint, program count_flows',
  );
  await expect(page.locator('.notice')).not.toContainText('Not kept');
  expect(await workbench.state()).toEqual(before);
  await expect(page.locator('.source-editor')).toContainText('count_flows');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.locator('.notice')).toHaveCount(0);
  await expect(page.getByRole('button', { name: `Redo: ${OBJECT} built anew` })).toBeEnabled();
  expect(await workbench.state()).toEqual(before);
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

const coreOf = (page: Page) => page.workers().find((one) => /\/worker-[^/]*\.js$/.test(one.url()))!;

const hang = (page: Page): void => {
  coreOf(page)
    .evaluate(() => {
      for (;;) {
        // Stuck for ever.
      }
    })
    .catch(() => undefined);
};

const end = (page: Page): void => {
  coreOf(page)
    .evaluate(() => self.close())
    .catch(() => undefined);
};

test('a core that is gone is replaced within two seconds, and the session goes on', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await goToStep(page, 2);
  end(page);
  await expect(page.locator('.notice')).toContainText('was started again', { timeout: 2000 });
  await expect(workbench.step).toHaveValue('2');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  await page.keyboard.press('F11');
  await workbench.expectStep(3);
  await expect(workbench.banner).toHaveCount(0);
});

test('a core that hangs with nothing to do is replaced too', async ({ workbench, page }) => {
  await workbench.open();
  await goToStep(page, 2);
  hang(page);
  await expect(page.locator('.notice')).toContainText('was started again');
  await page.keyboard.press('F11');
  await workbench.expectStep(3);
});

test('a core that hangs at work is said, restarted, and the session goes on', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await goToStep(page, 2);
  hang(page);
  await page.waitForTimeout(300);
  await page.keyboard.press('F11');
  await expect(workbench.banner).toContainText('The core has not answered for');
  await page.getByRole('button', { name: 'Restart the core' }).click();
  await expect(workbench.step).toHaveValue('2');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  await page.keyboard.press('F11');
  await workbench.expectStep(3);
});

test('a core that goes on hanging is replaced by itself, and is not asked the same again', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await goToStep(page, 2);
  hang(page);
  await page.waitForTimeout(300);
  await page.keyboard.press('F11');
  await expect(page.locator('.notice')).toContainText('was started again', { timeout: 20_000 });
  await workbench.expectStep(2);
  await page.keyboard.press('F11');
  await workbench.expectStep(3);
});

test('what was asked of a core that went is asked of the next one', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.tab('Maps').click();
  hang(page);
  await page.getByRole('textbox', { name: 'New key of blocked' }).fill('0a000101');
  await page.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
  // Stuck from before it was asked: to the page it is one with nothing to do that does not answer.
  await expect(page.locator('.notice')).toContainText('was started again');
  end(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Map blocked' })).toContainText(
    '2 of 1,024 entries',
  );
});

test('a session on which every core ends is not tried for ever', async ({ workbench, page }) => {
  let started = 0;
  page.on('worker', () => {
    started += 1;
  });
  await page.addInitScript(() => {
    const Usual = Worker;
    window.Worker = class extends Usual {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data.kind === 'alive' && document.title.startsWith('ended'))
            setTimeout(() => this.terminate(), 20);
        });
      }
    };
  });
  await workbench.open();
  await page.keyboard.press('F11');
  await workbench.expectStep(1);
  await page.evaluate(() => {
    document.title = 'ended as soon as they begin';
  });
  end(page);
  await expect(workbench.banner).toContainText('The core stopped');
  const most = started;
  await page.waitForTimeout(2500);
  expect(started).toBe(most);
  expect(started).toBeLessThanOrEqual(4);
  await page.evaluate(() => {
    document.title = 'as usual';
  });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the session as a file' }).click();
  expect((await download).suggestedFilename()).toBe('program.ebpf-session');
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await expect(workbench.banner).toHaveCount(0);
  await workbench.expectStep(0);
  await page.keyboard.press('F11');
  await workbench.expectStep(1);
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
