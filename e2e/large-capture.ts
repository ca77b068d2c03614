import type { Page } from 'playwright/test';

/** What a capture of the stories is made of. */
export interface LargeCapture {
  readonly name: string;
  readonly packets: number;
  /** Those that come from 10.0.0.66, by their place from 0 on; others come from 10.0.0.1. */
  readonly from66?: readonly number[];
}

/**
 * Drops a pcap of UDP packets that is made in the page: a millisecond apart, with the number of
 * each in its destination port.
 */
export async function dropLargeCapture(page: Page, capture: LargeCapture): Promise<void> {
  await page.evaluate(({ name, packets, from66 = [] }) => {
    const size = 58;
    const bytes = new Uint8Array(24 + packets * size);
    const view = new DataView(bytes.buffer);
    const words = (at: number, ...numbers: number[]) => {
      for (const [i, word] of numbers.entries()) view.setUint32(at + 4 * i, word, true);
    };
    words(0, 0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1);
    const marked = new Set(from66);
    for (let n = 0; n < packets; n++) {
      const at = 24 + n * size;
      words(at, 1_700_000_000 + Math.floor(n / 1000), (n % 1000) * 1000, 42, 42);
      const ip = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, marked.has(n) ? 66 : 1];
      bytes.set([0x08, 0, ...ip, 10, 0, 0, 2, 0x0f, 0xa0], at + 16 + 12);
      view.setUint16(at + 16 + 36, n % 60_000);
      view.setUint16(at + 16 + 38, 8);
    }
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    for (const kind of ['dragover', 'drop'])
      document
        .querySelector('main')
        ?.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
  }, capture);
}
