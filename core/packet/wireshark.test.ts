import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareWithTshark, flatten, type Recorded } from '../testing/tshark.ts';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';

/**
 * Recorded by core/testdata/packets/record.mjs, and the ones behind the first two by `npm run
 * compare:tshark -- --record`.
 */
const FOLDER = join(import.meta.dirname, '../testdata/packets');
const FILES = ['designed', 'mutated', 'random', 'cases', 'built'];

const recorded = (name: string): Recorded[] =>
  JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const packetsOf = (name: string) =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets;

describe('fields that Wireshark and we both know have the same bits, value and checksum', () => {
  test.each([
    ['designed', 1500],
    ['mutated', 1500],
    ['random', 7000],
    ['cases', 500],
    ['built', 8000],
  ])('%s packets', (file, atLeast) => {
    const packets = packetsOf(file);
    const results = recorded(file).map((entry, i) => compareWithTshark(entry, packets[i].bytes));
    const total = (key: 'compared' | 'checksums' | 'excepted') =>
      results.reduce((sum, result) => sum + result[key], 0);
    console.log(
      `${file}: ${results.length} packets, ${total('compared')} fields, ` +
        `${total('checksums')} checksums, ${total('excepted')} exceptions`,
    );
    expect(results.flatMap(({ differs }) => differs)).toEqual([]);
    expect(total('compared')).toBeGreaterThan(atLeast);
  });
});

test('the random packets hold every protocol with a row', () => {
  const names = new Set(
    packetsOf('random').flatMap(({ bytes }) =>
      dissect(bytes, 'ethernet').layers.map(({ name }) => name),
    ),
  );
  expect(names.size).toBeGreaterThan(45);
});

test('every name of a field is one of Wireshark, or a group or rest that has none there', () => {
  const theirs = new Set(
    FILES.slice(0, 2).flatMap((file) =>
      recorded(file).flatMap(({ fields }) => fields.map(([name]) => name)),
    ),
  );
  const used = packetsOf('designed').flatMap(({ bytes }) =>
    flatten(dissect(bytes, 'ethernet').layers),
  );
  const fields = used
    .filter(({ name, editable }) => editable && !theirs.has(name))
    .map(({ name }) => name);
  expect(new Set(fields)).toEqual(new Set(['ip.opt.addr', 'stp.flags.reserved']));
});
