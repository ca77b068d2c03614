import { expect, test } from './workbench.ts';

test('the seed filter explains its verdict, and one click turns the branch', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openPlace('why');
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('ip.dst (bytes 30 to 33) is 1.1.1.1, compared at');
  await expect(why).toContainText('Packet bytes that went into it: 30–33');
  await expect(why).toContainText('The other way it needs ip.dst other than 1.1.1.1');
  await expect(why).toContainText('holds: it jumps');
  await why.getByRole('button', { name: /^Set byte 30 to/ }).click();
  await expect(page.getByRole('button', { name: /^Verdict: .*pass/ })).toBeVisible();
  await expect(why).toContainText('-> pass');
  await expect(why).toContainText('does not hold: it goes on');
});

test(
  'an XDP program with a map: the field, the key that was looked up, ' +
    'and a length that turns the bounds check',
  async ({ workbench, page }) => {
    await workbench.open();
    await workbench.openExample('XDP firewall with a hash map');
    await workbench.openPlace('why');
    const why = page.getByRole('region', { name: 'Why' });
    await expect(why).toContainText('ip.src (bytes 26 to 29) is 10.0.0.66');
    await expect(why).toContainText('Maps that went into it');
    await expect(why).toContainText('0a000042 is { packets');
    await expect(why).toContainText("the packet's length is 54 bytes");
    await why.getByRole('button', { name: 'Make the packet 33 bytes long' }).click();
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
    await expect(why).toContainText("the packet's length is 33 bytes, compared at");
  },
);

test('what went into it is marked, until Escape or other inputs', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openPlace('why');
  const decided = page.locator('.insn .reason');
  await expect(decided).toHaveCount(4);
  await expect(workbench.instruction(2)).toHaveAccessibleName(
    /decided what is explained: it jumped/,
  );
  await expect(page.locator('.source-reason').first()).toBeVisible();
  await workbench.openPlace('packet');
  await expect(workbench.byte(30)).toHaveAccessibleName(/decided/);
  await expect(workbench.byte(34)).not.toHaveAccessibleName(/decided/);
  await expect(page.getByRole('list', { name: 'Marks of the bytes' })).toContainText('decided');

  await page.keyboard.press('Escape');
  await expect(decided).toHaveCount(0);
  await expect(workbench.byte(30)).not.toHaveAccessibleName(/decided/);
  await workbench.openPlace('why');
  await page.getByRole('button', { name: 'Show marks' }).click();
  await expect(decided).toHaveCount(4);
  await page.getByRole('button', { name: 'Close Why' }).click();
  await workbench.openPlace('packet');
  await workbench.selectPacket(/8\.8\.8\.8/);
  await expect(decided).toHaveCount(0);
});

test('why a register, a field and memory hold what they hold, by keys and by clicks', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('tc: rewrite a port, fix the checksum');
  await page.keyboard.press('e');
  await expect(page.locator('.status')).toContainText('end of the program');
  const why = page.getByRole('region', { name: 'Why' });

  // By keys: into the registers, down to the first value, right to the button behind it.
  await page.keyboard.press('Shift+S');
  await expect(workbench.current).toBeVisible();
  await page.getByRole('region', { name: 'Registers' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Change r0' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Why r0?' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: /^Why r0 is so at step/ })).toBeVisible();

  await workbench.openPlace('packet');
  await workbench.field('tcp.dstport').click();
  await page.getByRole('button', { name: 'Why tcp.dstport?' }).click();
  await expect(page.getByRole('heading', { name: /^Why tcp.dstport is so at step/ })).toBeVisible();
  await expect(why).toContainText('tcp.dstport:');
  await expect(why).toContainText('steps matter');

  await page.getByRole('button', { name: /^fp-8$/ }).click();
  await page.getByRole('button', { name: 'Why fp-8?' }).click();
  await expect(page.getByRole('heading', { name: /^Why fp-8 is so at step/ })).toBeVisible();
  await expect(why).toContainText(/stack-8: .*\d+ of \d+ steps matter/);

  await workbench.openPlace('memory');
  await workbench.combobox('Region').selectOption('stack');
  const bytes = page.getByRole('grid', { name: 'Bytes of stack' });
  await bytes.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.getByRole('button', { name: /^Why stack-498/ }).click();
  await expect(page.getByRole('heading', { name: /^Why stack-498 is so at step/ })).toBeVisible();
  await page.getByRole('button', { name: 'Why this verdict' }).click();
  await expect(page.getByRole('heading', { name: 'Why this verdict' })).toBeVisible();
});

test('what a map holds decides, and one click takes the entry out; undo puts it back', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('why');
  await expect(page.getByText('Without it the verdict is')).toBeVisible();
  await page.getByRole('button', { name: /^Delete blocked\[/ }).click();
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  await page.keyboard.press('u');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
});

test('one cause stands first, the rest is folded; ip-mode=off is one, set right there', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  const before = (await workbench.verdict.getAttribute('aria-label'))!;
  await workbench.setOption('ip-mode', 'off');
  await page.keyboard.press('Escape');
  await workbench.openPlace('why');
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('reads the Ethernet header as IP, because ip-mode=off.');
  const other = why.getByRole('listitem').filter({ hasText: /^ip\.len/ });
  await expect(other).toBeHidden();
  await why.getByText(/^And \d+ more that took part/).click();
  await expect(other).toBeVisible();
  await why.getByRole('button', { name: 'Set ip-mode=on' }).click();
  await expect(workbench.verdict).toHaveAccessibleName(before);
});
