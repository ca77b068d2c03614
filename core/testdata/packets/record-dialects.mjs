#!/usr/bin/env node
// Records what tools print of packets: dialects.json has the text, and the bytes that reading it back must give.
// Needs xxd, hexdump, od, base64, tcpdump, tshark. Run from this folder: node record-dialects.mjs
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { designed, pcap, random } from './make.mjs';

const folder = mkdtempSync(join(tmpdir(), 'dialects-'));
const file = join(folder, 'packet');
const run = (command, args, stdin = 'ignore') =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: [stdin, 'pipe', 'ignore'] });
const toHex = (bytes) => Buffer.from(bytes).toString('hex');

/** Tool, its arguments, the dialect that is recognised. */
const FILTERS = [
  ['xxd', [], 'xxd'],
  ['xxd', ['-g', '1'], 'xxd'],
  ['xxd', ['-g', '4', '-u'], 'xxd'],
  ['xxd', ['-g', '0'], 'xxd'],
  ['xxd', ['-c', '32'], 'xxd'],
  ['xxd', ['-c', '7', '-g', '1'], 'xxd'],
  ['xxd', ['-e'], 'xxd -e'],
  ['xxd', ['-p'], 'hex stream'],
  ['xxd', ['-p', '-c', '0'], 'hex stream'],
  ['xxd', ['-i', 'packet'], 'C array'],
  ['hexdump', ['-C'], 'hexdump -C'],
  ['hexdump', ['-v', '-C'], 'hexdump -C'],
  ['hexdump', [], 'hexdump'],
  ['hexdump', ['-v', '-e', '1/1 "%02x:"'], 'plain hex'],
  ['od', ['-A', 'x', '-t', 'x1'], 'od -t x1'],
  ['od', ['-A', 'd', '-t', 'x1'], 'od -t x1'],
  ['od', ['-t', 'x1'], 'od -t x1'],
  ['od', ['-A', 'x', '-t', 'x1z'], 'od -t x1'],
  ['od', ['-A', 'n', '-v', '-t', 'x1'], 'plain hex'],
  ['od', ['-x'], 'od -x'],
  ['base64', [], 'base64'],
  ['base64', ['-w', '0'], 'base64'],
  ['python3', ['-c', 'import sys; print(repr(sys.stdin.buffer.read()))'], 'Python bytes'],
  ['python3', ['-c', 'import sys; print(list(sys.stdin.buffer.read()))'], 'array'],
  [
    'python3',
    [
      '-c',
      'import sys; print("char p[] = \\"" + "".join(f"\\\\x{b:02x}" for b in sys.stdin.buffer.read()) + "\\";")',
    ],
    'string with \\x escapes',
  ],
];

const next = random(77);
const letters = (count, alphabet) =>
  Array.from({ length: count }, () => alphabet.charCodeAt(next(alphabet.length)));
const contents = {
  ...designed,
  'text that looks like hex': [...designed.UDP.slice(0, 42), ...letters(75, '0123456789abcdef')],
  'text that looks like groups of hex': [
    ...designed.UDP.slice(0, 42),
    ...letters(90, '0123456789abcdef  '),
  ],
  'text with bars and stars': [...designed.UDP.slice(0, 42), ...letters(61, '|><*. ab')],
  'long runs of zeros': [
    ...designed.UDP.slice(0, 42),
    ...Array(99).fill(0),
    1,
    ...Array(160).fill(0),
  ],
  'only zeros behind': [...designed.UDP.slice(0, 42), ...Array(70).fill(0)],
  'random bytes': Array.from({ length: 200 }, () => next(256)),
  '14 bytes': Array.from({ length: 14 }, () => next(256)),
  'an odd number of bytes': Array.from({ length: 61 }, () => next(256)),
};
const TITLES = [
  'TCP SYN to 1.1.1.1',
  'TCP data with timestamps',
  'ARP request',
  'IPv6 UDP',
  ...Object.keys(contents).slice(Object.keys(designed).length),
];

const entries = [];
for (const title of TITLES) {
  const bytes = Buffer.from(contents[title]);
  writeFileSync(file, bytes);
  for (const [command, args, dialect] of FILTERS) {
    // Without a letter in it, nobody can tell this dump from one of words in order.
    if (args[0] === '-e' && title === 'ARP request') continue;
    const stdin = openSync(file);
    const text = run(command, args, stdin);
    closeSync(stdin);
    entries.push({
      tool: [command, ...args].join(' '),
      title,
      dialect,
      text,
      packets: [toHex(bytes)],
    });
  }
}

/** tcpdump and tshark print all packets of a capture. */
const frames = [
  'TCP SYN to 1.1.1.1',
  'TCP data with timestamps',
  'UDP',
  'ICMP echo request',
  'ARP reply',
  'IPv6 TCP',
  'ICMPv6 neighbor solicitation',
  'text that looks like hex',
  'text that looks like groups of hex',
  'IPv4 with a wrong checksum',
  'later fragment',
];
const all = frames.map((title) => contents[title]);
const capture = join(folder, 'all.pcap');
writeFileSync(capture, pcap(all));
for (const option of ['-x', '-X', '-xx', '-XX']) {
  for (const more of [['-n'], ['-n', '-e', '-v'], ['-n', '-q', '-t']]) {
    const text = run('tcpdump', ['-r', capture, ...more, option]);
    // Without its Ethernet header, a frame gets one with other addresses.
    const packets = all.map((bytes) => toHex(option.length === 2 ? bytes.slice(12) : bytes));
    entries.push({
      tool: `tcpdump ${more.join(' ')} ${option}`,
      title: 'a capture',
      dialect: `tcpdump ${option}`,
      text,
      packets,
    });
  }
}
for (const args of [['-x'], ['-x', '-P'], ['-x', '-V']]) {
  const text = run('tshark', ['-r', capture, ...args]);
  entries.push({
    tool: `tshark ${args.join(' ')}`,
    title: 'a capture',
    dialect: 'Wireshark hex dump',
    text,
    packets: all.map(toHex),
  });
}
writeFileSync(
  'dialects.json',
  `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`,
);
console.log(`${entries.length} texts`);
