import { readFileSync } from 'node:fs';
import { expect, test } from './workbench.ts';

const examples = JSON.parse(
  readFileSync(new URL('../public/examples/index.json', import.meta.url), 'utf8'),
) as readonly { name: string; title: string; packets: readonly { name: string }[] }[];

/** The examples that show what a fault is. */
const FAULTING = new Set(['out-of-bounds']);

test(
  'every example of the gallery opens with a verdict for each packet and nothing to ' +
    'complain about',
  async ({ workbench, page }) => {
    await workbench.open();
    const packets = page.getByRole('list', { name: 'Packets' });
    for (const { name, title, packets: expected } of examples) {
      await workbench.openExample(title);
      await expect(packets.getByRole('listitem'), title).toHaveCount(expected.length);
      for (const packet of expected)
        await expect(
          packets.getByRole('listitem').filter({ hasText: packet.name }).locator('.packet-verdict'),
        ).toHaveText(/\S/);
      await expect(workbench.banner, title).toHaveCount(0);
      if (!FAULTING.has(name))
        await expect(workbench.verdict, title).not.toHaveAccessibleName(/fault/);
    }
  },
);

test('the gallery is searched by words and topics, and Enter opens the first that is left', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await page.keyboard.press('x');
  const dialog = page.getByRole('dialog', { name: 'Examples' });
  const titles = dialog.getByRole('heading', { level: 4 });
  await expect(titles).toHaveCount(examples.length);
  await expect(
    dialog.getByRole('region', { name: 'Tours' }).getByRole('heading', { level: 4 }),
  ).toHaveCount(3);
  await dialog.getByRole('radio', { name: 'tail calls' }).check({ force: true });
  await expect(titles).toHaveText([
    'Tour: maps and tail calls',
    'Tail calls by protocol',
    'Tail-call pipeline',
  ]);
  await dialog.getByRole('searchbox').fill('no such thing');
  await expect(dialog).toContainText('No example is about this');
  await dialog.getByRole('searchbox').fill('metadata');
  await expect(titles).toHaveText(['Tail-call pipeline']);
  await dialog.getByRole('searchbox').press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
});

test('routes of an example are inputs: without its own a packet goes to the stack', async ({
  workbench,
  page,
}) => {
  await workbench.open();
  await workbench.openExample('Router with bpf_fib_lookup');
  await expect(workbench.verdict).toHaveAccessibleName(
    'Verdict: XDP: XDP_REDIRECT (4) to interface 2',
  );
  await workbench.openPlace('hook');
  // 10.8.0.0/16, the network of the packet's destination.
  await page.getByRole('button', { name: 'Remove Routes 5' }).click();
  await expect(workbench.verdict).toHaveAccessibleName('Verdict: XDP: XDP_PASS (2)');
});
