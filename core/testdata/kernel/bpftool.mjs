// What the recorders of this folder share: bpftool as JSON, and objects loaded with everything pinned.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');
export const pins = '/sys/fs/bpf/ebpf-playground';
const scratch = join(process.env.TMPDIR ?? '/tmp', 'ebpf-playground-record');
mkdirSync(scratch, { recursive: true });

/** On CPU 0, so that per-CPU values are where a session looks for them. */
export const bpftool = (...args) =>
  execFileSync('taskset', ['-c', '0', 'bpftool', '-j', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 << 20,
  });

export const hexOf = (list) => list.map((byte) => byte.slice(2)).join('');
export const programs = () => readdirSync(`${pins}/progs`);
export const maps = () => (existsSync(`${pins}/maps`) ? readdirSync(`${pins}/maps`) : []);
export const kernel = () =>
  execFileSync('uname', ['-r'], { encoding: 'utf8' })
    .trim()
    .replace(/^(\d+\.\d+).*/, '$1');

export function unload() {
  rmSync(pins, { recursive: true, force: true });
}

export function load(path) {
  unload();
  mkdirSync(pins);
  const said = bpftool(
    'prog',
    'loadall',
    join(root, path),
    `${pins}/progs`,
    'pinmaps',
    `${pins}/maps`,
  );
  // With -j bpftool answers success also when libbpf could not load the object.
  if (!existsSync(`${pins}/progs`)) throw new Error(said || 'libbpf does not load it');
}

/** What a pinned program returns for a packet, and the packet it leaves. */
export function runProgram(program, hex) {
  writeFileSync(`${scratch}/in`, Buffer.from(hex, 'hex'));
  const files = ['data_in', `${scratch}/in`, 'data_out', `${scratch}/out`, 'data_size_out', '4096'];
  const { retval } = JSON.parse(
    bpftool('prog', 'run', 'pinned', `${pins}/progs/${program}`, ...files),
  );
  return { retval, packetOut: readFileSync(`${scratch}/out`).toString('hex') };
}
