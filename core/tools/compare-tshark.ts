// npm run compare:tshark -- [--count 5000] [--seed 1] [--pcap FILE] [--built] [--record NAME]
// Random packets of every protocol that is dissected, those of a capture, or those that the packet
// builder makes of all headers: every field that tshark and the
// dissection here both know is compared in place and value, and every checksum in verdict. Prints
// what differs, then counts.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCapture } from '../packet/capture/capture.ts';
import { dissect } from '../packet/dissect.ts';
import { fixChecksums } from '../packet/edit.ts';
import { builtPackets } from '../testing/built-packets.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { randomPacket } from '../testing/random-packet.ts';
import { askTshark, compareWithTshark, type Recorded, tsharkVersion } from '../testing/tshark.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    pcap: { type: 'string' },
    built: { type: 'boolean', default: false },
    record: { type: 'string' },
  },
});

/** One packet in ten keeps checksums that are wrong. */
function randomPackets(count: number, seed: number): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const packet = randomPacket(random);
    return random.chance(10) ? packet : fixChecksums(packet);
  });
}

const packets = values.pcap
  ? readCapture(
      values.pcap,
      new Uint8Array(readFileSync(values.pcap)),
      Number.POSITIVE_INFINITY,
    ).packets.map(({ bytes }) => bytes)
  : values.built
    ? builtPackets()
    : randomPackets(Number(values.count), Number(values.seed));
const path = join(mkdtempSync(join(tmpdir(), 'compare-')), 'packets.pcap');
writeFileSync(path, pcapOf(packets.map((bytes) => ({ bytes }))));
const recorded: Recorded[] = askTshark(path);

if (values.record) {
  writeFileSync(`${values.record}.pcap`, pcapOf(packets.map((bytes) => ({ bytes }))));
  writeFileSync(
    `${values.record}.json`,
    `[\n${recorded.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`,
  );
}

interface Sums {
  packets: number;
  fields: number;
}
const protocols = new Map<string, Sums>();
const sumsOf = (name: string): Sums => {
  const sums = protocols.get(name) ?? { packets: 0, fields: 0 };
  protocols.set(name, sums);
  return sums;
};
const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);
const [theirs, ours, kinds] = [
  new Map<string, number>(),
  new Map<string, number>(),
  new Map<string, number>(),
];
let [compared, checksums, excepted] = [0, 0, 0];
let different = 0;
for (const [i, entry] of recorded.entries()) {
  const result = compareWithTshark(entry, packets[i]);
  for (const { name } of dissect(packets[i], 'ethernet').layers) sumsOf(name).packets++;
  for (const [name, fields] of result.byProtocol) sumsOf(name).fields += fields;
  for (const name of result.onlyTheirs) count(theirs, name);
  for (const name of result.onlyOurs) count(ours, name);
  compared += result.compared;
  checksums += result.checksums;
  excepted += result.excepted;
  different += result.differs.length;
  for (const line of result.differs) {
    const kind = line.replace(/^packet \d+: /, '').replace(/ at (bit )?\d+.*/, '');
    count(kinds, kind);
    if ((kinds.get(kind) ?? 0) <= 2) console.log(line);
  }
}

const inOrder = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ') || 'none';
console.log(`\n${tsharkVersion()}`);
for (const [name, sums] of [...protocols].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(
    `${name.padEnd(16)} ${String(sums.packets).padStart(6)} headers ` +
      `${String(sums.fields).padStart(8)} fields compared`,
  );
console.log(`only tshark has: ${inOrder(theirs)}`);
console.log(`only here: ${inOrder(ours)}`);
console.log(`different: ${inOrder(kinds)}`);
const real = [...protocols.keys()].filter((name) => name !== 'data' && name !== 'eth.padding');
console.log(
  `${recorded.length} packets of ${real.length} protocols, ${compared} fields and ` +
    `${checksums} checksums compared, ${excepted} exceptions, ${different} different`,
);
process.exitCode = different > 0 ? 1 : 0;
