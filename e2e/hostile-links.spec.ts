import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { expect, test, type Workbench } from './workbench.ts';

const SEED = readFileSync(new URL('../public/examples/seed-filter/program.o', import.meta.url));
const PACKET = Buffer.from(
  '5254001234565254006543210800450000280001400040062ecc0a00000201010101',
  'hex',
);

/** A link as the format has it (core/share/container.ts), made without the page. */
function link(description: object, ...blobs: Buffer[]): string {
  const text = Buffer.from(JSON.stringify(description));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return `v1.${deflateRawSync(Buffer.concat([length, text, ...blobs])).toString('base64url')}`;
}

const seed = (more: object = {}) =>
  link(
    { object: ['program.o', SEED.length], packets: [['p', PACKET.length]], ...more },
    SEED,
    PACKET,
  );

/** Follows a link within the page, as a click on one in an open tab does. */
const follow = (workbench: Workbench, fragment: string) =>
  workbench.page.evaluate((hash) => {
    location.hash = hash;
  }, fragment);

test('a link that was cut on its way is refused over the first example', async ({
  workbench,
  page,
}) => {
  await workbench.open(seed().slice(0, -200));
  await expect(workbench.banner).toContainText('is damaged or cut short');
  await expect(workbench.banner).toContainText('copy it again in full');
  await expect(workbench.verdict).toHaveAccessibleName(/drop/);
  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await expect(workbench.banner).toHaveCount(0);
  await workbench.control('Step').click();
  await workbench.expectStep(1);
});

test('every other bad link says what is wrong, and what was open stays', async ({ workbench }) => {
  await workbench.open();
  await workbench.control('Step').click();
  const bomb = `v1.${deflateRawSync(Buffer.alloc(80 * 1024 * 1024)).toString('base64url')}`;
  const refused: [string, string][] = [
    ['v9.AAAA', 'version 9'],
    ['hello', 'is not a playground link'],
    ['v1.<script>alert(1)</script>', 'is not a playground link'],
    [bomb, 'unpacks to more than 64 MB'],
    [link({ object: ['x.o', 5000], packets: [] }), 'the object has 5000 bytes, 0 are left'],
    [
      link({ object: ['<b>x</b>', 3], packets: [] }, Buffer.from('\x01\x02\x80', 'latin1')),
      '3 bytes',
    ],
    [seed({ evil: 1 }), 'evil is not as expected'],
    [seed({ packet: 7 }), 'asks for packet 7 of 1'],
    [seed({ options: [['<b>mode</b>', 'x']] }), 'does not exist for filter-ubpf programs'],
    [seed({ settings: { maxSteps: 1e12 } }), 'settings.maxSteps'],
  ];
  for (const [fragment, words] of refused) {
    await follow(workbench, fragment);
    const said = workbench.banner.filter({ hasText: words });
    await expect(said, fragment.slice(0, 40)).toBeVisible();
    await workbench.expectStep(1);
  }
  await workbench.control('Step').click();
  await workbench.expectStep(2);
});

test('markup in names is text, and nothing in a link runs', async ({ workbench, page }) => {
  const markup = '<img src=x onerror="alert(document.domain)">';
  const script = '</script><script>alert(2)</script>';
  const hostile = link(
    {
      object: [markup, SEED.length],
      packets: [[script, PACKET.length]],
      sources: [['program.c', `${script}\n${markup}`]],
      context: [['__proto__', '1']],
    },
    SEED,
    PACKET,
  );
  await workbench.open(hostile);
  await expect(page.locator('.object-name')).toHaveText(markup);
  await expect(page.locator('.packet-title')).toHaveText(script);
  await expect(page.locator('.source-editor')).toContainText('alert(2)');
  await expect(page).toHaveTitle(`${markup} - eBPF playground`);
  for (const place of ['object', 'explorer', 'maps', 'breakpoints', 'hook'] as const)
    await workbench.openPlace(place);
  await page.keyboard.press('Escape');
  await workbench.control('Step').click();
  await workbench.expectStep(1);
  expect(await page.locator('img, script:not([src])').count()).toBe(0);
});

test('a program or a map that is not there is named, and the page goes on', async ({
  workbench,
  page,
}) => {
  await page.goto(`./#${seed({ program: '<i>gone</i>' })}`);
  await expect(page.getByText('<i>gone</i>').first()).toBeVisible();
  await follow(workbench, seed({ maps: [['constructor', '00', 'ff']] }));
  await expect(page.locator('.program-error')).toContainText(
    'map "constructor": the object has no map of that name',
  );
  await workbench.openExample('XDP firewall with a hash map');
  await expect(workbench.verdict).toHaveAccessibleName(/XDP_DROP/);
});

test('a breakpoint and a step beyond the program do no harm', async ({ workbench }) => {
  await workbench.open(seed({ breakpoints: [3, 4_000_000_000], step: 4_000_000_000 }));
  await workbench.expectStep(4);
  await workbench.page.keyboard.press('Alt+F5');
  await expect(workbench.current).toHaveCount(1);
});
