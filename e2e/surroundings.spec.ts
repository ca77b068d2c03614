import { expect, test } from './workbench.ts';

// r6 = r1; fib_lookup of 10.1.2.3 in a zeroed bpf_fib_lookup at r10-64; r0 = the answer.
const FIB = `r6 = r1
r1 = 0; r2 = r10; r2 += -64
*(u64 *)(r10 - 64) = 2; *(u64 *)(r10 - 56) = 2; *(u64 *)(r10 - 48) = 0; *(u64 *)(r10 - 40) = 0
*(u64 *)(r10 - 32) = 0x0302010a; *(u64 *)(r10 - 24) = 0; *(u64 *)(r10 - 16) = 0;
    *(u64 *)(r10 - 8) = 0
r1 = r6; r3 = 64; r4 = 0; call bpf_fib_lookup
exit`;

test('a route and a neighbour given by hand decide what bpf_fib_lookup answers', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('dialog').getByRole('textbox').first().fill(FIB);
  await page.getByRole('dialog').getByLabel('Assembly').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Open text' }).click();
  await workbench.chooseHook('xdp');
  await workbench.openPlace('hook');
  const pane = page.getByRole('region', { name: 'Hook' });
  await expect(pane).toContainText('r0 = 0x0000000000000004');
  await pane.getByRole('button', { name: 'Add to Routes' }).click();
  await expect(pane).toContainText('r0 = 0x0000000000000007');
  await pane.getByRole('button', { name: 'Add to Neighbours' }).click();
  const address = pane.getByLabel('Address of Neighbours 1');
  await address.fill('10.1.2.3');
  await address.press('Enter');
  await expect(pane).toContainText('r0 = 0x0000000000000000');
});
