import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64'];
const PORT = 4199;
const ADDRESS = `http://127.0.0.1:${PORT}`;
const START_MS = 20_000;

/** W3C WebDriver section 17.4.2: keys that are no letters. */
const CODES = { Control: '\uE009', F11: '\uE03B', Escape: '\uE00C', Enter: '\uE007' };
/** W3C WebDriver section 12: what an element is called in answers. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** @param {string} command */
const isThere = (command) => spawnSync('which', [command]).status === 0;

/** @returns {string | undefined} */
function miniBrowser() {
  for (const folder of LIBRARIES.filter(existsSync)) {
    const found = readdirSync(folder)
      .filter((name) => name.startsWith('webkit2gtk-') || name.startsWith('webkitgtk-'))
      .map((name) => join(folder, name, 'MiniBrowser'))
      .find(existsSync);
    if (found) return found;
  }
  return undefined;
}

/**
 * WebKit's MiniBrowser by its WebDriver, on a screen that nobody sees; a string says why there is
 * none.
 * @returns {Promise<import('./tab.mjs').Browser | string>}
 */
export async function webkit() {
  const binary = miniBrowser();
  if (binary === undefined || !isThere('WebKitWebDriver'))
    return 'there is no WebKit here: install webkit2gtk-driver';
  const hasScreen = Boolean(process.env.DISPLAY);
  if (!hasScreen && !isThere('xvfb-run')) return 'there is no screen for WebKit: install xvfb';
  const driver = ['WebKitWebDriver', `--port=${PORT}`];
  const [command, ...args] = hasScreen ? driver : ['xvfb-run', '-a', ...driver];
  // A group of its own: xvfb-run leaves its children behind when it is ended alone.
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  const close = async () => {
    if (child.pid !== undefined) process.kill(-child.pid);
  };
  await started();
  return { name: 'WebKit (MiniBrowser)', open: () => openTab(binary), close };
}

async function started() {
  for (const end = Date.now() + START_MS; Date.now() < end; ) {
    if (
      await fetch(`${ADDRESS}/status`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('WebKitWebDriver does not answer');
}

/**
 * @param {'POST' | 'DELETE'} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function ask(method, path, body) {
  const answer = await fetch(`${ADDRESS}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${value?.message ?? answer.status}`);
  return value;
}

/**
 * @param {string} binary
 * @returns {Promise<import('./tab.mjs').Tab>}
 */
async function openTab(binary) {
  const { sessionId } = await ask('POST', '/session', {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } },
    },
  });
  const session = `/session/${sessionId}`;
  await ask('POST', `${session}/window/rect`, { width: 1280, height: 800 });
  return {
    goto: async (url) => {
      // To another fragment alone a browser does not load anew, so a page lies between.
      await ask('POST', `${session}/url`, { url: 'about:blank' });
      await ask('POST', `${session}/url`, { url });
    },
    evaluate: (body, ...args) =>
      ask('POST', `${session}/execute/sync`, { script: `return (${body})(...arguments)`, args }),
    click: async (selector) => {
      const found = await ask('POST', `${session}/element`, {
        using: 'css selector',
        value: selector,
      });
      await ask('POST', `${session}/element/${found[ELEMENT]}/click`, {});
    },
    press: async (...keys) => {
      const values = keys.map((key) => CODES[/** @type {keyof CODES} */ (key)] ?? key);
      await ask('POST', `${session}/actions`, {
        actions: [
          {
            type: 'key',
            id: 'keyboard',
            actions: [
              ...values.map((value) => ({ type: 'keyDown', value })),
              ...values.toReversed().map((value) => ({ type: 'keyUp', value })),
            ],
          },
        ],
      });
    },
    close: async () => void (await ask('DELETE', session)),
  };
}
