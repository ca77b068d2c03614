import type { Browser } from 'playwright';
import { assemble } from '../asm/assemble.ts';
import { openedPage } from './captures.ts';

const PACKETS = 500_000;
const ROUNDS = 3;
/** Some twenty thousand instructions a packet. */
const SLOW_FILTER = `
  r0 = 7
  r2 = 5000
  again: r0 *= 31
  r0 += 5
  r2 += -1
  if r2 != 0 goto again
  r0 = *(u8 *)(r1 + 23)
  r0 &= 1
  exit`;

/** Milliseconds from the drop of a capture to all its verdicts, on so many cores. */
async function coresRound(browser: Browser, address: string, cores: number): Promise<number> {
  const page = await openedPage(browser, address, async (context) => {
    // The page's worker is told another number of them.
    await context.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const script = await response.text();
      const body = script.replaceAll('navigator.hardwareConcurrency', String(cores));
      await route.fulfill({ response, body });
    });
  });
  const filter = JSON.stringify([...assemble(SLOW_FILTER)]);
  const all = PACKETS.toLocaleString('en');
  const time: number = await page.evaluate(`(async () => {
    const drop = (file) => {
      const transfer = new DataTransfer();
      transfer.items.add(file);
      for (const kind of ['dragover', 'drop'])
        find('main').dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
    };
    drop(new File([Uint8Array.from(${filter})], 'slow.bin'));
    await when(() => find('.object-name').textContent === 'slow.bin');
    const file = new File([bigCapture(${PACKETS})], 'big.pcap');
    drop(file);
    const words = '${all} of ${all} packets run';
    return when(() => find('.traffic-numbers')?.textContent === words);
  })()`);
  const said: string = await page.evaluate(`find('.traffic-cores').textContent`);
  const expected = cores > 1 ? `on ${cores} cores` : 'on one core';
  if (!said.startsWith(expected)) throw new Error(`the capture ran ${said}, not ${expected}`);
  // The service worker may still be fetching the same script.
  await page.context().unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
  return time;
}

export interface CoresTimes {
  readonly packets: number;
  /** Milliseconds. */
  readonly one: readonly number[];
  readonly all: readonly number[];
}

/** A filter that takes long over a capture, on one core and on all in turns. */
export async function coresTimes(
  browser: Browser,
  address: string,
  cores: number,
): Promise<CoresTimes> {
  const [one, all]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    one.push(await coresRound(browser, address, 1));
    all.push(await coresRound(browser, address, cores));
  }
  return { packets: PACKETS, one, all };
}
