import type { Browser, Page } from 'playwright';
import { assemble } from '../asm/assemble.ts';
import { manySymbols } from './many-symbols.ts';

/** Milliseconds of what a person waits for on the page, by what it is. */
export type PageTimes = readonly (readonly [what: string, times: number[]])[];

const ROUNDS = 5;
const SYMBOLS = 100_000;
const PACKETS = 2000;
/** ms */
const REST = 200;

/** A pcap of UDP packets, each with another identification. */
function capture(count: number): Uint8Array {
  const words = (...numbers: number[]) => new Uint8Array(Uint32Array.from(numbers).buffer);
  const packets = Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(60);
    bytes.set([0x08, 0x00, 0x45, 0, 0, 46, i >> 8, i & 0xff, 0, 0, 64, 17], 12);
    return [words(1_700_000_000 + i, 0, bytes.length, bytes.length), bytes];
  });
  return Buffer.concat([words(0xa1b2c3d4, 0x00040002, 0, 0, 0x40000, 1), ...packets.flat()]);
}

/** A program of about so many steps. */
const loop = (steps: number): Uint8Array =>
  assemble(
    `r0 = 0; r1 = ${Math.floor(steps / 3)}; again: r1 += -1; r0 += r1; if r1 != 0 goto again; exit`,
  );

/**
 * Code of the page: `until` a condition holds, looked at whenever the page changes; `timed` says
 * how long that was after an act, with the frame in which it is drawn.
 */
const HELPERS = `
  globalThis.until = (holds, isDrawn = true) => new Promise((done) => {
    const look = () => {
      if (!holds()) return false;
      observer.disconnect();
      if (isDrawn) requestAnimationFrame(() => setTimeout(done));
      else done();
      return true;
    };
    const observer = new MutationObserver(look);
    if (!look())
      observer.observe(document, {
        subtree: true, childList: true, attributes: true, characterData: true,
      });
  });
  globalThis.timed = async (act, holds, isDrawn) => {
    const start = performance.now();
    act();
    await until(holds, isDrawn);
    return performance.now() - start;
  };
  globalThis.find = (selector) => document.querySelector(selector);
  globalThis.type = (field, text) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text);
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  globalThis.prepare = (name, base64) => {
    globalThis.transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  };
  globalThis.drop = () => {
    for (const kind of ['dragover', 'drop'])
      find('main').dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
  };
  globalThis.firstVerdict = until(() => find('[aria-label^="Verdict: "]')).then(() =>
    performance.now());`;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A page of a profile that has seen nothing, with its first answer on it. */
async function opened(browser: Browser, address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(HELPERS);
  await page.goto(address);
  await page.evaluate('firstVerdict');
  return page;
}

const timed = (page: Page, act: string, holds: string, isDrawn = true): Promise<number> =>
  page.evaluate(`timed(() => { ${act} }, () => ${holds}, ${isDrawn})`);

/** Drops a file and waits until it is what is open. */
async function drop(page: Page, name: string, bytes: Uint8Array, holds: string): Promise<number> {
  await page.evaluate(`prepare(${JSON.stringify(name)}, ${JSON.stringify(base64(bytes))})`);
  return timed(page, 'drop()', holds);
}

async function repeat(times: number, measure: (round: number) => Promise<number>) {
  const all: number[] = [];
  for (let round = 0; round < times; round++) all.push(await measure(round));
  return all;
}

/** From the start of the navigation, with nothing in a cache. */
async function firstVerdict(browser: Browser, address: string): Promise<number> {
  const page = await opened(browser, address);
  const time: number = await page.evaluate('firstVerdict');
  await page.context().close();
  return time;
}

