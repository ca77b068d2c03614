import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { TCP, UDP } from './packets.ts';
import { expect, test, Workbench } from './workbench.ts';

const TESTDATA = new URL('../core/testdata/', import.meta.url);

/** What a person without a mouse does; there is no call of a mouse in this file. */
class Keyboard {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Ctrl+O, text from the clipboard, Enter on the button. */
  async openPasted(text: string): Promise<void> {
    await this.press('Control+o');
    await expect(this.page.getByRole('textbox', { name: 'Or paste text' })).toBeFocused();
    await this.page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
    await this.press('Control+v');
    await this.until('Tab', 'Open text');
    await this.press('Enter');
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
  }

  /** Presses until what has the focus has this name. */
  async until(key: string, name: string | RegExp): Promise<void> {
    const focused = this.page.locator(':focus');
    for (let at = 0; at < 40; at++) {
      await this.press(key);
      try {
        await expect(focused).toHaveAccessibleName(name, { timeout: 150 });
        return;
      } catch {}
    }
    throw new Error(`${key} leads nowhere to ${name}`);
  }

  /** The C source has the focus, its cursor in this line. */
  async lineOfSource(line: number): Promise<void> {
    await this.until('F6', 'Instructions');
    await this.until('Shift+Tab', /^C source/);
    await this.press('Control+Home', ...Array<string>(line - 1).fill('ArrowDown'));
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await this.press('Enter');
  }

  variable(name: string, tree = 'Variables') {
    return this.page.getByRole('tree', { name: tree }).locator(`[data-variable="${name}"]`).first();
  }

  /** Walks the tree of variables down to a row. */
  async toVariable(name: string, tree = 'Variables'): Promise<void> {
    await this.until('Tab', tree);
    await this.press('Home');
    const row = this.variable(name, tree);
    for (let at = 0; at < 60 && (await row.getAttribute('aria-selected')) !== 'true'; at++)
      await this.press('ArrowDown');
    await expect(row).toHaveAttribute('aria-selected', 'true');
  }
}

/** An object as base64, as it is pasted where files cannot be chosen. */
const pasted = (path: string): string => readFileSync(new URL(path, TESTDATA)).toString('base64');

test('locals: a condition over C variables, inlined calls, a changed variable, a link', async ({
  workbench,
  page,
  context,
  browser,
}) => {
  test.slow();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.open();
  const keyboard = new Keyboard(page);

  await test.step('opens an object and a packet', async () => {
    await keyboard.openPasted(pasted('debug/locals-clang14.o'));
    await expect(workbench.combobox('Program')).toHaveValue('locals');
    await keyboard.openPasted(UDP);
    await expect(workbench.byte(30)).toHaveText('0a');
    await expect(page.locator('.packet-title')).toHaveText('pasted');
    await expect(workbench.verdict).toHaveAccessibleName(/XDP_PASS/);
  });

  await test.step('sets a breakpoint at a line of C, for a value of a variable', async () => {
    await keyboard.lineOfSource(111);
    await keyboard.press('F9');
    await expect(workbench.announcement).toHaveText('Breakpoint at line 111 set');
    await keyboard.press('F9');
    await expect(workbench.announcement).toHaveText('Breakpoint at line 111 taken away');
    await keyboard.press('Shift+F9');
    await expect(page.locator(':focus')).toHaveAccessibleName(/^Condition of the breakpoint/);
    await keyboard.type('ip->ttl == 60 && bpf_ntohs(udp->dest) == 53');
    await keyboard.press('F5');
    await expect(workbench.announcement).toHaveText(/^breakpoint at instruction \d+, .*:111; /);
  });

  await test.step('steps by line into what is inlined, and out of it', async () => {
    await keyboard.until('F6', 'Place in the run');
    await keyboard.press('l');
    await expect(workbench.announcement).toHaveText('Steps are C lines');
    await keyboard.press('F11');
    await expect(page.locator('.frame.inlined')).toContainText(['folded', 'fill']);
    await expect(workbench.announcement).toHaveText(/^line \d+: /);
    await expect(async () => {
      if ((await page.locator('.frame.inlined').count()) > 0) await keyboard.press('Shift+F11');
      await expect(page.locator('.frame.inlined')).toHaveCount(0, { timeout: 300 });
    }).toPass();
  });

  await test.step('looks at locals, and into one', async () => {
    await keyboard.press('2');
    await expect(page.locator(':focus')).toHaveAccessibleName('Variables');
    await keyboard.toVariable('flow');
    await keyboard.press('ArrowRight');
    await expect(keyboard.variable('flow')).toHaveAttribute('aria-expanded', 'true');
    await expect(keyboard.variable('destination')).toContainText('10.9.8.7');
  });

  await test.step('watches an expression', async () => {
    await keyboard.press('w');
    await expect(page.locator(':focus')).toHaveAccessibleName('Expression to watch');
    await keyboard.type('flow.protocol');
    await expect(keyboard.variable('flow.protocol', 'Watches')).toContainText('17 (UDP)');
  });

  await test.step('changes it, and takes that back', async () => {
    await keyboard.toVariable('flow.protocol', 'Watches');
    await keyboard.press('Enter');
    await expect(page.locator(':focus')).toHaveAccessibleName('New value of flow.protocol');
    await keyboard.type('6');
    await expect(keyboard.variable('flow.protocol', 'Watches')).toContainText('6 (TCP)');
    await expect(workbench.announcement).toHaveText(/^stack-\d+ = 06/);
    await expect(page.getByRole('tree', { name: 'Watches' })).toBeFocused();
    await keyboard.press('u');
    await expect(keyboard.variable('flow.protocol', 'Watches')).toContainText('17 (UDP)');
    await keyboard.press('Enter');
    await keyboard.type('6');
    await expect(keyboard.variable('flow.protocol', 'Watches')).toContainText('6 (TCP)');
  });

  await test.step('shares; the link opens the same', async () => {
    const before = await workbench.state();
    await keyboard.press('Control+s');
    await expect(workbench.toast('Link copied')).toBeVisible();
    const link = await workbench.clipboard();
    const elsewhere = await browser.newContext({
      viewport: page.viewportSize(),
      serviceWorkers: 'block',
    });
    const fresh = await elsewhere.newPage();
    await fresh.goto(link);
    const other = new Workbench(fresh);
    await other.expectStep(Number(before.step));
    await expect(other.verdict).toBeVisible();
    expect(await other.state()).toEqual(before);
    await fresh.keyboard.press('2');
    await expect(new Keyboard(fresh).variable('flow.protocol', 'Watches')).toContainText('6 (TCP)');
    await elsewhere.close();
  });
});

