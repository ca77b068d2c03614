import { expect, test } from './workbench.ts';

test('the seed filter explains its verdict, and one click changes the packet and the verdict', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.getByRole('tab', { name: 'Why' }).click();
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('ip.dst (bytes 30 to 33) is 1.1.1.1, compared at');
  await expect(why).toContainText('Packet bytes that went into it: 30–33');
  await why.getByRole('button', { name: /^Set bytes 30 to/ }).click();
  await expect(page.getByRole('button', { name: /^Verdict: .*pass/ })).toBeVisible();
  await expect(why).toContainText('-> pass');
});

test('an XDP program with a map explains which field it looked up', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await page.getByRole('tab', { name: 'Why' }).click();
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('eth.type');
  await expect(why).toContainText('steps matter');
});
