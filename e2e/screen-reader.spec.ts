import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { UDP } from './packets.ts';
import { expect, test, type Workbench } from './workbench.ts';

/**
 * Writes down what the page says from here on: the polite sentences, and alerts as they come up.
 */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const live = document.querySelector('[data-testid="announcement"]')!;
    new MutationObserver(() => said.push(live.textContent ?? '')).observe(live, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    new MutationObserver((records) => {
      for (const { addedNodes } of records)
        for (const node of addedNodes) {
          const alert =
            node instanceof Element
              ? (node.closest('[role=alert]') ?? node.querySelector('[role=alert]'))
              : null;
          // The editor brings empty ones along when it is loaded: they say nothing.
          if (alert?.textContent) said.push(`alert: ${alert.textContent}`);
        }
    }).observe(document.body, { subtree: true, childList: true });
  });
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said.splice(0));
}

/** What was said by one action, when the page has come to rest. */
async function saidBy(
  page: Page,
  said: () => Promise<string[]>,
  act: () => Promise<unknown>,
): Promise<string[]> {
  await said();
  await act();
  const words: string[] = [];
  await expect(async () => {
    words.push(...(await said()));
    expect(words.length).toBeGreaterThan(0);
  }).toPass();
  await page.waitForTimeout(250);
  return [...words, ...(await said())];
}

const hasFocus = (page: Page): Promise<string> =>
  page.evaluate(() => (document.activeElement === document.body ? 'nobody' : 'somebody'));

async function openLocals(workbench: Workbench): Promise<void> {
  const folder = new URL('../core/testdata/debug/', import.meta.url);
  await workbench.open();
  await workbench.drop([
    { name: 'locals.o', buffer: readFileSync(new URL('locals-clang19.o', folder)) },
  ]);
  await expect(workbench.combobox('Program')).toHaveValue('locals');
  await workbench.paste(UDP);
  await expect(workbench.byte(30)).toHaveText('0a');
}

async function lineOfSource(page: Page, line: number): Promise<void> {
  await page.locator('.source-editor').getByRole('textbox').focus();
  await page.keyboard.press('Control+Home');
  for (let at = 1; at < line; at++) await page.keyboard.press('ArrowDown');
}

test('each thing that happens is said once, in one sentence', async ({ workbench, page }) => {
  await openLocals(workbench);
  const said = await listen(page);
  const by = (act: () => Promise<unknown>) => saidBy(page, said, act);
  const key = (name: string) => by(() => page.keyboard.press(name));

  await test.step('a step of an instruction, and of a line', async () => {
    expect(await key('F11')).toEqual(['instruction 0: r0 = 0x2; next: r4 = *(u32 *)(r1 + 0x4)']);
    expect(await key('l')).toEqual(['Steps are C lines']);
    expect(await key('F10')).toEqual([
      expect.stringMatching(/^line \d+: void \*data = \(void \*\)\(long\)ctx->data;$/),
    ]);
    expect(await key('l')).toEqual(['Steps are instructions']);
  });

  await test.step('a breakpoint that moves, one that is set, the stop there', async () => {
    await lineOfSource(page, 134);
    expect(await key('F9')).toEqual([
      'Line 134 has no instructions: the breakpoint is at line 135',
    ]);
    await lineOfSource(page, 117);
    expect(await key('F9')).toEqual(['Breakpoint at line 117 set']);
    expect(await key('F9')).toEqual(['Breakpoint at line 117 taken away']);
    expect(await key('F5')).toEqual([
      expect.stringMatching(
        /^breakpoint at instruction 96, locals\.c:135; instruction 95: .*; next: /,
      ),
    ]);
  });

  await test.step('a breakpoint of an instruction', async () => {
    await workbench.listing.focus();
    await page.keyboard.press('ArrowDown');
    expect(await key('F9')).toEqual([expect.stringMatching(/^Breakpoint at instruction \d+ set$/)]);
    expect(await key('b')).toEqual([
      expect.stringMatching(/^Breakpoint at instruction \d+ taken away$/),
    ]);
  });

  await test.step('an expression that is watched, and no more', async () => {
    await page.keyboard.press('w');
    await expect(page.getByLabel('Expression to watch')).toBeFocused();
    await page.keyboard.type('first.bytes');
    expect(await key('Enter')).toEqual(['Watching first.bytes']);
    await page.getByRole('tree', { name: 'Watches' }).focus();
    await page.keyboard.press('Home');
    expect(await key('Delete')).toEqual(['first.bytes is watched no more']);
  });

  await test.step('a changed value, the verdict it makes, and undo', async () => {
    await page.keyboard.press('e');
    await expect(page.locator('.status')).toContainText('end of the program');
    await page.keyboard.press('Shift+S');
    await expect(page.locator('.status')).toContainText('paused');
    await page.getByRole('button', { name: 'Change r0' }).press('Enter');
    await page.keyboard.type('1');
    expect(await key('Enter')).toEqual(['r0 = 1; the verdict is now XDP: XDP_DROP (1)']);
    expect(await key('u')).toEqual([
      expect.stringMatching(/^Undone: r0 at step \d+; the verdict is now XDP: XDP_PASS \(2\)$/),
    ]);
  });

  await test.step('the end', async () => {
    expect(await key('e')).toEqual([
      expect.stringMatching(/^instruction \d+: .*; XDP: XDP_PASS \(2\)$/),
    ]);
  });

  await test.step('what cannot be read', async () => {
    const words = await by(() =>
      workbench.drop([{ name: 'nothing.o', buffer: Buffer.from('7f454c46', 'hex') }]),
    );
    expect(words).toEqual([expect.stringMatching(/^alert: file\+0x4 ELF class undefined/)]);
  });
});

