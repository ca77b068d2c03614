import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page, test as plain } from 'playwright/test';

/** A file for `drop`. */
export interface FileToDrop {
  name: string;
  mimeType?: string;
  buffer: Buffer;
}

/** An object of core/testdata/objects, or the C it was built from. */
export const testObject = (name: string): FileToDrop => ({
  name,
  buffer: readFileSync(new URL(`../core/testdata/objects/${name}`, import.meta.url)),
});

/** What stories ask for by name, wherever the page has it. */
export type PlaceName =
  | 'packet'
  | 'variables'
  | 'watches'
  | 'registers'
  | 'stack'
  | 'breakpoints'
  | 'why'
  | 'hook'
  | 'maps'
  | 'memory'
  | 'output'
  | 'explorer'
  | 'object'
  | 'flow';

const DATA_TABS: Partial<Record<PlaceName, string>> = {
  packet: 'Packet',
  maps: 'Maps & events',
  output: 'Maps & events',
  memory: 'Memory',
};

const NARROW_TABS: Record<PlaceName, string | undefined> = {
  packet: 'Packet',
  variables: 'Inspect',
  watches: 'Inspect',
  registers: 'Inspect',
  stack: 'Inspect',
  breakpoints: 'Inspect',
  why: 'Why',
  hook: undefined,
  maps: 'Maps & events',
  memory: 'Memory',
  output: 'Maps & events',
  explorer: 'Explorer',
  object: 'Explorer',
  flow: 'Program',
};

/** The page as a person sees it: places by their names, actions by what they do. */
export class Workbench {
  readonly page: Page;
  readonly listing: Locator;
  readonly current: Locator;
  readonly verdict: Locator;
  readonly bytes: Locator;
  readonly fields: Locator;
  readonly step: Locator;
  readonly stepNote: Locator;
  readonly packetNumber: Locator;
  readonly attach: Locator;
  readonly status: Locator;
  /** How what was pasted or opened became packets. */
  readonly packetNotes: Locator;
  /** Why what was typed into a field is not taken. */
  readonly refusal: Locator;
  readonly banner: Locator;
  readonly announcement: Locator;

  constructor(page: Page) {
    this.page = page;
    this.listing = page.getByRole('listbox', { name: 'Instructions' });
    this.current = page.locator('.insn[aria-current="step"]');
    this.verdict = page.getByRole('button', { name: /^Verdict: / });
    this.bytes = page.getByRole('grid', { name: 'Packet bytes' });
    this.fields = page.getByRole('tree', { name: 'Packet fields' });
    this.step = page.getByRole('textbox', { name: 'Step number' });
    this.stepNote = page.locator('.step-note');
    this.packetNumber = page.getByRole('textbox', { name: 'Packet number' });
    this.attach = page.getByRole('button', { name: /^Attached to / });
    this.status = page.locator('.status');
    this.packetNotes = page.locator('.packet-notes');
    this.refusal = page.locator('.field-refusal');
    this.banner = page.locator('.banner');
    this.announcement = page.getByTestId('announcement');
  }

  /** Opens the page, with what follows `#` if given, and waits for a program. */
  async open(fragment = ''): Promise<void> {
    await this.page.goto(fragment === '' ? './' : `./#${fragment}`);
    await expect(this.listing.getByRole('option').first()).toBeVisible();
  }

