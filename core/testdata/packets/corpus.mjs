#!/usr/bin/env node
// A corpus of pasted packets: packets through the tools that print them and through what happens to text on its way,
// read back. Prints a table: read right, offered, read in part with a word, refused by reason, and wrong without a word.
// Needs xxd, hexdump, od, base64, tcpdump, tshark, gdb, gcc, objcopy, perl, python3 with scapy. `npm run corpus:text`.
// --record N writes a sample of N texts to corpus.json, which text/corpus.test.ts reads back.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { designed, mutated, pcap, random } from './make.mjs';

const { decodeText, readPacketText } = await import(
  join(process.cwd(), 'node_modules/.cache/tools/packet-text.mjs')
);
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
const file = join(folder, 'packet');
const seed = Number(process.argv[process.argv.indexOf('--seed') + 1]) || 2026;
const next = random(process.argv.includes('--seed') ? seed : 2026);
const toHex = (bytes) => Buffer.from(bytes).toString('hex');
const fill = (size, byte) => Array.from({ length: size }, byte);
const letters = (count, alphabet) => fill(count, () => alphabet.charCodeAt(next(alphabet.length)));

const UDP = designed.UDP.slice(0, 42);
/** A UDP header whose lengths fit what is behind it; its checksums are left out. */
function withData(data, mac) {
  const bytes = [...UDP, ...data];
  const ip = 20 + 8 + data.length;
  bytes.splice(16, 2, ip >> 8, ip & 255);
  bytes.splice(38, 4, (ip - 20) >> 8, (ip - 20) & 255, 0, 0);
  bytes.splice(24, 2, 0, 0);
  let sum = 0;
  for (let i = 14; i < 34; i += 2) sum += bytes[i] * 256 + bytes[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  bytes.splice(24, 2, (~sum >> 8) & 255, ~sum & 255);
  if (mac) bytes.splice(0, 6, ...mac);
  return bytes;
}
const PACKETS = {
  ...Object.fromEntries(Object.entries(designed).filter((_, i) => i % 4 === 0)),
  'ARP reply': designed['ARP reply'],
  'IPv6 TCP': designed['IPv6 TCP'],
  'TCP data with timestamps': designed['TCP data with timestamps'],
  zeros: withData(fill(150, () => 0)),
  'hex-looking text': withData(letters(75, '0123456789abcdef')),
  'groups that look like hex': withData(letters(90, '0123456789abcdef  ')),
  'bars and stars': withData(letters(61, '|><*. ab')),
  'quotes and backslashes': withData(letters(40, '\\\'"/#%&{}[]()<>;:,')),
  random: withData(fill(200, () => next(256))),
  '0x60 address': withData(letters(20, 'pq'), [0x60, 0x45, 0xbd, 0x12, 0, 0x14]),
  '0x4c address': withData(letters(33, 'pq'), [0x4c, 0x5e, 0x0c, 0xaa, 0, 1]),
  LLDP: Buffer.from('0180c200000e02000000000188cc0207040200000000010403070169060200780000', 'hex'),
  STP: Buffer.from(
    '0180c20000000200000000010026424203000000000080000200000000010000000080000200000000018001000014000200 0f000000000000000000'.replace(
      ' ',
      '',
    ),
    'hex',
  ),
};

const run = (command, args, options = {}) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
    ...options,
  });

const FILTERS = [
  ...[
    [],
    ['-u'],
    ['-g', '1'],
    ['-g', '4'],
    ['-g', '0'],
    ['-c', '8'],
    ['-c', '32'],
    ['-c', '7', '-g', '1'],
    ['-e'],
    ['-e', '-g', '2'],
    ['-b'],
    ['-d'],
    ['-p'],
    ['-p', '-c', '0'],
    ['-p', '-c', '17'],
    ['-i', 'packet'],
    ['-C', '-i', 'packet'],
    ['-o', '4096'],
  ].map((args) => ['xxd', args]),
  ...[
    ['-C'],
    ['-v', '-C'],
    [],
    ['-v'],
    ['-b'],
    ['-c'],
    ['-d'],
    ['-o'],
    ['-x'],
    ['-v', '-e', '1/1 "%02x "'],
    ['-v', '-e', '1/1 "%02x:"'],
    ['-v', '-e', '"%08.8_ax  " 16/1 "%02x " "\\n"'],
  ].map((args) => ['hexdump', args]),
  ...['x1', 'x2', 'x4', 'x8', 'o1', 'o2', 'd1', 'u1', 'u2', 'c', 'x1z'].flatMap((type) => [
    ['od', ['-t', type]],
    ['od', ['-A', 'x', '-v', '-t', type]],
    ['od', ['-A', 'd', '-t', type]],
  ]),
  ['od', ['-A', 'n', '-v', '-t', 'x1']],
  ['od', ['-A', 'n', '-v', '-t', 'u1']],
  ['od', ['-A', 'n', '-v', '-t', 'o1']],
  ['od', ['-a']],
  ['base64', []],
  ['base64', ['-w', '0']],
  ['perl', ['-0777', '-ne', 'print unpack("H*", $_), "\\n"']],
  ['perl', ['-0777', '-ne', 'print join(" ", map { sprintf "%02X", ord } split //), "\\n"']],
];