test('the keyboard stays where a person works when what it was on goes away', async ({
  workbench,
  page,
}) => {
  await openLocals(workbench);
  await test.step('dialogs', async () => {
    await workbench.listing.focus();
    for (const key of ['Control+o', 'x', '?', 'F1', 'Control+k', 'Control+Shift+S']) {
      await page.keyboard.press(key);
      await expect(page.getByRole('dialog')).toBeVisible();
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(workbench.listing).toBeFocused();
    }
  });
  await test.step('a breakpoint, by its button', async () => {
    await page.keyboard.press('F9');
    await workbench.openPlace('breakpoints');
    await page.getByRole('button', { name: /^Remove the breakpoint/ }).press('Enter');
    await expect(page.getByText('No breakpoint. A click in a gutter sets one')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Breakpoints', exact: true })).toBeFocused();
  });
  await test.step('a watched expression, by its button', async () => {
    await page.keyboard.press('w');
    await expect(page.getByLabel('Expression to watch')).toBeFocused();
    await page.keyboard.type('ip->ttl');
    const watch = page.getByRole('button', { name: 'Watch', exact: true });
    await watch.press('Enter');
    await expect(watch).toBeDisabled();
    await expect(page.getByLabel('Expression to watch')).toBeFocused();
    await page.getByRole('button', { name: 'Stop watching ip->ttl' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Stop watching ip->ttl' })).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Watches' })).toBeFocused();
  });
  await test.step('a register that was changed, or not', async () => {
    const change = page.getByRole('button', { name: 'Change r1' });
    for (const key of ['Enter', 'Escape']) {
      await change.press('Enter');
      await expect(page.getByLabel('New value of r1')).toBeFocused();
      await page.keyboard.press(key);
      await expect(change).toBeFocused();
    }
  });
  await test.step('a message, a hint, a packet', async () => {
    await page.getByRole('button', { name: 'Dismiss the hint' }).press('Enter');
    await expect.poll(() => hasFocus(page)).toBe('somebody');
    await workbench.drop([{ name: 'nothing.o', buffer: Buffer.from('7f454c46', 'hex') }]);
    await page.getByRole('button', { name: 'Dismiss', exact: true }).press('Enter');
    await expect(workbench.banner).toHaveCount(0);
    await expect.poll(() => hasFocus(page)).toBe('somebody');
    await workbench.openPlace('packet');
    await page
      .getByRole('button', { name: /^Remove packet/ })
      .first()
      .press('Enter');
    await expect.poll(() => hasFocus(page)).toBe('somebody');
  });
  await test.step('a tab that is left by its key', async () => {
    await page.getByRole('tree', { name: 'Packet fields' }).focus();
    await page.keyboard.press('5');
    await expect(workbench.tab('Maps')).toBeFocused();
  });
});

