// Records what `bpftool map dump` says of the maps of dumps.c and of maps of maps, to dumps.answers.json:
//   node core/testdata/kernel/record-dumps.mjs        (root, bpftool, a bpf file system at /sys/fs/bpf)
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { bpftool, load, maps, pins, runProgram, unload } from './bpftool.mjs';

const here = import.meta.dirname;
const [packet] = JSON.parse(readFileSync(join(here, 'packets.json'), 'utf8'));
load('core/testdata/kernel/dumps.o');
runProgram('fill', packet.hex);
const dumps = Object.fromEntries(
  maps().map((name) => [name, bpftool('map', 'dump', 'pinned', `${pins}/maps/${name}`).trim()]),
);
unload();
writeFileSync(
  join(here, 'dumps.answers.json'),
  `${JSON.stringify({ cpus: cpus().length, packet: packet.hex, dumps }, null, 1)}\n`,
);
console.log(`${Object.keys(dumps).length} maps dumped`);