const texts = [];
const add = (tool, title, text, packets, from = 0) =>
  texts.push({ tool, title, text, packets: packets.map(toHex), from });

function ofOnePacket(title, bytes) {
  writeFileSync(file, bytes);
  for (const [command, args] of FILTERS) {
    add(
      [command, ...args].join(' '),
      title,
      run(command, args, args.includes('packet') ? {} : { input: bytes }),
      [bytes],
    );
  }
  for (const format of ['ihex', 'srec']) {
    run('objcopy', ['-I', 'binary', '-O', format, 'packet', 'records']);
    add(`objcopy -O ${format}`, title, readFileSync(join(folder, 'records'), 'utf8'), [bytes]);
  }
  for (const [tool, text] of JSON.parse(
    run('/usr/bin/python3', [join(here, 'corpus-print.py')], { input: toHex(bytes) }),
  ))
    add(tool, title, text, [bytes]);
}

function ofGdb(title, bytes) {
  const list = [...bytes].join(',');
  writeFileSync(
    join(folder, 'p.c'),
    `unsigned char pkt[${bytes.length}] = {${list}};\nint main(void) { return pkt[0]; }\n`,
  );
  run('gcc', ['-g', '-o', 'p', 'p.c']);
  const gdb = (command) =>
    run('gdb', [
      '-batch',
      '-nx',
      '-ex',
      'set print elements 0',
      ...command.flatMap((one) => ['-ex', one]),
      'p',
    ]);
  const words = bytes.length % 4 === 0 ? [['x/xw', `x/${bytes.length / 4}xw &pkt`]] : [];
  for (const [name, command] of [
    ['x/xb', `x/${bytes.length}xb &pkt`],
    ['x/ub', `x/${bytes.length}ub &pkt`],
    ['print', 'print pkt'],
    ['print/x', 'print/x pkt'],
    ['print/d', 'print/d pkt'],
    ...words,
  ])
    add(`gdb ${name}`, title, gdb([command]), [bytes]);
}

function withoutTags(bytes) {
  let copy = Buffer.from(bytes);
  while ([0x8100, 0x88a8].includes(copy.readUInt16BE(12)))
    copy = Buffer.concat([copy.subarray(0, 12), copy.subarray(16)]);
  return copy;
}

function ofCaptures(titles) {
  const all = titles.map((title) => PACKETS[title]);
  const capture = join(folder, 'all.pcap');
  writeFileSync(capture, pcap(all));
  const title = titles.join(', ');
  for (const option of ['-x', '-X', '-xx', '-XX'])
    for (const more of [
      ['-n'],
      ['-n', '-e', '-v'],
      ['-n', '-q', '-t'],
      ['-nn', '-tttt'],
      ['-n', '-#'],
    ])
      add(
        `tcpdump ${[...more, option].join(' ')}`,
        title,
        run('tcpdump', ['-r', capture, ...more, option]),
        // Tags go with the link header, and only -e names them.
        option.length === 2 && !more.includes('-e') ? all.map(withoutTags) : all,
        option.length === 2 ? 12 : 0,
      );
  if (titles.length === 1) return;
  for (const args of [
    ['-x'],
    ['-x', '-P'],
    ['-x', '-V'],
    ['-T', 'jsonraw', '-x'],
    ['-T', 'json', '-x'],
    ['-T', 'ek', '-x'],
  ])
    add(`tshark ${args.join(' ')}`, title, run('tshark', ['-r', capture, ...args]), all);
  run('tshark', ['-r', capture, '-F', 'k12text', '-w', 'all.k12']);
  add('tshark -F k12text', title, readFileSync(join(folder, 'all.k12'), 'utf8'), all);
  add('hex streams in lines', title, all.map(toHex).join('\n'), all);
}

