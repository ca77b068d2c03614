// npm run fuzz -- [--minutes N] [--seed N]
//     [--target object|dwarf|variables|expression|types|hex|packet|packed|capture|tests|link]
// Feeds changed examples to the decoders that face strangers; what is found lands in
// core/testdata/fuzz and fails the tests.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseElf } from '../object/elf/elf.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { inputsFor } from '../session/inputs.ts';
import { encodeLink } from '../share/container.ts';
import { FUZZ_TARGETS, type FuzzTarget, judge, mutate } from './fuzz-targets.ts';

const root = process.cwd();
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

const filesBelow = (folder: string, pattern: RegExp): Uint8Array[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && statSync(join(root, folder, name)).isFile())
    .map((name) => new Uint8Array(readFileSync(join(root, folder, name))));

/** An expression, and what it is set to. */
const EXPRESSIONS = [
  'flow.ports.source == 443 && words[1] != -5\n1.1.1.1',
  'bpf_ntohs(eth->h_proto) >> 3 | ~ip->ttl\n0x0800 (IPv4)',
  '*(u32 *)(r10 - 8) + packet[30:4] % 7\n[1, 2]',
  '(*usage).last.hops_left\n"text"',
  'ctx->rx_queue_index < step || !dropped\n-1',
];

/** What a test file may say of the firewall of the gallery. */
const TESTS = [
  {
    each: 'fresh',
    maps: [{ map: 'blocked', key: 5, value: { packets: 3, bytes: '0x10' }, cpu: 0 }],
    mapSizes: [{ map: 'blocked', field: 'max_entries', value: 9 }],
    packets: [{ packet: '00 11', expect: { verdict: 'pass', r0: '-1', fault: 'out-of-bounds' } }],
  },
  {
    hook: 'tc',
    program: 'firewall',
    context: { mark: 7 },
    settings: { seed: 5, gap: 1000, task: { pid: 1, tgid: 1, uid: 0, gid: 0, comm: 'x' } },
    packets: [
      { packet: ['0000: 0011', '0002: 22'], expect: { packet: '00', maps: [] } },
      { packet: '', expect: { maps: [{ map: 'blocked', key: '00000005', value: null }] } },
    ],
  },
].map((file) => JSON.stringify({ 'ebpf-playground-test': 1, ...file }));

async function seedsOf(target: FuzzTarget): Promise<Uint8Array[]> {
  const text = (value: string) => new TextEncoder().encode(value);
  switch (target) {
    case 'object':
    case 'dwarf':
      return ['objects', 'core-relocations', 'debug'].flatMap((folder) =>
        filesBelow(`core/testdata/${folder}`, /\.o$/),
      );
    case 'variables':
      return filesBelow('core/testdata/debug', /\.o$/);
    case 'expression':
      return EXPRESSIONS.map(text);
    case 'types':
      return filesBelow('core/testdata/core-relocations', /\.o$/).map(
        (bytes) => parseElf(bytes).sections.find(({ name }) => name === '.BTF')!.data,
      );
    case 'capture':
      return [
        ...filesBelow('core/testdata/packets', /pcap(ng)?$/),
        ...filesBelow('core/testdata/captures', /(pcap|pcapng|snoop)$/),
      ];
    case 'packed':
      return filesBelow('core/testdata/captures', /(gz|zst)$/);
    case 'packet':
      return ['random', 'designed'].flatMap((name) =>
        readCapture(
          name,
          new Uint8Array(readFileSync(join(root, `core/testdata/packets/${name}.pcap`))),
        ).packets.map(({ bytes }) => bytes),
      );
    case 'hex':
      return (
        JSON.parse(readFileSync(join(root, 'core/testdata/packets/dialects.json'), 'utf8')) as {
          text: string;
        }[]
      ).map((row) => text(row.text));
    case 'tests':
      return [
        ...filesBelow('core/testdata/expect', /\.test\.json$/),
        ...filesBelow('public/examples/xdp-firewall', /\.test\.json$/),
        ...TESTS.map(text),
      ];
    case 'link': {
      const objects = filesBelow('public/examples', /\.o$/);
      return Promise.all(
        objects.map(async (bytes) =>
          text(
            await encodeLink({
              inputs: {
                ...inputsFor('x.o', bytes),
                packets: [{ name: 'p', bytes: new Uint8Array(60) }],
              },
              hash: 'h',
            }),
          ),
        ),
      );
    }
  }
}

/** mulberry32: the same inputs for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

async function fuzz(target: FuzzTarget, minutes: number, seed: number): Promise<number> {
  const random = generator(seed);
  const seeds = await seedsOf(target);
  const end = Date.now() + minutes * 60_000;
  const finds = new Map<string, string>();
  let inputs = 0;
  while (Date.now() < end) {
    const pick = () => seeds[Math.floor(random() * seeds.length)];
    const bytes = mutate(pick(), pick(), random);
    inputs += 1;
    const reason = await judge(target, bytes);
    if (reason === undefined) continue;
    const kind = reason.split('\n').slice(0, 2).join(' ');
    if (finds.has(kind)) continue;
    const name = `${target}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
    finds.set(kind, name);
    mkdirSync(join(root, 'core/testdata/fuzz'), { recursive: true });
    writeFileSync(join(root, 'core/testdata/fuzz', name), bytes);
    console.log(`${target}: ${name}: ${reason}`);
  }
  console.log(
    `${target}: ${inputs} inputs in ${minutes} minutes ` +
      `from ${seeds.length} seeds, ${finds.size} finds`,
  );
  return finds.size;
}

const targets = (values.target ? [values.target] : Object.keys(FUZZ_TARGETS)) as FuzzTarget[];
let found = 0;
for (const target of targets)
  found += await fuzz(target, Number(values.minutes), Number(values.seed));
process.exitCode = found > 0 ? 1 : 0;
