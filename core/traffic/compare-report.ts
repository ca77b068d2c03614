import { toHex } from '../bytes/hex.ts';
import { visible } from '../bytes/visible.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { Comparison, Difference, DifferenceKind, MapsParted, Told } from './compare.ts';
import type { Parting, Stand } from './parting.ts';

/** What a comparison was made of, for its heading. */
export interface Compared {
  readonly left: string;
  readonly right: string;
  readonly capture: string;
  /** A packet in words, where its number alone does not say which it is. */
  readonly packetName?: (packet: number) => string;
}

/** Bytes of a packet that went on that are written out. */
const MOST_BYTES = 64;

const KINDS: Readonly<Record<DifferenceKind, string>> = {
  verdict: 'the verdict',
  fault: 'the fault',
  packet: 'the packet that goes on',
  r0: 'r0',
  steps: 'how many instructions ran',
};

/** Text from a file as Markdown shows it, whatever is in it. */
function code(text: string): string {
  const plain = visible(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

const share = (count: number, of: number): string =>
  of === 0 ? '0 %' : `${((100 * count) / of).toFixed(1)} %`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
];

const bytesText = (bytes: Uint8Array): string =>
  `${bytes.length} bytes: ${toHex(bytes.subarray(0, MOST_BYTES))}` +
  (bytes.length > MOST_BYTES ? '…' : '');

const VALUES: Readonly<Record<DifferenceKind, (told: Told) => string>> = {
  verdict: ({ verdict }) => verdict,
  fault: ({ fault }) => fault ?? 'none',
  packet: ({ packetOut }) => bytesText(packetOut),
  r0: ({ r0 }) => (r0 === undefined ? 'none' : `0x${r0.toString(16)}`),
  steps: ({ steps }) => String(steps),
};

const standText = ({ step, pc, text, line, source }: Stand): string =>
  pc === undefined
    ? `${text}, after ${pluralOf(step, 'instruction')}`
    : `${code(source ?? text)} (${line ? `${code(line)}, ` : ''}step ${step}, instruction ${pc}` +
      `${source ? `: ${code(text)}` : ''})`;

function partingLines({ left, right, before, register }: Parting, names: Compared): string[] {
  const behind = before ? ` behind ${standText(before[0])}` : ' at once';
  const how = register === undefined ? '' : `; r${register} holds something else`;
  return [
    `- The runs part${behind}${how}:`,
    `  - ${code(names.left)}: ${standText(left)}`,
    `  - ${code(names.right)}: ${standText(right)}`,
  ];
}

function differenceLines(difference: Difference, names: Compared): string[] {
  const { packet, kinds, left, right, parting } = difference;
  const name = names.packetName?.(packet);
  return [
    '',
    `### Packet ${packet}${name ? `, ${code(name)}` : ''}`,
    '',
    ...table(
      ['', code(names.left), code(names.right)],
      kinds.map((kind) => [KINDS[kind], code(VALUES[kind](left)), code(VALUES[kind](right))]),
    ),
    '',
    ...(parting
      ? partingLines(parting, names)
      : ['- No instruction was found at which the two runs part.']),
  ];
}

function mapLines({ packet, differences }: MapsParted, names: Compared): string[] {
  return [
    '',
    '## Maps',
    '',
    `They part behind packet ${packet}.`,
    '',
    ...table(
      ['map', 'key', code(names.left), code(names.right), 'keys that differ'],
      differences.map(({ map, problem, key, left, right, count, isCut }) => [
        code(map),
        key === undefined ? '' : code(key),
        problem ? code(problem) : code(left ?? 'none'),
        problem ? '' : code(right ?? 'none'),
        problem ? '' : `${count}${isCut ? ', of those looked at' : ''}`,
      ]),
    ),
  ];
}

/** What a comparison has found, as Markdown, a line each. */
export function comparisonReport(comparison: Comparison, names: Compared): string[] {
  const { packets, differing, kinds, verdicts, differences, maps } = comparison;
  const rows = verdicts.inOrder.map(({ key, first, count }) => [
    ...(key ?? ['others', '']).map((name) => (name === '' ? '' : code(name))),
    String(count),
    share(count, packets),
    String(first),
    key !== undefined && key[0] === key[1] ? '' : 'differ',
  ]);
  return [
    `# ${code(names.left)} and ${code(names.right)}`,
    '',
    `${pluralOf(packets, 'packet')} of ${code(names.capture)}: they differ on ${differing} ` +
      `(${share(differing, packets)})${maps ? ', and in their maps' : ''}.`,
    ...[...kinds].map(([kind, count]) => `- In ${KINDS[kind]}: ${pluralOf(count, 'packet')}.`),
    '',
    '## Verdicts',
    '',
    ...table([code(names.left), code(names.right), 'packets', 'share', 'first', ''], rows),
    ...(differences.length > 0 ? ['', '## Packets on which they differ'] : []),
    ...(differing > differences.length
      ? ['', `The first ${differences.length} of ${differing}.`]
      : []),
    ...differences.flatMap((difference) => differenceLines(difference, names)),
    ...(maps ? mapLines(maps, names) : []),
  ];
}