const titles = Object.keys(PACKETS);
function printAll() {
  for (const title of titles) ofOnePacket(title, Buffer.from(PACKETS[title]));
  for (const [title, bytes] of Object.entries(mutated(seed, 1)).slice(0, 12))
    ofOnePacket(title, Buffer.from(bytes));
  for (const title of titles.slice(0, 12)) ofGdb(title, Buffer.from(PACKETS[title]));
  const framed = titles.filter((title) => title !== 'random');
  for (let i = 0; i < framed.length; i++) ofCaptures([framed[i]]);
  for (let i = 0; i + 4 < framed.length; i += 2) ofCaptures(framed.slice(i, i + 4));
}

// Printing takes minutes: --cache FILE keeps what the tools printed.
const cache = process.argv.includes('--cache')
  ? process.argv[process.argv.indexOf('--cache') + 1]
  : undefined;
if (cache && existsSync(cache)) texts.push(...JSON.parse(readFileSync(cache, 'utf8')));
else printAll();
if (cache && !existsSync(cache)) writeFileSync(cache, JSON.stringify(texts));

/** What happens to text between a terminal and a paste: to a text with the same bytes, or to a part of it. */
const MANGLES = {
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'mail quoting': (text) => text.replace(/^/gm, '> '),
  'UTF-16': (text) =>
    decodeText(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])),
  'white space collapsed': (text) => text.replace(/[ \t]+/g, ' ').replace(/^ | $/gm, ''),
  'syslog prefix': (text) => text.replace(/^(?=.)/gm, 'Jan  2 03:04:05 host app[123]: '),
  'line numbers': (text) =>
    text
      .split('\n')
      .map((line, i) => `${String(i + 1).padStart(6)}\t${line}`)
      .join('\n'),
  indented: (text) => text.replace(/^(?=.)/gm, '      '),
  'trailing spaces': (text) => text.replace(/$/gm, '   '),
  'spaces trimmed': (text) => text.replace(/[ \t]+$/gm, ''),
  'code fence': (text) => `Here is what I see:\n\n\`\`\`text\n${text}\n\`\`\`\n`,
  'no-break spaces': (text) => text.replaceAll(' ', '\u00a0'),
  colours: (text) => text.replace(/^(.*)$/gm, '\u001b[32m$1\u001b[0m'),
  'first line lost': (text) => text.slice(text.indexOf('\n') + 1),
  'last line lost': (text) =>
    text.trimEnd().slice(0, Math.max(0, text.trimEnd().lastIndexOf('\n'))),
  'a line lost': (text) =>
    text
      .split('\n')
      .toSpliced(Math.floor(text.split('\n').length / 2), 1)
      .join('\n'),
  twice: (text) => `${text.trimEnd()}\n\n${text}`,
};
const PARTIAL = /lost/;
/** Mangles that change what a text says: a list in a list, columns that are the bytes. */
const KEPT = (tool, mangle) =>
  !(/collapsed|trimmed/.test(mangle) && / c$|^hexdump -c|repr|latin|raw$/.test(tool)) &&
  !(mangle === 'no-break spaces' && / c$|-c$|z$|-[CX]|xxd|repr|latin|raw$/.test(tool));

const originals = texts.length;
for (let i = 0; i < originals; i++) {
  const entry = texts[i];
  const names = Object.keys(MANGLES);
  for (const name of [names[i % names.length], names[(i * 7 + 3) % names.length]]) {
    if (!KEPT(entry.tool, name)) continue;
    const text = MANGLES[name](entry.text);
    // A few letters that are left of a text are no paste.
    if (text.trim().length < 8 || (PARTIAL.test(name) && !entry.text.trim().includes('\n')))
      continue;
    texts.push({
      ...entry,
      mangle: name,
      text,
      packets: name === 'twice' ? [...entry.packets, ...entry.packets] : entry.packets,
    });
  }
}

const hexOf = (packets, from) => packets.map(({ bytes }) => toHex(bytes).slice(2 * from)).join(' ');
/** Whether bytes that were read are a piece of what the packets have, in order: what is true of a text that lost a line. */
function isPart(read, packets, from, mangle, tool) {
  return read.every(({ bytes }) => {
    const hex = toHex(bytes.subarray(from ? 14 : 0));
    return packets.some(
      (packet) =>
        packet.includes(hex) ||
        (mangle === 'a line lost' && WITHOUT_OFFSETS.test(tool) && isWithout(hex, packet)),
    );
  });
}
/** Nothing in these tells that a line in the middle is missing: what is there is read. */
const WITHOUT_OFFSETS =
  /^xxd.* -p|^xxd.* -i|-A n|-e 1\/1|encodebytes|^base64|c array|nasm|gas|dump none|hex streams|gdb print|objcopy|scapy linehex|rust|latin/;
