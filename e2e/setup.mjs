/**
 * Makes node_modules what package-lock.json says, on a fresh machine as after a pull: `npm start`
 * and `npm test` run this first. Uses nothing that is not in Node.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';

const OLDEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  stop(
    `Node ${OLDEST_NODE.join('.')} or newer is needed, ` +
      `this is ${process.versions.node}: install it from https://nodejs.org`,
  );
}

// The lock that was installed lies beside what it installed; content counts, not time: a
// half-finished install has none.
const LOCK = 'package-lock.json';
const INSTALLED = 'node_modules/.installed-lock.json';

if (read(INSTALLED) !== read(LOCK)) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    stop('npm ci failed: it needs the network and a writable folder; its own words are above');
  copyFileSync(LOCK, INSTALLED);
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} message */
function stop(message) {
  console.error(message);
  process.exit(1);
}
