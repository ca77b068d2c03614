import { expect, test } from './workbench.ts';

test.beforeEach(({ workbench }) => workbench.open());

test('with ip-mode=off the seed filter looks at the wrong bytes, and QEMU is told so', async ({
  workbench,
  page,
}) => {
  await expect(workbench.register('r1')).toContainText('packet+14');
  await workbench.setOption('ip-mode', 'off');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: filter-ubpf: r0 = 0x0 -> pass');
  await expect(workbench.register('r1')).toContainText('packet+0');
  await expect(workbench.register('r2')).toContainText('54');
  await page.keyboard.press('Escape');
  await workbench.openPlace('hook');
  const hook = page.getByRole('region', { name: 'Hook', exact: true });
  await expect(hook).toContainText('-object filter-ubpf,id=ubpf1,netdev=hn0,queue=all,ip-mode=off');
  await expect(hook).toContainText('"ip-mode":false');
});

test('a packet on the other queue passes without the program', async ({
  workbench,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.setOption('queue', 'rx');
  await expect(workbench.verdict).toHaveAccessibleName(/pass/);
  await expect(page.locator('.status')).toContainText('bypassed The program did not run: queue=rx');
  await expect(workbench.current).toHaveCount(0);
  await expect(workbench.control('Step')).toHaveAttribute('aria-disabled', 'true');

  await workbench.setOption('this packet goes', 'from-guest');
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await expect(workbench.current).toHaveAttribute('data-pc', '0');

  await workbench.setOption('status', 'off');
  await expect(page.locator('.status')).toContainText('the netdev skips this filter');

  await page.keyboard.press('Escape');
  await workbench.openPlace('hook');
  await page.getByRole('button', { name: 'Copy QEMU command line' }).click();
  await expect(workbench.toast('QEMU command line copied')).toBeVisible();
  expect(await workbench.clipboard()).toBe(
    '-object filter-ubpf,id=ubpf1,netdev=hn0,queue=rx,ip-mode=on,status=off,ubpf-handler=program.o',
  );
});

test('a socket filter sees the packet from where the socket starts', async ({ workbench }) => {
  await workbench.openExample('Socket filter for one TCP port');
  await expect(workbench.verdict).toHaveAccessibleName(
    'Verdict: socket filter: keep 64 bytes (64)',
  );
  await workbench.setOption('data starts at', 'network');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: socket filter: drop (0)');
  await expect(workbench.attach).toContainText('network');
});

test('another hook judges the same program by its own rules', async ({ workbench }) => {
  await workbench.chooseHook('xdp');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_ABORTED/);
  await workbench.chooseHook('ubpf');
  await expect(workbench.register('r2')).toContainText('54');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: uBPF: r0 = 0x0');
});
