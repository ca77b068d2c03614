import { expect, test } from 'vitest';
import { openExample } from '../testing/examples.ts';
import { linePlaces } from './line-places.ts';

test('where lines begin is worked out once for some code, and is of that code', () => {
  const [one, other] = ['seed-filter', 'xdp-firewall'].map(
    (name) => openExample(name).machine!.code,
  );
  const places = linePlaces(one);
  expect(places.length).toBeGreaterThan(1);
  expect(linePlaces(one)).toBe(places);
  expect(linePlaces(other)).not.toEqual(places);
  for (const { file, line, pcs } of places) {
    expect(file).toMatch(/\.c$/);
    expect(line).toBeGreaterThan(0);
    expect(pcs).toEqual([...new Set(pcs)].sort((a, b) => a - b));
  }
});
