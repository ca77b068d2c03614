import { spawnSync } from 'node:child_process';
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Browser, BrowserContext, Page } from 'playwright';
import { JIT } from '../jit/jit.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import { CaptureFile } from '../traffic/capture-file.ts';
import { Traffic } from '../traffic/traffic.ts';

const PACKETS = 1_000_000;
const MANY = 5_000_000;
const ROUNDS = 3;
const FRAMES = 120;

/**
 * A pcap of frames of 114 bytes, 130 a record: TCP and UDP of many hosts, one in a hundred to
 * 1.1.1.1. Its text is code of a page as well, so it knows nothing from around it.
 */
function bigCapture(packets: number): Uint8Array<ArrayBuffer> {
  const [frame, record] = [114, 130];
  const bytes = new Uint8Array(24 + packets * record);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1].entries())
    view.setUint32(4 * i, word, true);
  const head = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x52, 0x54, 0, 0x65, 0x43, 0x21, 8, 0];
  for (let n = 0; n < packets; n++) {
    const at = 24 + n * record;
    const words = [1_700_000_000 + Math.floor(n / 1000), (n % 1000) * 1000, frame, frame];
    for (const [i, word] of words.entries()) view.setUint32(at + 4 * i, word, true);
    const from = [10, 0, (n >> 8) & 255, n & 255];
    const to = n % 100 === 0 ? [1, 1, 1, 1] : [10, 0, 0, 2];
    const ip = [0x45, 0, 0, 100, 0, 1, 0, 0, 64, n % 5 === 0 ? 17 : 6, 0, 0, ...from, ...to];
    bytes.set([...head, ...ip], at + 16);
    view.setUint16(at + 50, 1024 + (n % 60_000));
    view.setUint16(at + 52, n % 3 === 0 ? 8080 : 443);
    view.setUint16(at + 54, 80);
    bytes[at + 62] = 0x50;
  }
  return bytes;
}

/** Milliseconds that Debian's tcpdump takes to filter a file; undefined where it is not there. */
function tcpdumpTime(file: string): number | undefined {
  const started = performance.now();
  const { status } = spawnSync('tcpdump', ['-r', file, '-w', '/dev/null', 'dst host 1.1.1.1']);
  return status === 0 ? performance.now() - started : undefined;
}

const HELPERS = `
  globalThis.bigCapture = ${bigCapture.toString()};
  globalThis.find = (selector) => document.querySelector(selector);
  globalThis.when = async (holds) => {
    const start = performance.now();
    while (!holds()) await new Promise((rest) => setTimeout(rest, 2));
    return performance.now() - start;
  };`;

/** The page with its first answer; `prepare`: what is done to its context in front of that. */
export async function openedPage(
  browser: Browser,
  address: string,
  prepare?: (context: BrowserContext) => Promise<void>,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await prepare?.(context);
  const page = await context.newPage();
  await page.addInitScript(HELPERS);
  await page.goto(address);
  await page.evaluate(`when(() => find('[aria-label^="Verdict: "]'))`);
  return page;
}

/** From the drop of a file to all its verdicts, and what is done with the list then. */
async function pageRound(browser: Browser, address: string) {
  const page = await openedPage(browser, address);
  await page.evaluate(
    `globalThis.file = new File([bigCapture(${PACKETS})], 'big.pcap'); undefined`,
  );
  const all: number = await page.evaluate(`(async () => {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    for (const kind of ['dragover', 'drop'])
      find('main').dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
    return when(() => /^1,000,000 of 1,000,000 packets run$/.test(
      find('.traffic-numbers')?.textContent ?? ''));
  })()`);
  const filter: number = await page.evaluate(`(async () => {
    const field = find('[aria-label="Filter packets"]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
      .set.call(field, 'ip.dst == 1.1.1.1 and udp');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return when(() => find('.capture-count').textContent === '10,000 of 1,000,000 packets');
  })()`);
  const frames: number[] = await page.evaluate(`(async () => {
    const list = find('.traffic-table');
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < ${FRAMES}; i++) {
      list.scrollTop += 500;
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times;
  })()`);
  await page.context().close();
  return { all, filter, frames };
}

/** Megabytes of JavaScript's heap, buffers with it, that a capture in a file takes once judged. */
async function heapOf(packets: number, object: Uint8Array, folder: string): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / 1e6;
  };
  // In front of the capture is made: its bytes are not to be counted, wherever they are collected.
  const before = used();
  const path = join(folder, 'many.pcap');
  writeFileSync(path, bigCapture(packets));
  const file = await openAsBlob(path);
  const inputs = inputsFor('program.o', object);
  const linear = new WebAssembly.Memory({ initial: 1 });
  const traffic = new Traffic(new CaptureFile('many.pcap', file, false), linear);
  traffic.begin({ inputs, object: await openObject(inputs), engine: JIT });
  while (traffic.hasWork)
    await traffic.work(async (work) => {
      for (let next = work.next(); !next.done; next = work.next());
      return false;
    });
  const after = used() - linear.buffer.byteLength / 1e6;
  if (traffic.view.judged !== packets) throw new Error('not all packets were judged');
  return after - before;
}

export interface CaptureTimes {
  /** Milliseconds. */
  readonly tcpdump: readonly number[];
  readonly all: readonly number[];
  readonly filter: readonly number[];
  readonly frames: readonly number[];
  /** MB */
  readonly heap: number;
  readonly packets: number;
  readonly many: number;
}

/** A million packets in the page, in turns with tcpdump on the same; the memory of more. */
export async function captureTimes(
  browser: Browser,
  address: string,
  object: Uint8Array,
): Promise<CaptureTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'captures-'));
  try {
    const path = join(folder, 'big.pcap');
    writeFileSync(path, bigCapture(PACKETS));
    const [tcpdump, all, filter, frames]: number[][] = [[], [], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      const time = tcpdumpTime(path);
      if (time !== undefined) tcpdump.push(time);
      const page = await pageRound(browser, address);
      all.push(page.all);
      filter.push(page.filter);
      frames.push(...page.frames);
    }
    const heap = await heapOf(MANY, object, folder);
    return { tcpdump, all, filter, frames, heap, packets: PACKETS, many: MANY };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
