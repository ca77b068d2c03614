// Asks the running Linux kernel what the programs of the corpus and of the examples do, and writes answers.json:
//   node core/testdata/kernel/record.mjs        (root, bpftool, a bpf file system at /sys/fs/bpf)
// Every program that libbpf loads runs on every packet of packets.json through BPF_PROG_TEST_RUN, maps fresh each time.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bpftool,
  hexOf,
  kernel,
  load,
  maps,
  pins,
  programs,
  root,
  runProgram,
  unload,
} from './bpftool.mjs';

const here = import.meta.dirname;
const objects = [
  'core/testdata/kernel/helpers.o',
  // Those that core/testdata/programs has are recorded there, with packets and maps of their own.
  ...readdirSync(join(root, 'public/examples'))
    .filter(
      (name) =>
        !existsSync(
          join(root, 'core/testdata/programs', `${name.replaceAll('-', '_')}.clang-19-v4.o`),
        ),
    )
    .map((name) => `public/examples/${name}/program.o`),
  ...readdirSync(join(root, 'core/testdata/objects'))
    .filter((name) => /clang-(14|19)-v[1-4](-g)?\.o$/.test(name))
    .map((name) => `core/testdata/objects/${name}`),
].filter((path) => existsSync(join(root, path)));
const packets = JSON.parse(readFileSync(join(here, 'packets.json'), 'utf8'));

/** Sections that programs of a type BPF_PROG_TEST_RUN takes stand in. */
const TESTABLE = new Set(['sched_cls', 'xdp', 'socket_filter', 'cgroup_skb', 'sched_act']);

function mapContents() {
  const contents = {};
  for (const name of maps()) {
    const pinned = `${pins}/maps/${name}`;
    try {
      const { type } = JSON.parse(bpftool('map', 'show', 'pinned', pinned));
      if (!['array', 'hash'].includes(type)) continue;
      contents[name] = JSON.parse(bpftool('map', 'dump', 'pinned', pinned)).map(
        ({ key, value }) => [hexOf(key), hexOf(value)],
      );
    } catch {
      // A map that cannot be dumped (frozen, of another type) is not compared.
    }
  }
  return contents;
}

function run(path, program, hex) {
  load(path);
  return { ...runProgram(program, hex), maps: mapContents() };
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
  for (const program of programs()) {
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
unload();
writeFileSync(
  join(here, 'answers.json'),
  `{"kernel":"${kernel()}","refused":${JSON.stringify(refused, null, 1)},"answers":[\n${answers.map((answer) => JSON.stringify(answer)).join(',\n')}\n]}\n`,
);
console.log(
  `${answers.length} runs of ${new Set(answers.map((a) => `${a.object} ${a.program}`)).size} programs recorded, ${Object.keys(refused).length} refused`,
);
