// Asks the running Linux kernel what the programs of maps.c do to their maps, and writes maps.answers.json:
//   node core/testdata/kernel/record-maps.mjs        (root, bpftool, a bpf file system at /sys/fs/bpf)
// Each program runs on the first packet of packets.json, as often and after those entries that maps.scripts.json says,
// maps fresh each time, and with a reader of "events" on CPU 0 where it says so. An entry without a value is one that a
// session has and the kernel has not. Contents are as bpftool dumps them, in the order in which the kernel walks them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  bpftool,
  hexOf,
  kernel,
  load,
  maps,
  pins,
  programs,
  runProgram,
  unload,
} from './bpftool.mjs';

const here = import.meta.dirname;
const objects = readdirSync(here)
  .filter((name) => /^maps\.clang-.*\.o$/.test(name))
  .map((name) => `core/testdata/kernel/${name}`);
const [packet] = JSON.parse(readFileSync(join(here, 'packets.json'), 'utf8'));
const scripts = JSON.parse(readFileSync(join(here, 'maps.scripts.json'), 'utf8'));

/** Types whose contents bpftool dumps by their keys. */
const DUMPED = new Set([
  'array',
  'hash',
  'percpu_array',
  'percpu_hash',
  'lru_hash',
  'lru_percpu_hash',
  'lpm_trie',
  'devmap',
  'devmap_hash',
  'cpumap',
]);

const isZero = (hex) => /^0*$/.test(hex);

/** Entries of a map; of an array the zeros at its end are left out. */
function contents(name) {
  const entries = JSON.parse(bpftool('map', 'dump', 'pinned', `${pins}/maps/${name}`))
    .filter(({ value }) => !value?.error)
    .map(({ key, value, values }) => [
      hexOf(key),
      values ? values.map((one) => hexOf(one.value)) : hexOf(value),
    ]);
  if (name === 'seen') while (entries.length > 0 && isZero(entries.at(-1)[1])) entries.pop();
  return entries;
}

function allContents(programMaps) {
  const all = {};
  for (const name of programMaps) {
    const entries = contents(name);
    if (entries.length > 0) all[name] = entries;
  }
  return all;
}

/** Opens the perf event of CPU 0; answers what stops it and gives the records that were read, hex. */
async function readEvents() {
  const pinned = ['map', 'event_pipe', 'pinned', `${pins}/maps/events`, 'cpu', '0', 'index', '0'];
  const child = spawn('bpftool', ['-j', ...pinned], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  await setTimeout(500);
  return async () => {
    await setTimeout(1500);
    child.kill('SIGINT');
    await once(child, 'close');
    return JSON.parse(said.slice(said.indexOf('['))).map(({ data }) =>
      Buffer.from(data).toString('hex'),
    );
  };
}

const bytes = (hex) => hex.match(/../g);
const answers = [];
for (const object of objects) {
  load(object);
  const names = programs();
  const dumped = maps().filter((name) =>
    DUMPED.has(JSON.parse(bpftool('map', 'show', 'pinned', `${pins}/maps/${name}`)).type),
  );
  for (const program of names) {
    const { entries = [], runs = 1, reader = false, gap = '0' } = scripts[program] ?? {};
    load(object);
    const { type } = JSON.parse(bpftool('prog', 'show', 'pinned', `${pins}/progs/${program}`));
    for (const { map, key, value } of entries.filter((entry) => entry.value !== undefined))
      bpftool(
        'map',
        'update',
        'pinned',
        `${pins}/maps/${map}`,
        'key',
        'hex',
        ...bytes(key),
        'value',
        'hex',
        ...bytes(value),
      );
    const stopReading = reader ? await readEvents() : () => undefined;
    let last;
    for (let i = 0; i < runs; i++) last = runProgram(program, packet.hex);
    // Timers fire.
    await setTimeout(2 * Number(gap) * 1e-6);
    const records = await stopReading();
    answers.push({
      object,
      program,
      type,
      retval: last.retval,
      maps: allContents(dumped),
      records,
    });
  }
}
unload();
writeFileSync(
  join(here, 'maps.answers.json'),
  `{"kernel":"${kernel()}","cpus":${cpus().length},"packet":"${packet.name}","answers":[\n${answers.map((answer) => JSON.stringify(answer)).join(',\n')}\n]}\n`,
);
console.log(`${answers.length} runs of ${objects.length} objects recorded`);
