import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from './tab.mjs';

/** @typedef {import('./tab.mjs').Tab} Tab */

const firewall = readFileSync(
  new URL('../../public/examples/xdp-firewall/program.o', import.meta.url),
);
/** TCP from 10.0.0.2 to 8.8.8.8, as `tcpdump -xx` prints it. */
const PASTED = `
  0x0000:  5254 0012 3456 5254 0065 4321 0800 4500
  0x0010:  0028 0001 4000 4006 1ebb 0a00 0002 0808
  0x0020:  0808 9c40 0050 0000 0001 0000 0000 5002
  0x0030:  faf0 eed9 0000`;

/** What a person would compare: the place in the run, the verdict, the packet, the program. */
const seen = () => ({
  step: /** @type {HTMLInputElement} */ (document.querySelector('[aria-label="Step number"]'))
    ?.value,
  verdict: document.querySelector('[aria-label^="Verdict: "]')?.getAttribute('aria-label'),
  destination: document.querySelector('[data-field="ip.dst"] .field-text')?.textContent,
  object: document.querySelector('.object-name')?.textContent,
  current: document.querySelector('.insn[aria-current="step"]')?.getAttribute('data-pc'),
  broken: document.querySelector('.banner')?.textContent,
});

/** @param {Tab} tab @param {string} address */
async function open(tab, address) {
  await tab.goto(address);
  return until(tab, 'the first answer', seen, ({ verdict }) => Boolean(verdict));
}

/** @param {Tab} tab @param {string} text */
async function paste(tab, text) {
  await tab.evaluate((copied) => {
    const area = document.createElement('textarea');
    area.id = 'to-copy';
    area.value = copied;
    // Over the page: a browser selects only in what is seen.
    area.style.cssText = 'position: fixed; inset: 0 auto auto 0; z-index: 99';
    document.body.append(area);
    area.focus();
    area.select();
  }, text);
  await tab.press('Control', 'c');
  await tab.evaluate(() => {
    document.getElementById('to-copy')?.remove();
    document.body.focus();
  });
  await tab.press('Control', 'v');
}

/** @param {Tab} tab @param {string} step */
const atStep = (tab, step) => until(tab, `step ${step}`, seen, (now) => now.step === step);

/** @type {{ name: string, run: (tab: Tab, address: string) => Promise<void> }[]} */
export const STORIES = [
  {
    name: 'first visit: a finished answer, C, instructions, packet',
    async run(tab, address) {
      const { verdict, destination, broken } = await open(tab, address);
      assert.match(verdict ?? '', /drop/);
      assert.equal(destination, '1.1.1.1');
      assert.ok(!broken, broken ?? '');
      const rows = await tab.evaluate(() => document.querySelectorAll('.insn').length);
      assert.equal(rows, 5);
      await until(
        tab,
        'the C source',
        () => document.querySelector('.view-lines')?.textContent ?? '',
        (text) => text.includes('ip_dst'),
      );
    },
  },
  {
    name: 'drop: an object of somebody else runs',
    async run(tab, address) {
      await open(tab, address);
      await tab.evaluate(
        (bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], 'firewall.o'));
          for (const type of ['dragover', 'drop'])
            document
              .querySelector('main')
              ?.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true }));
        },
        [...firewall],
      );
      const { verdict } = await until(
        tab,
        'the dropped object',
        seen,
        ({ object }) => object?.includes('firewall.o') ?? false,
      );
      assert.match(verdict ?? '', /XDP_/);
    },
  },
  {
    name: 'paste: tcpdump -xx becomes the packet',
    async run(tab, address) {
      await open(tab, address);
      await paste(tab, PASTED);
      const { verdict } = await until(
        tab,
        'the pasted packet',
        seen,
        ({ destination }) => destination === '8.8.8.8',
      );
      assert.match(verdict ?? '', /pass/);
    },
  },
  {
    name: 'step: forward by key, back by button',
    async run(tab, address) {
      const before = await open(tab, address);
      assert.equal(before.current, '0');
      await tab.press('F11');
      await atStep(tab, '1');
      await tab.press('F11');
      const { current } = await atStep(tab, '2');
      assert.equal(current, '2');
      await tab.click('[data-command="back"]');
      assert.equal((await atStep(tab, '1')).current, '1');
    },
  },
  {
    name: 'share: the link opens at the same step',
    async run(tab, address) {
      await open(tab, address);
      await tab.press('F11');
      await tab.press('F11');
      const before = await atStep(tab, '2');
      await tab.press('Control', 's');
      // Where the browser does not let a page copy, the dialog has the link.
      const link = await until(
        tab,
        'the link',
        () => {
          const field = /** @type {HTMLInputElement | null} */ (
            document.querySelector('dialog .link-copy input')
          );
          return location.hash.length > 1 ? location.href : (field?.value ?? '');
        },
        (value) => value.includes('#'),
      );
      await tab.goto(link);
      assert.deepEqual(await atStep(tab, '2'), before);
    },
  },
  {
    name: 'reload: the session is there again',
    async run(tab, address) {
      await open(tab, address);
      await paste(tab, PASTED);
      await until(tab, 'the pasted packet', seen, ({ destination }) => destination === '8.8.8.8');
      await tab.press('F11');
      const before = await atStep(tab, '1');
      // The step is kept a moment after it was made.
      await new Promise((done) => setTimeout(done, 1500));
      await tab.evaluate(() => location.reload());
      const after = await until(
        tab,
        'the session',
        seen,
        ({ destination, step }) => destination === '8.8.8.8' && step === '1',
      );
      assert.deepEqual(after, before);
    },
  },
];
