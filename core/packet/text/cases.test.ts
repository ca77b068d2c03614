import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { decodeText } from './normal.ts';
import { readPacketText } from './text.ts';

/**
 * Texts that were misread or refused, with the bytes they hold; those without have no right bytes
 * and are refused.
 */
const FOLDER = join(import.meta.dirname, '../../testdata/packets/text');
const CASES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What is read of a text that is not whole says so. */
const WARNED = new Map([
  ['s06-offsets-read-as-bytes/input11.txt', /what is in front of it is missing/],
]);

describe.each(CASES)('%s', (name) => {
  const folder = join(FOLDER, name);
  const inputs = readdirSync(folder).filter((file) => /^(?:input|utf)/.test(file));
  test.each(inputs)('%s', (file) => {
    const text = decodeText(new Uint8Array(readFileSync(join(folder, file))))!;
    const right = join(folder, file.replace('input', 'expected').replace('.txt', '.hex'));
    if (!existsSync(right) || name.startsWith('s18')) {
      expect(() => readPacketText(text)).toThrow(InputError);
      return;
    }
    const read = readPacketText(text);
    if (WARNED.has(`${name}/${file}`))
      expect(read.notes.join(' ')).toMatch(WARNED.get(`${name}/${file}`)!);
    expect(read.packets.map(({ bytes }) => toHex(bytes))).toEqual(
      readFileSync(right, 'utf8').trim().split(/\s+/),
    );
  });
});
