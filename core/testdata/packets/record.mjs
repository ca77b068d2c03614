#!/usr/bin/env node
// Writes the packets of make.mjs as captures and records what Wireshark's dissectors say about each field.
// Needs tshark and editcap. Run from this folder: node record.mjs
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { designed, mutated, pcap } from './make.mjs';

const OPTIONS = [
  ...'ip.check_checksum tcp.check_checksum udp.check_checksum'
    .split(' ')
    .flatMap((name) => ['-o', `${name}:TRUE`]),
  ...'ip.defragment ipv6.defragment tcp.relative_sequence_numbers tcp.analyze_sequence_numbers tcp.desegment_tcp_streams'
    .split(' ')
    .flatMap((name) => ['-o', `${name}:FALSE`]),
];
const run = (command, args) =>
  execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Bit mask of each field: PDML does not say which bits of its bytes a field takes. */
const masks = new Map(
  run('tshark', ['-G', 'fields'])
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([kind]) => kind === 'F')
    .map(([, , name, , , , mask]) => [name, BigInt(mask || '0x0')]),
);

/** First bit in the packet and number of bits. */
function bitsOf(name, position, size) {
  const mask = masks.get(name) ?? 0n;
  if (mask === 0n) return [position * 8, size * 8];
  const digits = mask.toString(2);
  const count = digits.lastIndexOf('1') - digits.indexOf('1') + 1;
  // TCP's flags are masked as 12 bits, though some of them are said to take one byte.
  const width = Math.max(size * 8, Math.ceil(digits.length / 8) * 8);
  return [position * 8 + width - digits.length, count];
}

const decode = (text) =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');

/** Fields of a packet as [name, first bit, bits, value]. */
function fieldsOf(xml) {
  const fields = [];
  for (const [, attributes] of xml.matchAll(/<field ([^>]*?)\/?>/g)) {
    const get = (key) => decode(new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    const [name, size] = [get('name'), Number(get('size'))];
    const status = name.endsWith('.checksum.status');
    if (
      !status &&
      (size === 0 ||
        /^(frame|fake-field-wrapper|_ws)\b/.test(name) ||
        name === '' ||
        name === 'data')
    )
      continue;
    fields.push([name, ...bitsOf(name, Number(get('pos')), size), get('show')]);
  }
  return fields;
}

function record(file, packets) {
  writeFileSync(`${file}.pcap`, pcap(Object.values(packets)));
  const xml = run('tshark', ['-r', `${file}.pcap`, '-T', 'pdml', ...OPTIONS]);
  const parts = xml.split('<packet>').slice(1);
  const lines = Object.keys(packets).map((title, i) =>
    JSON.stringify({
      title,
      fields: fieldsOf(parts[i].slice(parts[i].indexOf('<proto name="eth"'))),
    }),
  );
  writeFileSync(`${file}.json`, `[\n${lines.join(',\n')}\n]\n`);
}

record('designed', designed);
record('mutated', mutated(20_240_229, 3));
for (const format of ['nsecpcap', 'pcapng'])
  run('editcap', ['-F', format, '-s', '50', '-r', 'designed.pcap', `three.${format}`, '1-3']);
writeFileSync(
  'tool.json',
  `${JSON.stringify({ tshark: run('tshark', ['--version']).split('\n')[0] })}\n`,
);