async function manyPackets(browser: Browser, address: string): Promise<PageTimes> {
  const page = await opened(browser, address);
  await drop(page, 'loop.bin', loop(10_000), `find('.object-name').textContent === 'loop.bin'`);
  const open = await drop(
    page,
    'many.pcap',
    capture(PACKETS),
    `find('.packet-total').textContent === '/ ${PACKETS.toLocaleString('en')}'`,
  );
  const verdicts = await timed(
    page,
    `document.querySelectorAll('[name=layout]')[1].click()`,
    `/^2,000 of 2,000 packets$/.test(find('.capture-count')?.textContent ?? '')`,
  );
  await timed(
    page,
    `document.querySelectorAll('[name=layout]')[0].click()`,
    `find('.listing .insn') !== null`,
  );
  const wanted = [1500, 1501, 3, 1999, 700, 1200];
  const select = await repeat(wanted.length, (round) =>
    timed(
      page,
      `const field = find('[aria-label="Packet number"]');
       field.focus(); type(field, '${wanted[round]}');
       field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))`,
      `find('.packet-title').textContent.endsWith('#${wanted[round]}')`,
    ),
  );
  const toggle = await repeat(20, async (round) => {
    // A person does one after the other: what follows on the last is done.
    await page.waitForTimeout(REST);
    return timed(
      page,
      `find('[data-gutter="4"]').click()`,
      `(find('[data-gutter="4"].set') !== null) === ${round % 2 === 0}`,
      false,
    );
  });
  await page.context().close();
  return [
    [`open ${PACKETS} packets of 10,000 steps, the first shown`, [open]],
    ['all their verdicts', [verdicts]],
    ['select any of them, at its own state', select],
    // It has to be done before the next frame, whenever that comes.
    ['toggle a breakpoint among them, without the frame', toggle],
  ];
}

async function manyNames(browser: Browser, address: string): Promise<PageTimes> {
  const object = manySymbols(SYMBOLS);
  const page = await opened(browser, address);
  const open = await drop(
    page,
    'symbols.o',
    object,
    `find('.object-name').textContent === 'symbols.o'`,
  );
  const explorer: number[] = [];
  const symbols: number[] = [];
  const filter: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    explorer.push(await timed(page, `find('.object-name').click()`, `find('.name-tree') !== null`));
    symbols.push(
      await timed(
        page,
        `[...document.querySelectorAll('.name-row.head')].at(-1).click()`,
        `[...document.querySelectorAll('.name-row')].some((row) =>
           row.textContent.startsWith('name_of_symbol_'))`,
      ),
    );
    filter.push(
      await timed(
        page,
        `type(find('.explorer-filter'), 'symbol_9999${round}')`,
        `document.querySelectorAll('.name-row').length < 5`,
      ),
    );
    await timed(page, `find('.explorer-close').click()`, `find('.name-tree') === null`);
  }
  await page.context().close();
  return [
    [`open an object of ${SYMBOLS.toLocaleString('en')} symbols`, [open]],
    ['the Explorer with them', explorer],
    ['its Symbols unfolded', symbols],
    ['filtered', filter],
  ];
}

async function longFlow(browser: Browser, address: string): Promise<PageTimes> {
  const page = await opened(browser, address);
  await drop(page, 'loop.bin', loop(1_000_000), `find('.object-name').textContent === 'loop.bin'`);
  const flow = await repeat(ROUNDS, async () => {
    const time = await timed(
      page,
      `[...document.querySelectorAll('[name=program-view]')].at(-1).click()`,
      `find('.program-flow svg, .program-flow .block') !== null`,
    );
    await timed(
      page,
      `[...document.querySelectorAll('[name=program-view]')].at(1).click()`,
      `find('.listing .insn') !== null`,
    );
    return time;
  });
  await page.context().close();
  return [['Flow of 1,000,000 steps', flow]];
}

/** What the page of the build takes in a browser, from an act to what is drawn of it. */
export async function pageTimes(browser: Browser, address: string): Promise<PageTimes> {
  const first = await repeat(ROUNDS, () => firstVerdict(browser, address));
  return [
    ['the first verdict, nothing cached', first],
    ...(await manyPackets(browser, address)),
    ...(await manyNames(browser, address)),
    ...(await longFlow(browser, address)),
  ];
}
