import { expect, test } from './workbench.ts';

test('a call is stepped into, over and out of, with a frame each', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('A function and global variables');
  await page.keyboard.press('s');
  await page.keyboard.press('s');
  await expect(workbench.current).toHaveAttribute('data-pc', '2');
  await expect(workbench.frames).toHaveCount(1);

  await workbench.control('Step').click();
  await expect(workbench.frames).toHaveCount(2);
  await expect(workbench.frames.first()).toContainText('classify');
  await expect(workbench.frames.last()).toContainText('returns to 3');
  await expect(workbench.current).toHaveAttribute('data-pc', '14');
  await expect(workbench.register('r10')).toContainText('stack1+0');

  // The frame below shows where it waits.
  await workbench.frames.last().click();
  await expect(workbench.instruction(3)).toHaveAttribute('aria-selected', 'true');

  await workbench.control('Out').click();
  await expect(workbench.frames).toHaveCount(1);
  await expect(workbench.current).toHaveAttribute('data-pc', '3');

  await workbench.control('Back').click();
  await expect(workbench.frames).toHaveCount(2);

  await workbench.step.fill('2');
  await workbench.step.press('Enter');
  await workbench.control('Over').click();
  await expect(workbench.current).toHaveAttribute('data-pc', '3');
  await expect(workbench.frames).toHaveCount(1);
});

test('a tail call goes on in the other program, or prints where there is none', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Tail calls by protocol');
  await workbench.selectPacket(/DNS query/);
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_TX (3)');
  await workbench.listing.getByRole('option', { name: /bpf_tail_call/ }).click();
  await page.keyboard.press('Control+F10');
  await expect(workbench.current).toHaveAccessibleName(/bpf_tail_call/);
  await expect(workbench.frames).toHaveText(/^dispatch/);
  await page.keyboard.press('F11');
  await expect(workbench.frames).toHaveText(/^udp/);

  await workbench.selectPacket(/ping/);
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_PASS (2)');
  await page.keyboard.press('F5');
  await workbench.openPlace('output');
  const printed = page.getByRole('list', { name: 'Output' });
  await expect(printed).toContainText('no program for protocol 1');
  await printed.getByRole('button', { name: /^step/ }).click();
  await expect(workbench.current).toHaveCount(1);
});