  /** A run control by the word on it. */
  control(name: string): Locator {
    return this.page
      .getByRole('toolbar', { name: 'Run' })
      .getByRole('button', { name, exact: true });
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Brings a part of the page into sight, as a person who knows where it is. */
  async openPlace(place: PlaceName): Promise<void> {
    const { page } = this;
    const isNarrow = (await page.locator('.app.narrow').count()) > 0;
    const tab = isNarrow ? NARROW_TABS[place] : DATA_TABS[place];
    if (tab) await this.tab(tab).click();
    if (place === 'hook') await this.openHook();
    else if (place === 'why') await this.expand(this.verdict, isNarrow);
    else if (place === 'flow') await page.getByRole('radio', { name: 'Flow', exact: true }).check();
    else if (place === 'explorer' || place === 'object') {
      await this.expand(page.locator('.object-name'), isNarrow);
      const view = place === 'object' ? 'Details' : 'Names';
      await page.getByRole('radio', { name: view, exact: true }).check();
    } else if (!DATA_TABS[place]) {
      await this.expand(page.locator(`[data-section="${place}"] .fold-button`), false);
    }
  }

  /** Presses what opens something, where that is not open. */
  private async expand(button: Locator, isOpen: boolean): Promise<void> {
    if (!isOpen && (await button.getAttribute('aria-expanded')) === 'false') await button.click();
  }

  private async openHook(): Promise<void> {
    if (!(await this.combobox('Hook').isVisible())) await this.attach.click();
  }

  /** Attaches the program elsewhere; the panel is closed again. */
  async chooseHook(hook: string): Promise<void> {
    await this.openHook();
    await this.combobox('Hook').selectOption(hook);
    await this.page.keyboard.press('Escape');
    await expect(this.combobox('Hook')).toBeHidden();
  }

  /** Selects a packet by its number, the first is 1. */
  async selectPacketNumber(number: number): Promise<void> {
    await this.packetNumber.fill(String(number));
    await this.packetNumber.press('Enter');
    await expect(this.packetNumber).toHaveValue(String(number));
  }

  /** How many packets there are. */
  async expectPackets(count: number): Promise<void> {
    await expect(this.page.locator('.packet-total')).toHaveText(`/ ${count.toLocaleString('en')}`);
  }

  instruction(pc: number): Locator {
    return this.listing.locator(`[data-pc="${pc}"]`);
  }

  register(name: string): Locator {
    return this.page
      .getByRole('region', { name: 'Registers' })
      .locator(`[data-register="${name}"]`);
  }

  byte(offset: number): Locator {
    return this.bytes.locator(`[role="gridcell"][data-offset="${offset}"]`);
  }

  field(name: string): Locator {
    return this.fields.locator(`[data-field="${name}"]`);
  }

  /** Drops files on the page, as from a file manager. */
  async drop(files: FileToDrop[]): Promise<void> {
    const list = files.map(({ name, mimeType = 'application/octet-stream', buffer }) => ({
      name,
      mimeType,
      bytes: [...buffer],
    }));
    const data = await this.page.evaluateHandle((all) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, bytes } of all)
        transfer.items.add(new File([new Uint8Array(bytes)], name, { type: mimeType }));
      return transfer;
    }, list);
    const main = this.page.getByRole('main');
    await main.dispatchEvent('dragover', { dataTransfer: data });
    await main.dispatchEvent('drop', { dataTransfer: data });
  }

  /** Pastes text with the keyboard's focus nowhere in particular. */
  async paste(text: string): Promise<void> {
    await this.page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      );
    }, text);
  }

  /** Opens an example from the gallery by its title. */
  async openExample(title: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Examples' }).click();
    await this.page.getByRole('button', { name: `Open ${title}` }).click();
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
    await expect(this.page.locator('.source-editor')).toBeVisible();
  }

  combobox(name: string): Locator {
    return this.page.getByRole('combobox', { name, exact: true });
  }

  /** Chooses a value of a hook option; the panel with the options stays open. */
  async setOption(name: string, value: string): Promise<void> {
    await this.openHook();
    await this.combobox(name).selectOption(value);
  }

  async selectPacket(name: RegExp): Promise<void> {
    await this.page
      .getByRole('list', { name: 'Packets' })
      .getByRole('button', { name })
      .first()
      .click();
  }

  /** The functions on the call stack, the running one first. */
  get frames(): Locator {
    return this.page.getByRole('region', { name: 'Call stack' }).locator('.frame');
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator('.toast', { hasText: text });
  }

  /**
   * What a person would compare to say that two pages show the same: place, registers, verdict,
   * breakpoints.
   */
  async state(): Promise<Record<string, unknown>> {
    return {
      step: await this.step.inputValue(),
      packet: await this.packetNumber.inputValue(),
      hook: await this.attach.innerText(),
      current: await this.current.getAttribute('data-pc'),
      registers: await this.page.locator('[data-register]').allInnerTexts(),
      verdict: await this.verdict.getAttribute('aria-label'),
      breakpoints: await this.listing
        .locator('[data-pc]', { has: this.page.locator('.gutter.set') })
        .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.pc)),
    };
  }

  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Waits until the step field shows this number. */
  async expectStep(step: number): Promise<void> {
    await expect(this.step).toHaveValue(String(step));
  }
}

/**
 * Stories that take long and go where others have been: `npm run e2e:all` has them, `npm test` has
 * not.
 */
export const LONG = { tag: '@long' } as const;
/** The same story on objects of several compilers: of the newest one on every change. */
export const onlyNewest = (compiler: string) => (compiler === 'clang19' ? {} : LONG);

/** Playwright itself says this where service workers are blocked. */
const EXPECTED = /Service Worker registration blocked by Playwright/;

/**
 * Every story, with the page object, and with four things none may do: throw, write an error to the
 * console, open a box of the browser's own, or ask another origin for anything.
 */
export const test = plain.extend<{ workbench: Workbench; watched: undefined }>({
  workbench: async ({ page }, use) => {
    await use(new Workbench(page));
  },
  watched: [
    async ({ page, baseURL }, use) => {
      const wrongs: string[] = [];
      page.on('pageerror', (error) => wrongs.push(`page error: ${error.message}`));
      page.on('console', (message) => {
        const bad = message.type() === 'error' || message.type() === 'warning';
        if (bad && !EXPECTED.test(message.text()))
          wrongs.push(`console ${message.type()}: ${message.text()}`);
      });
      page.on('dialog', (dialog) => {
        wrongs.push(`${dialog.type()}: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(baseURL ?? '') && !url.startsWith('data:') && !url.startsWith('blob:'))
          wrongs.push(`left the origin: ${url}`);
      });
      await use(undefined);
      expect(wrongs).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
