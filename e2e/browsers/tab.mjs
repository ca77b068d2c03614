/**
 * A tab of any browser, as the stories use it: what a person does goes in by mouse and keys, what
 * they see is read out of the page.
 * @typedef {{
 *   goto: (address: string) => Promise<void>,
 *   evaluate: <Value>(body: (...args: any[]) => Value, ...args: unknown[]) => Promise<Value>,
 *   click: (selector: string) => Promise<void>,
 *   press: (...keys: Key[]) => Promise<void>,
 *   close: () => Promise<void>,
 * }} Tab
 */

/**
 * Keys held together, the last one pressed: `press('Control', 'v')`.
 * @typedef {'F11' | 'Control' | 'Escape' | 'Enter' | 'c' | 's' | 'v'} Key
 */

/**
 * A browser that is on this machine. `open` gives a tab of a profile that has seen nothing.
 * @typedef {{ name: string, open: () => Promise<Tab>, close: () => Promise<void> }} Browser
 */

const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

/**
 * Waits until the page says what is wanted; the error has what it said last.
 * @template Value
 * @param {Tab} tab
 * @param {string} what
 * @param {(...args: any[]) => Value} body
 * @param {(value: Value) => boolean} isWanted
 * @param {...unknown} args
 * @returns {Promise<Value>}
 */
export async function until(tab, what, body, isWanted, ...args) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await tab.evaluate(body, ...args);
    if (isWanted(value)) return value;
    if (Date.now() > end)
      throw new Error(`${what}: after ${PATIENCE_MS / 1000} s it is ${JSON.stringify(value)}`);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}