test('the page is named: regions, bars, tabs, trees, lists and what is in them', async ({
  workbench,
  page,
}) => {
  await openLocals(workbench);
  await expect(page.getByRole('toolbar', { name: 'Run' })).toMatchAriaSnapshot(`
    - toolbar "Run":
      - button "Reset" [disabled]
      - button "Run back" [disabled]
      - button "Back" [disabled]
      - button "Step"
      - button "Over"
      - button "Out"
      - button "Run"
      - button "To the end"
      - button "By line"
  `);
  await expect(page.getByRole('tablist', { name: 'Data' })).toMatchAriaSnapshot(`
    - tablist "Data":
      - tab "Packet" [selected]
      - tab /Maps & events/
      - tab "Memory"
  `);
  await expect(page.locator('body')).toMatchAriaSnapshot(`
    - banner:
      - heading "eBPF playground" [level=1]
      - button "Open"
      - button "Examples"
      - button "locals.o"
      - combobox "Program"
      - button /Find/
      - button "Share"
      - button /Theme/
      - button "Reference"
      - button "Keys and help"
    - region "Session":
      - button /Attached to XDP/
      - group "Packet":
        - button "Packet before" [disabled]
        - textbox "Packet number"
        - button "Next packet"
      - button /Verdict.*XDP_PASS/
    - main:
      - region "Program":
        - heading "Program" [level=2]
        - listbox "Instructions"
      - separator "Width of the program"
      - region "Inspect":
        - heading "Variables" [level=2]
        - region "Variables":
          - tree "Variables":
            - treeitem /locals/ [expanded] [level=1] [selected]
            - treeitem /ctx/ [level=2]
        - heading "Watches" [level=2]
        - region "Watches":
          - textbox "Expression to watch"
          - button "Watch" [disabled]
        - heading "Registers" [level=2]
        - region "Registers":
          - table
        - heading "Call stack" [level=2]
        - region "Call stack"
        - heading "Breakpoints" [level=2]
        - region "Breakpoints"
      - separator "Width of Inspect"
      - region "Data":
        - tablist "Data"
        - tabpanel /Packet/:
          - list "Packets"
          - tree "Packet fields"
          - grid "Packet bytes"
    - contentinfo:
      - toolbar "Run"
      - textbox "Step number"
      - slider "Place in the run"
      - button "Marks on the timeline"
  `);
});

test('what is made of a packet is said, by keys alone', async ({ workbench, page }) => {
  await workbench.open();
  const said = await listen(page);
  await page.getByRole('combobox', { name: 'New packet' }).selectOption({ label: 'IPv6 UDP' });
  await page.getByRole('button', { name: 'Headers' }).press('Enter');
  const ethernet = page.getByRole('combobox', { name: 'Add behind Ethernet' });
  expect(await saidBy(page, said, () => ethernet.selectOption({ label: 'VLAN' }))).toContain(
    'The packet is now Ethernet, VLAN, IPv6, UDP, Data',
  );
  await page.getByRole('button', { name: 'Move VLAN down' }).focus();
  expect(await saidBy(page, said, () => page.keyboard.press('Alt+ArrowDown'))).toEqual([
    'alert: IPv6: has no way to say that VLAN follows.',
  ]);
  await page.getByRole('button', { name: 'Remove VLAN' }).focus();
  expect(await saidBy(page, said, () => page.keyboard.press('Enter'))).toContain(
    'The packet is now Ethernet, IPv6, UDP, Data',
  );
  expect(await hasFocus(page)).toBe('somebody');
  await workbench.listing.focus();
  await page.keyboard.press('Control+F');
  await page.keyboard.type('r0');
  expect(await saidBy(page, said, () => page.keyboard.press('Enter'))).toEqual([
    '1: r0 = 0x1, 1 of 2',
  ]);
});
