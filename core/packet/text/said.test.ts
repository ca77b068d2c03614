import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { fingerprint } from '../../session/outcome.ts';
import { Random } from '../../testing/random.ts';
import type { Packet } from '../types.ts';
import { decodeText } from './normal.ts';
import { readPacketText } from './text.ts';

const FOLDER = join(import.meta.dirname, '../../testdata/packets');

interface Given {
  readonly name: string;
  readonly text: string;
}
const recorded = (file: string): Given[] =>
  (
    JSON.parse(readFileSync(join(FOLDER, `${file}.json`), 'utf8')) as {
      tool: string;
      title: string;
      text: string;
    }[]
  ).map(({ tool, title, text }) => ({ name: `${tool}, ${title}`, text }));

const cases = (): Given[] =>
  readdirSync(join(FOLDER, 'text')).flatMap((folder) =>
    readdirSync(join(FOLDER, 'text', folder))
      .filter((file) => !file.endsWith('.json'))
      .map((file) => ({
        name: `${folder}/${file}`,
        text: decodeText(new Uint8Array(readFileSync(join(FOLDER, 'text', folder, file)))) ?? '',
      })),
  );

/** Ways in which texts come damaged: part of one, a line less or twice, a line of prose, a typo. */
const DAMAGE: readonly ((lines: string[], random: Random) => string[])[] = [
  (lines, random) => lines.slice(random.below(lines.length)),
  (lines, random) => lines.slice(0, 1 + random.below(lines.length)),
  (lines, random) => lines.toSpliced(random.below(lines.length), 1),
  (lines, random) => {
    const at = random.below(lines.length);
    return lines.toSpliced(at, 0, lines[at]);
  },
  (lines, random) => lines.toSpliced(random.below(lines.length), 0, 'and then it said: no route'),
  (lines, random) => {
    const at = random.below(lines.length);
    const column = random.below(lines[at].length + 1);
    return lines.with(at, `${lines[at].slice(0, column)}z${lines[at].slice(column + 1)}`);
  },
  (lines, random) => {
    const at = random.below(lines.length);
    const column = random.below(lines[at].length + 1);
    return lines.with(at, lines[at].slice(0, column) + lines[at].slice(column + 1));
  },
  (lines) => [...lines, ...lines],
  (lines, random) => lines.map((line) => line.slice(0, 20 + random.below(60))),
];

const bytesOf = (packets: readonly Packet[]): string =>
  `${packets.map(({ bytes }) => bytes.length).join('+')} ${fingerprint(
    packets.map(({ bytes }) => toHex(bytes)).join(),
  ).slice(0, 6)}`;

/** How a text is read, and all that is said of it; or why it is not. */
function said(text: string): string {
  try {
    const { packets, dialect, notes, alternatives } = readPacketText(text);
    const others = alternatives.map(
      (one) => `${one.dialect} "${one.label}" ${bytesOf(one.packets)}`,
    );
    return [`${dialect} ${bytesOf(packets)}`, ...notes, ...others.map((one) => `or ${one}`)].join(
      ' | ',
    );
  } catch (error) {
    if (error instanceof InputError) return `refused, ${error.place}: ${error.reason}`;
    throw error;
  }
}

/**
 * That texts of tools are read to the packets they were made of is compared elsewhere; this keeps
 * what is said of the way they were read, and how damaged ones are. The golden file was read when
 * it was made.
 */
test('what is said of texts, and of damaged ones', async () => {
  const random = new Random(11);
  const lines = [...recorded('dialects'), ...recorded('corpus'), ...cases()].flatMap(
    ({ name, text }, i) => {
      const damaged = DAMAGE[i % DAMAGE.length](text.split('\n'), random).join('\n');
      return [`${name}: ${said(text)}`, `${name}, damaged: ${said(damaged)}`];
    },
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'said.txt'));
});

/** Texts that are damaged in every way: short ones, of which all is read in little time. */
const SHORT = 1500;

test('texts damaged in every way, as fingerprints', async () => {
  const random = new Random(13);
  const lines = [...recorded('dialects'), ...recorded('corpus'), ...cases()]
    .filter(({ text }) => text.length <= SHORT)
    .map(({ name, text }) => {
      const marks = DAMAGE.map((damage) =>
        fingerprint(said(damage(text.split('\n'), random).join('\n'))).slice(0, 4),
      );
      return `${name}: ${marks.join(' ')}`;
    });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'damaged.txt'));
});
