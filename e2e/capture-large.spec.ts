import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { dropLargeCapture } from './large-capture.ts';
import { expect, LONG, test, type Workbench } from './workbench.ts';

const PACKETS = 200_000;
const [FIRST, SECOND] = [50_001, 150_002];

/** Everything is done: the run is over, and what was looked for is found. */
async function expectAllRun({ page }: Workbench, packets = PACKETS): Promise<void> {
  const all = packets.toLocaleString('en');
  await expect(page.locator('.traffic-numbers')).toHaveText(`${all} of ${all} packets run`, {
    timeout: 50_000,
  });
}

async function openLarge(workbench: Workbench, packets = PACKETS): Promise<void> {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const from66 = [FIRST, SECOND];
  await dropLargeCapture(workbench.page, { name: 'big.pcap', packets, from66 });
  await expect(workbench.page.getByRole('grid', { name: 'All packets' })).toBeVisible();
}

test('of 200,000 packets the dropped one is found, and debugged at its state', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await openLarge(workbench);
  await expectAllRun(workbench);
  await expect(page.locator('.traffic-cores')).toHaveText(
    'on one core: the program changes map blocked, which packets share',
  );
  const rows = page.locator('.traffic-rows .table-row');
  const count = page.locator('.capture-count');
  const filter = page.getByRole('combobox', { name: 'Filter packets' });

  // By its verdict.
  await page.getByRole('button', { name: /XDP_DROP 2$/ }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('150,003');
  await page.getByRole('button', { name: /XDP_DROP 2$/ }).click();

  // By a filter over all of it.
  await filter.fill('verdict.action == drop and udp.dstport == 50001');
  await expect(count).toHaveText('1 of 200,000 packets');
  await expect(rows).toContainText(['50,002']);

  // By the chart: the part that it is in.
  await filter.fill('');
  const chart = page.getByRole('group', { name: 'Verdicts along the capture' });
  await chart
    .getByRole('button', { name: /XDP_DROP 1$/ })
    .last()
    .click();
  await expect(filter).toHaveValue(/^frame.number >= \d+ and frame.number <= \d+$/);
  await page.getByRole('button', { name: /XDP_DROP 2$/ }).click();
  await expect(count).toHaveText('1 of 200,000 packets');
  await rows.first().click();
  await expect(workbench.packetNumber).toHaveValue(String(SECOND + 1));
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);

  // Its state: the packet before it that was dropped has been counted, this one not yet.
  await page.getByRole('grid', { name: 'All packets' }).focus();
  await page.keyboard.press('Enter');
  await expect(workbench.listing).toBeVisible();
  await expect(page.locator('.packet-total')).toHaveText('/ 200,000');
  await workbench.openPlace('maps');
  const blocked = page.getByRole('region', { name: 'Map blocked' });
  await expect(blocked).toContainText('{ packets: 1, bytes: 42 }');
  await workbench.control('To the end').click();
  await expect(blocked).toContainText('{ packets: 2, bytes: 84 }');
  await page.getByRole('radio', { name: 'Capture' }).check();
  await expect(rows.first()).toHaveAttribute('aria-selected', 'true');
});

test(
  'two versions of a program over 200,000 packets: where they differ, and the report',
  LONG,
  async ({ workbench, page }) => {
    test.setTimeout(120_000);
    await openLarge(workbench);
    await expectAllRun(workbench);
    const other = 'public/examples/icmp-echo/program.o';
    await page.getByLabel('The object to compare with').setInputFiles(other);
    await expect(page.getByText('they differ on 2 of 200,000 packets')).toBeVisible({
      timeout: 90_000,
    });
    await page.getByRole('button', { name: 'Next difference' }).click();
    await expect(workbench.packetNumber).toHaveValue(String(FIRST + 1));
    const row = page.locator('.traffic-rows .table-row.selected');
    await expect(row).toContainText('≠ XDP_PASS');
    await page.getByRole('button', { name: 'Next difference' }).click();
    await expect(workbench.packetNumber).toHaveValue(String(SECOND + 1));
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the report' }).click(),
    ]);
    const text = readFileSync(await report.path(), 'utf8');
    expect(text).toContain(`### Packet ${FIRST + 1}`);
    expect(text).toContain('| `XDP_DROP` | `XDP_PASS` | 2 |');

    // The engines agree, and that is said.
    await page.getByRole('button', { name: 'The interpreter' }).click();
    await expect(page.getByText('the same on 200,000 packets')).toBeVisible({ timeout: 90_000 });
  },
);

test('a long list goes by keys and by its scroll bar, to its last row', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await workbench.open();
  await dropLargeCapture(page, { name: 'million.pcap', packets: 1_000_000 });
  const table = page.getByRole('grid', { name: 'All packets' });
  await expectAllRun(workbench, 1_000_000);
  await expect(table).toHaveAttribute('aria-rowcount', '1000001');
  await table.focus();
  await page.keyboard.press('End');
  await expect(workbench.packetNumber).toHaveValue('1000000', { timeout: 60_000 });
  const rows = page.locator('.traffic-rows .table-row');
  await expect(rows.last()).toContainText('1,000,000');
  await table.evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  await expect(rows.filter({ hasText: /^(499|500),/ }).first()).toBeVisible();
  const before = await rows.first().innerText();
  await table.hover();
  await page.mouse.wheel(0, 24);
  await expect(rows.first()).not.toHaveText(before);
  await page.keyboard.press('Home');
  await expect(workbench.packetNumber).toHaveValue('1');
});