test(
  'the firewall: why a packet is dropped, the branch that decided it, ' +
    'the step that wrote a register',
  async ({ workbench, page, context }) => {
    test.slow();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await workbench.open();
    const keyboard = new Keyboard(page);
    await keyboard.openPasted(pasted('debug/lpm_firewall-clang19.o'));
    await expect(workbench.combobox('Program')).toContainText('firewall');
    await keyboard.openPasted(TCP);
    await expect(workbench.byte(26)).toHaveText('0a');
    const verdict = await workbench.verdict.getAttribute('aria-label');

    await test.step('asks why, and goes to the first branch that decided it', async () => {
      await keyboard.press('3');
      await expect(page.getByRole('region', { name: 'Why' })).toContainText('steps matter');
      await keyboard.until('Tab', /^lpm_firewall\.c:\d+/);
      await keyboard.press('Enter');
      await expect(workbench.step).not.toHaveValue('0');
      await expect(workbench.current.locator('.insn-text')).toContainText('if ');
    });

    await test.step('goes back to the step that wrote a register', async () => {
      const step = Number(await workbench.step.inputValue());
      await keyboard.until('F6', 'Registers');
      await keyboard.until('ArrowDown', 'Change r6');
      await keyboard.until('ArrowRight', 'Go back to the step that last changed r6');
      await keyboard.press('Enter');
      await expect(page.locator('.status')).toContainText('changed r6');
      expect(Number(await workbench.step.inputValue())).toBeLessThan(step);
      await expect(workbench.register('r6')).toHaveClass(/written/);
    });

    await test.step(
      'a register that is set to another value turns the verdict, ' + 'and undo turns it back',
      async () => {
        await keyboard.press('e');
        await keyboard.press('Shift+S');
        await keyboard.until('F6', 'Registers');
        await keyboard.until('ArrowDown', 'Change r0');
        await keyboard.press('Enter');
        await keyboard.type(/XDP_DROP/.test(verdict ?? '') ? '2' : '1');
        await expect(workbench.verdict).not.toHaveAccessibleName(verdict ?? '');
        await expect(workbench.announcement).toHaveText(/^r0 = \S+; the verdict is now /);
        await expect(page.locator(':focus')).toHaveAccessibleName('Change r0');
        await keyboard.press('u');
        await expect(workbench.verdict).toHaveAccessibleName(verdict ?? '');
        await expect(workbench.announcement).toHaveText(
          /^Undone: r0 at step \d+; the verdict is now /,
        );
      },
    );
  },
);
