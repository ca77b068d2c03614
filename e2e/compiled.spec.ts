import { expect, test } from './workbench.ts';

test('the instructions stand beside the WebAssembly they become, linked both ways', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  const program = page.getByRole('region', { name: 'Program' });
  await program.getByRole('radio', { name: 'Wasm' }).check();
  const lines = program.getByRole('listbox', { name: 'WebAssembly' });
  await expect(program).toContainText(/instructions from 0 on become [\d,]+ bytes of WebAssembly/);
  await lines.focus();
  await page.keyboard.press('Home');
  const at = lines.locator('[aria-selected="true"]');
  await expect(at).toHaveAccessibleName('(module');
  for (let i = 0; i < 6; i++) await page.keyboard.press('PageDown');
  await expect(at).toHaveAccessibleName(/for instruction \d+: /);
  const pc = /for instruction (\d+)/.exec((await at.getAttribute('aria-label'))!)![1];
  await program.getByRole('radio', { name: 'Asm', exact: true }).check();
  const selected = workbench.listing.locator('[aria-selected="true"]');
  await expect(selected).toHaveAttribute('data-pc', pc);
  await workbench.listing.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  const next = await selected.getAttribute('data-pc');
  await program.getByRole('radio', { name: 'Wasm' }).check();
  await expect(at).toHaveAccessibleName(new RegExp(`for instruction ${next}: `));
});
