/**
 * Finds a browser for the end-to-end tests, and as a script installs one where there is none. The
 * Playwright configuration imports the same function, so that the path is found in one place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];

const USUAL_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * How tests, bench and screenshots start it: no graphics card, and nothing it does on the network
 * by itself.
 */
export const BROWSER_ARGUMENTS = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The first browser that is there and answers: CHROME_PATH, Playwright's own, one on PATH, one in a
 * usual place.
 * @returns {string | undefined}
 */
export function browserPath() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env.CHROME_PATH, chromium.executablePath(), ...onPath, ...USUAL_PLACES].find(
    answers,
  );
}

/**
 * A file is not enough: a snap stub or a browser without its libraries is there and does not run.
 * @param {string | undefined} path
 */
function answers(path) {
  if (!path || !existsSync(path)) return false;
  if (process.platform === 'win32') return true; // --version would open a window there
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/**
 * Whether a command did its work. What a failed one printed may be long and is of no use here: its
 * first words are enough.
 * @param {string} command
 */
function attempt(command) {
  const { status, stdout, stderr } = spawnSync(command, {
    encoding: 'utf8',
    shell: true,
    maxBuffer: 1 << 28,
  });
  if (status === 0) return true;
  const lines = `${stderr ?? ''}\n${stdout ?? ''}`.split('\n').map((line) => line.trim());
  const said =
    lines.find((line) => /error|fail|refus|cannot|unable/i.test(line)) ??
    lines.find(Boolean) ??
    'no reason given';
  console.log(`That did not work: ${said.slice(0, 160)}`);
  return false;
}

/**
 * Without `--with-deps` first: where Playwright's download is closed that fails in seconds, not
 * after its libraries.
 */
function install() {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo -n ';
  const ways = ['npx playwright install chromium --no-shell'];
  if (process.platform === 'linux') {
    ways.push(
      `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends chromium`,
      'npx playwright install chromium --no-shell --with-deps',
    );
  }
  for (const way of ways) {
    console.log(`No browser for the tests yet, trying: ${way}`);
    if (attempt(way) && browserPath()) return true;
  }
  return false;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !browserPath() && !install()) {
  console.error(
    'No browser for the tests: install Chromium or Chrome, or set CHROME_PATH to one, ' +
      'and run npm test again.',
  );
  process.exit(1);
}