/** Whether leaving out one piece of the right bytes gives these. */
function isWithout(hex, packet) {
  let start = 0;
  while (start < hex.length && hex[start] === packet[start]) start++;
  return packet.endsWith(hex.slice(start)) && hex.length < packet.length;
}
const SAID = /missing|cut off|Nothing tells|stand for something/;

function judge({ tool, text, packets, from, mangle }) {
  let read;
  try {
    read = readPacketText(text);
  } catch (error) {
    return error.constructor.name === 'InputError'
      ? { is: 'refused', reason: error.message }
      : { is: 'wrong', reason: `threw ${error.stack}` };
  }
  const right = packets.map((packet) => packet.slice(2 * from)).join(' ');
  if (hexOf(read.packets, from) === right) return { is: 'right' };
  if (read.alternatives.some((other) => hexOf(other.packets, from) === right))
    return { is: 'offered' };
  const readings = [read.packets, ...read.alternatives.map((other) => other.packets)];
  if (
    PARTIAL.test(mangle ?? '') &&
    (SAID.test(read.notes.join(' ')) ||
      readings.some((one) => isPart(one, packets, from, mangle, tool)))
  )
    return { is: 'part' };
  return {
    is: 'wrong',
    reason: `read as ${read.dialect}: ${hexOf(read.packets, from).slice(0, 200)}`,
    notes: read.notes,
  };
}

const table = new Map();
const reasons = new Map();
const wrong = [];
const judged = texts.map((entry) => {
  const verdict = judge(entry);
  const row = table.get(entry.tool) ?? { right: 0, offered: 0, part: 0, refused: 0, wrong: 0 };
  row[verdict.is]++;
  table.set(entry.tool, row);
  if (verdict.is === 'wrong') wrong.push({ entry, verdict });
  if (verdict.is === 'refused') {
    const reason = `${entry.mangle && PARTIAL.test(entry.mangle) ? 'a line lost: ' : ''}${verdict.reason
      .replace(/\d+/g, 'N')
      .replace(/"[^"]*"/g, '"…"')
      .replace(/offset \S+ does not follow \S+/, 'offset … does not follow …')}`;
    reasons.set(reason, [
      ...(reasons.get(reason) ?? []),
      `${entry.tool}${entry.mangle ? `, ${entry.mangle}` : ''}`,
    ]);
  }
  return verdict;
});
const sum = (key) => [...table.values()].reduce((all, row) => all + row[key], 0);
const columns = ['right', 'offered', 'part', 'refused', 'wrong'];
console.log(`${'tool'.padEnd(44)}${columns.map((name) => name.padStart(9)).join('')}`);
for (const [tool, row] of table)
  console.log(
    `${tool.slice(0, 43).padEnd(44)}${columns.map((name) => String(row[name]).padStart(9)).join('')}`,
  );
console.log(
  `${`${texts.length} texts`.padEnd(44)}${columns.map((name) => String(sum(name)).padStart(9)).join('')}`,
);
console.log('\nrefused, by reason:');
for (const [reason, tools] of [...reasons]
  .sort((one, other) => other[1].length - one[1].length)
  .slice(0, 40))
  console.log(
    `${String(tools.length).padStart(6)}  ${reason.slice(0, 130)}  (${[...new Set(tools)].slice(0, 3).join('; ')})`,
  );
const show = Number(process.argv[process.argv.indexOf('--show') + 1]) || 20;
for (const { entry, verdict } of wrong.slice(0, show))
  console.log(
    `\nWRONG ${entry.tool}, ${entry.mangle ?? 'as it is'}, ${entry.title}\n${entry.text.slice(0, 500)}\n  ${verdict.reason}\n  right: ${entry.packets
      .map((packet) => packet.slice(2 * entry.from))
      .join(' ')
      .slice(0, 200)}\n  ${(verdict.notes ?? []).join(' / ')}`,
  );

if (process.argv.includes('--record')) {
  const count = Number(process.argv[process.argv.indexOf('--record') + 1]) || 400;
  const some = texts.filter((entry, i) => judged[i].is === 'right' && entry.text.length < 1500);
  const step = some.length / Math.min(count, some.length);
  const sample = Array.from(
    { length: Math.min(count, some.length) },
    (_, i) => some[Math.floor(i * step)],
  );
  writeFileSync(
    join(here, 'corpus.json'),
    `[\n${sample.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`,
  );
}
process.exitCode = wrong.length > 0 ? 1 : 0;
