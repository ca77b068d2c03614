import { expect, test } from './workbench.ts';

test('an entry preset in a map changes the verdict, and the run counts in it', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_DROP (1)');
  await workbench.openPlace('maps');
  const map = page.getByRole('region', { name: 'Map blocked' });
  await expect(map).toContainText('1 of 1,024 entries');

  await map.getByRole('button', { name: /^Delete blocked/ }).click();
  await expect(map).toContainText('0 of 1,024 entries');
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_PASS (2)');

  await map.getByRole('textbox', { name: 'New key of blocked' }).fill('0a 00 00 02');
  await map.getByRole('textbox', { name: 'New value of blocked' }).fill('00'.repeat(16));
  await map.getByRole('button', { name: 'Set entry' }).click();
  await expect(map).toContainText('{ packets: 0, bytes: 0 }');
  await workbench.selectPacketNumber(2);
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_DROP (1)');

  await page.keyboard.press('F5');
  await expect(map).toContainText('{ packets: 1, bytes: 54 }');
  await expect(map).toContainText('changed');
  await page.keyboard.press('Shift+F5');
  await expect(map).toContainText('{ packets: 0, bytes: 0 }');
});

test('a map is filled up, and the program meets a full map; taken back it has room', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('tc: masquerade with port mapping');
  await workbench.openPlace('maps');
  const map = page.getByRole('region', { name: 'Map outbound' });
  await map.getByRole('button', { name: 'Fill up map outbound' }).focus();
  await page.keyboard.press('Enter');
  await expect(map).toContainText('1,024 of 1,024 entries');
  await expect(map.getByRole('button', { name: 'Fill up map outbound' })).toHaveCount(0);
  await page.keyboard.press('F5');
  await expect(page.getByTestId('inspect').getByText('room of outbound filled up')).toBeVisible();
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_SHOT/);
  await page.keyboard.press('Control+z');
  await expect(map.getByRole('button', { name: 'Fill up map outbound' })).toBeVisible();
  await page.keyboard.press('F5');
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_OK/);
});

test('a key of the wrong length is refused in words, and stays to be mended', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('XDP firewall with a hash map');
  await workbench.openPlace('maps');
  const key = page.getByRole('textbox', { name: 'New key of blocked' });
  await key.fill('0a00');
  await page.getByRole('textbox', { name: 'New value of blocked' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(workbench.refusal).toContainText('map "blocked"');
  await expect(workbench.refusal).toContainText('hex bytes of their full width');
  await expect(key).toHaveValue('0a00');
});

test('global variables are maps with names, and a limit can be changed before the run', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('A function and global variables');
  await workbench.openPlace('maps');
  await expect(page.getByRole('region', { name: 'Map .rodata' })).toContainText('limit = 100');
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_SHOT/);
  await page.getByRole('textbox', { name: 'Value of .rodata[0]' }).fill('32000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Map .rodata' })).toContainText('limit = 50');
  await expect(workbench.verdict).toHaveAccessibleName(/TC_ACT_OK/);
});

test('an empty slot of a prog array is the reason, and is filled by the name of a program', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Tail calls by protocol');
  await workbench.openPlace('maps');
  const map = page.getByRole('region', { name: 'Map protocols' });
  const before = await workbench.verdict.getAttribute('aria-label');
  await map.getByRole('button', { name: 'Delete protocols[6]' }).click();
  await expect(workbench.verdict).not.toHaveAccessibleName(before!);
  await workbench.openPlace('why');
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('protocols[6] is empty, so bpf_tail_call came back');
  await why.getByRole('button', { name: 'Put tcp into protocols[6]' }).click();
  await expect(workbench.verdict).toHaveAccessibleName(before!);

  await workbench.openPlace('maps');
  await map.getByRole('combobox', { name: 'Program of protocols[17]' }).selectOption('tcp');
  await expect(map.getByRole('row', { name: /^17/ })).toContainText('tcp');
  await map.getByRole('button', { name: 'Fill in order' }).click();
  await expect(map.getByRole('combobox', { name: 'Program of protocols[1]' })).toHaveValue('udp');
  await page.keyboard.press('Control+z');
  await expect(map.getByRole('combobox', { name: 'Program of protocols[1]' })).toHaveCount(0);
});

test('members of a value and of a new key are set by name', async ({ workbench, page }) => {
  await workbench.open();
  await workbench.openExample('Load balancer with consistent hash');
  await workbench.openPlace('maps');
  await page.getByRole('searchbox', { name: 'Filter maps' }).fill('serv');
  const map = page.getByRole('region', { name: 'Map servers' });
  await map.getByRole('button', { name: 'Members of servers[1]' }).click();
  const members = map.getByRole('tree', { name: 'Members of servers[1]' });
  await members.getByRole('treeitem', { name: /^mac/ }).dblclick();
  await page.keyboard.type('02:00:00:00:00:99\n');
  await expect(map.getByRole('textbox', { name: 'Value of servers[1]' })).toHaveValue(
    /020000000099/,
  );
  await members.getByRole('treeitem', { name: /^mac/ }).dblclick();
  await page.keyboard.type('fast\n');
  await expect(workbench.refusal).toContainText('value.mac: wants 6 bytes');

  const services = page.getByRole('region', { name: 'Map services' });
  await services.getByText('Put it together by members').click();
  const key = services.getByRole('tree', { name: 'New key of services by members' });
  await key.getByRole('treeitem', { name: /^address/ }).dblclick();
  await page.keyboard.type('192.0.2.1\n');
  await expect(services.getByRole('textbox', { name: 'New key of services' })).toHaveValue(
    'c000020100000000',
  );
});
