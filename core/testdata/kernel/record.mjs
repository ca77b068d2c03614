// Asks the running Linux kernel what the programs of the corpus and of the examples do, and writes answers.json:
//   node core/testdata/kernel/record.mjs        (root, bpftool, a bpf file system at /sys/fs/bpf)
// Every program that libbpf loads runs on every packet of packets.json through BPF_PROG_TEST_RUN, maps fresh each time.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '../../..');
const pins = '/sys/fs/bpf/ebpf-playground';
const scratch = join(process.env.TMPDIR ?? '/tmp', 'ebpf-playground-record');
mkdirSync(scratch, { recursive: true });

const bpftool = (...args) =>
  execFileSync('bpftool', ['-j', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const objects = [
  'core/testdata/kernel/helpers.o',
  ...readdirSync(join(root, 'public/examples')).map((name) => `public/examples/${name}/program.o`),
  ...readdirSync(join(root, 'core/testdata/objects'))
    .filter((name) => /clang-(14|19)-v[1-4](-g)?\.o$/.test(name))
    .map((name) => `core/testdata/objects/${name}`),
].filter((path) => existsSync(join(root, path)));
const packets = JSON.parse(readFileSync(join(here, 'packets.json'), 'utf8'));

/** Sections that programs of a type BPF_PROG_TEST_RUN takes stand in. */
const TESTABLE = new Set(['sched_cls', 'xdp', 'socket_filter', 'cgroup_skb', 'sched_act']);

function mapContents() {
  const contents = {};
  for (const name of existsSync(`${pins}/maps`) ? readdirSync(`${pins}/maps`) : []) {
    const pinned = `${pins}/maps/${name}`;
    try {
      const { type } = JSON.parse(bpftool('map', 'show', 'pinned', pinned));
      if (!['array', 'hash'].includes(type)) continue;
      const hex = (list) => list.map((byte) => byte.slice(2)).join('');
      contents[name] = JSON.parse(bpftool('map', 'dump', 'pinned', pinned)).map(({ key, value }) => [
        hex(key),
        hex(value),
      ]);
    } catch {
      // A map that cannot be dumped (frozen, of another type) is not compared.
    }
  }
  return contents;
}

function load(path) {
  rmSync(pins, { recursive: true, force: true });
  mkdirSync(pins);
  const said = bpftool('prog', 'loadall', join(root, path), `${pins}/progs`, 'pinmaps', `${pins}/maps`);
  // With -j bpftool answers success also when libbpf could not load the object.
  if (!existsSync(`${pins}/progs`)) throw new Error(said || 'libbpf does not load it');
}

function run(path, program, hex) {
  load(path);
  writeFileSync(`${scratch}/in`, Buffer.from(hex, 'hex'));
  const { retval } = JSON.parse(
    bpftool(
      'prog',
      'run',
      'pinned',
      `${pins}/progs/${program}`,
      'data_in',
      `${scratch}/in`,
      'data_out',
      `${scratch}/out`,
      'data_size_out',
      '4096',
    ),
  );
  return { retval, packetOut: readFileSync(`${scratch}/out`).toString('hex'), maps: mapContents() };
}

const answers = [];
const refused = {};
for (const path of objects) {
  try {
    load(path);
  } catch (error) {
    refused[path] = String(error.stdout || error.stderr || error.message)
      .split('\n')[0]
      .slice(0, 200);
    continue;
  }
  for (const program of readdirSync(`${pins}/progs`)) {
    load(path);
    const { type } = JSON.parse(bpftool('prog', 'show', 'pinned', `${pins}/progs/${program}`));
    if (!TESTABLE.has(type)) continue;
    for (const { name, hex } of packets) {
      try {
        answers.push({ object: path, program, type, packet: name, ...run(path, program, hex) });
      } catch (error) {
        refused[`${path} ${program} ${name}`] = String(error.stdout || error.message).slice(0, 120);
      }
    }
  }
}
rmSync(pins, { recursive: true, force: true });
const kernel = execFileSync('uname', ['-r'], { encoding: 'utf8' })
  .trim()
  .replace(/^(\d+\.\d+).*/, '$1');
writeFileSync(
  join(here, 'answers.json'),
  `{"kernel":"${kernel}","refused":${JSON.stringify(refused, null, 1)},"answers":[\n${answers.map((answer) => JSON.stringify(answer)).join(',\n')}\n]}\n`,
);
console.log(
  `${answers.length} runs of ${new Set(answers.map((a) => `${a.object} ${a.program}`)).size} programs recorded, ${Object.keys(refused).length} refused`,
);