test(
  'a run over a capture is paused, goes on, is given up, and begins anew',
  LONG,
  async ({ workbench, page }) => {
    test.setTimeout(120_000);
    // So many, and by the engine that takes longer, that there is time to press a button.
    await openLarge(workbench, 1_000_000);
    await expectAllRun(workbench, 1_000_000);
    const numbers = page.locator('.traffic-numbers');
    const engine = page.getByRole('combobox', { name: 'Engine' });
    await engine.selectOption('interpreter');
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(numbers).toContainText('run, paused');
    const paused = await numbers.innerText();
    await page.waitForTimeout(500);
    expect((await numbers.innerText()).split(' of ')[0]).toBe(paused.split(' of ')[0]);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect(numbers).not.toContainText('paused');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(numbers).toContainText('run, stopped');
    await expect(engine).toHaveValue('interpreter');
    await engine.selectOption('jit');
    await expectAllRun(workbench, 1_000_000);

    // What was open goes on after a reload; the file does not, and that is said.
    await page.getByRole('button', { name: 'Next drop' }).click();
    await expect(workbench.packetNumber).toHaveValue(String(FIRST + 1));
    await page.waitForTimeout(600);
    await page.reload();
    await expect(
      page
        .getByRole('region', { name: 'Messages' })
        .getByText(/packet 50,002 of big.pcap, which is not open any more/),
    ).toBeVisible();
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
  },
);

test('dropped packets are saved as a capture that says their verdicts', async ({
  workbench,
  page,
}) => {
  test.setTimeout(120_000);
  await openLarge(workbench);
  await expectAllRun(workbench);
  const saved = page.waitForEvent('download');
  await page.getByRole('combobox', { name: 'Export' }).selectOption('Dropped packets, pcapng');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('big-dropped.pcapng');
  await expect(workbench.toast('big-dropped.pcapng has 2 packets')).toBeVisible();
  const hasTshark = spawnSync('tshark', ['--version']).status === 0;
  test.skip(!hasTshark, 'tshark is not here: nothing else has read the file');
  const fields = ['frame.time_epoch', 'ip.src', 'udp.dstport', 'frame.comment'];
  const out = execFileSync(
    'tshark',
    ['-r', await file.path(), '-T', 'fields', ...fields.flatMap((name) => ['-e', name])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(1)),
  ).toEqual([
    ['10.0.0.66', '50001', 'packet 50002: XDP: XDP_DROP (1)'],
    ['10.0.0.66', '30002', 'packet 150003: XDP: XDP_DROP (1)'],
  ]);
});

test(
  'maps along a capture, the history of a key, and what of the program ran',
  LONG,
  async ({ workbench, page }) => {
    test.setTimeout(120_000);
    await openLarge(workbench);
    await expectAllRun(workbench);
    await page.getByText('Maps along the capture').click();
    const maps = page.locator('.traffic-maps');
    await expect(maps.getByRole('table', { name: 'Map blocked' })).toContainText('2');
    const slider = page.getByRole('slider', { name: 'Packets that have run' });
    await slider.fill('100000');
    await expect(page.getByText('behind 100,000 of 200,000 packets')).toBeVisible();
    await maps.getByRole('button', { name: 'History' }).first().click();
    const history = page.getByRole('table', { name: /^History of / });
    await expect(history.getByRole('row')).toHaveCount(3, { timeout: 50_000 });
    await expect(history.getByRole('button')).toHaveText(['packet 50,002', 'packet 150,003']);

    await page.getByRole('button', { name: 'Coverage' }).click();
    const lines = page.getByRole('table', { name: /^Coverage by / });
    await expect(lines.getByRole('button', { name: 'from packet 50,002' }).first()).toBeVisible({
      timeout: 50_000,
    });
    await expect(
      lines.getByRole('button', { name: 'from packet 1', exact: true }).first(),
    ).toBeVisible();
    await expect(lines.getByRole('cell', { name: '200,000 times' }).first()).toBeVisible();
    await page.getByText('Statistics').click();
    const { violations } = await new AxeBuilder({ page }).include('.traffic-pane').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);

    // The same beside the instructions.
    await page.getByRole('button', { name: 'Show in Program' }).click();
    const listing = page.getByRole('listbox', { name: 'Instructions' });
    await expect(listing.getByRole('option', { name: /^0: .*, ran 200,000 times$/ })).toBeVisible();
    await expect(listing.getByRole('option', { name: /, ran 2 times$/ }).first()).toBeAttached();
    await expect(page.getByText(/^How often each ran on 200,000 packets/)).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const beside = await new AxeBuilder({ page }).include('.listing-part').analyze();
      expect(beside.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual(
        [],
      );
    }
    await page.getByRole('button', { name: 'Remove the numbers' }).click();
    await expect(listing.getByRole('option', { name: /, ran / })).toHaveCount(0);
  },
);
