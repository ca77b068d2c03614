import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type FileToDrop, test } from './workbench.ts';

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const FILTER = readFileSync(local('../public/examples/seed-filter/program.o'));

/** The seed filter as somebody broke it: `r0 = 1` became `r0 = 0`, so it drops nothing. */
const broken = Buffer.from(FILTER);
broken[broken.indexOf(Uint8Array.of(0xb7, 0, 0, 0, 1, 0, 0, 0)) + 4] = 0;
const built = (buffer: Buffer): FileToDrop => ({ name: 'program.o', buffer });

/** The command line, as a CI calls it. */
const command = (...args: string[]) =>
  spawnSync('node', [local('../dist/cli/ebpf-playground.mjs'), 'test', ...args], {
    encoding: 'utf8',
  });

test.beforeEach(({ workbench }) => workbench.open());

test('what packets came to is kept; an object built anew shows what broke; the file fails', async ({
  workbench,
  page,
}) => {
  const tests = page.getByRole('region', { name: 'Expectations' });
  await page.getByRole('button', { name: 'Keep as tests' }).last().click();
  await expect(tests).toContainText('4 expectations met');
  await expect(page.getByRole('list', { name: 'Packets' })).toContainText('as expected');

  await workbench.drop([built(broken)]);
  const notice = page.locator('.notice', { hasText: '2 of 4 expectations broke' });
  await expect(notice).toContainText('Packet 1: verdict: expected drop, seen pass');
  await expect(workbench.announcement).toContainText('expectations broke');
  await expect(page.locator('.packet-row .test-broken')).toHaveCount(2);
  await workbench.selectPacketNumber(2);
  await notice.getByRole('button', { name: 'Show packet 1' }).click();
  await expect(workbench.packetNumber).toHaveValue('1');
  await expect(page.locator('.verdict-expected')).toHaveText('expected drop');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    tests.getByRole('button', { name: 'Save tests' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('program.test.json');
  const folder = await mkdtemp(join(tmpdir(), 'expectations-'));
  const file = join(folder, 'program.test.json');
  await download.saveAs(file);
  await writeFile(join(folder, 'program.o'), broken);
  const failed = command(file);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toContain(`not ok 1 - ${file} packet 1: TCP SYN to 1.1.1.1:80`);
  expect(failed.stdout).toContain('reason: "filter-ubpf: r0 = 0x0 -> pass');
  await writeFile(join(folder, 'program.o'), FILTER);
  expect(command(file).status).toBe(0);

  // Put right, there is nothing to say any more.
  await workbench.drop([built(FILTER)]);
  await expect(notice).toBeHidden();
  await expect(tests).toContainText('4 expectations met');
});

test('by the keyboard: keep, expect another verdict, go to what broke, take it back', async ({
  workbench,
  page,
}) => {
  const tests = page.getByRole('region', { name: 'Expectations' });
  await page.keyboard.press('Shift+T');
  await tests.getByRole('button', { name: /expectations met/ }).focus();
  await page.keyboard.press('Enter');
  const verdict = page.getByRole('textbox', { name: 'Verdict expected of packet 4' });
  await verdict.fill('XDP_DROP');
  await verdict.press('Enter');
  await expect(workbench.refusal).toContainText('is no verdict of filter-ubpf');
  await verdict.fill('drop');
  await verdict.press('Enter');
  await expect(tests).toContainText('1 of 4 expectations broke');
  await page.locator('.session-bar').click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('g');
  await expect(workbench.packetNumber).toHaveValue('4');
  await page.getByRole('button', { name: 'Remove the expectation of packet 4' }).click();
  await expect(tests).toContainText('3 expectations met');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(tests).toContainText('1 of 4 expectations broke');
});

test('a reload and a test file bring expectations with them', async ({ workbench, page }) => {
  const tests = page.getByRole('region', { name: 'Expectations' });
  await page.keyboard.press('Shift+T');
  await expect(tests).toContainText('4 expectations met');
  // A session is written soon after each change.
  await page.waitForTimeout(2000);
  await page.reload();
  await expect(tests).toContainText('4 expectations met');
  await workbench.drop([
    {
      name: 'two.test.json',
      buffer: Buffer.from(
        JSON.stringify({
          'ebpf-playground-test': 1,
          packets: [
            { name: 'nothing', packet: '', expect: { verdict: 'drop' } },
            { name: 'an ARP request', packet: '00', expect: { verdict: 'pass' } },
          ],
        }),
      ),
    },
  ]);
  await workbench.expectPackets(2);
  await expect(tests).toContainText('1 of 2 expectations broke');
});

test('entries of maps are expected by their members, each packet by itself', async ({
  workbench,
  page,
}) => {
  const tests = page.getByRole('region', { name: 'Expectations' });
  await workbench.openExample('XDP firewall with a hash map');
  await page.keyboard.press('Shift+T');
  await tests.getByRole('button', { name: /expectations met/ }).press('Enter');
  // It is ticked when the answer is there.
  const asked = tests.getByRole('checkbox', { name: 'map entries it changes' });
  await asked.click();
  await expect(asked).toBeChecked();
  await tests.getByRole('button', { name: 'Map entries expected of packet 3' }).press('Enter');
  const value = tests.getByRole('textbox', {
    name: 'value expected in blocked, entry 1 of packet 3',
  });
  await expect(value).toHaveValue(/^packets = 2, bytes = \d+$/);
  await value.fill('packets = many');
  await value.press('Enter');
  await expect(workbench.refusal).toContainText('many');
  await value.fill('packets = 1');
  await value.press('Enter');
  await expect(tests).toContainText('1 of 4 expectations broke');
  await expect(tests).toContainText('expected packets = 1, seen packets = 2');
  await workbench.openPlace('hook');
  const fresh = page.getByRole('checkbox', { name: 'Each packet is the first' });
  await fresh.click();
  await expect(fresh).toBeChecked();
  await expect(tests).toContainText('4 expectations met');
});
