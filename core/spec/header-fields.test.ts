import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIELDS, type HeaderField } from './header-fields.ts';
import { PROTOCOLS } from './layers.ts';

const GOLDEN = join(import.meta.dirname, '../testdata/packets/fields.txt');

/** A row as a line: name, label, bits and kind, what else it says, names of its values. */
function line({ name, label, bits, kind, names, parts, ...more }: HeaderField): string {
  const rest = Object.entries(more).map(([key, value]) => `${key}=${value}`);
  const inside = parts?.map((part) => part.name).join(' ');
  const values = names && [...names].map(([value, word]) => `${value} ${word}`).join(', ');
  return [
    name,
    label,
    `${bits} ${kind}`,
    ...rest,
    ...(inside ? [`(${inside})`] : []),
    ...(values ? [`{${values}}`] : []),
  ].join(' | ');
}

/**
 * The golden file was read line by line beside `tshark -G values` (4.0): 667 numbers with names, of
 * which Wireshark has 303 in the same words, 306 in words of the same meaning, and 58 in no table.
 */
test('every field has the label, size, kind and names of values that it is kept with', async () => {
  expect(Object.keys(PROTOCOLS).length).toBeGreaterThan(50);
  await expect(`${[...FIELDS.values()].map(line).sort().join('\n')}\n`).toMatchFileSnapshot(GOLDEN);
});
