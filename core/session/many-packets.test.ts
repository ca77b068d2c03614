import { expect, test } from 'vitest';
import { withMaps } from '../testing/with-maps.ts';

/** Reads the map's value, a pointer, puts r1's packet pointer in its place, reads through it. */
const KEEPS_A_POINTER = `
  r7 = *(u32 *)(r1 + 0)
  *(u32 *)(r10 - 4) = 0
  r2 = r10
  r2 += -4
  ld_pseudo r1, 0x1, 0
  call bpf_map_lookup_elem
  if r0 == 0 goto none
  r8 = *(u64 *)(r0 + 0)
  *(u64 *)(r0 + 0) = r7
  if r8 == 0 goto none
  r0 = *(u8 *)(r8 + 0)
  exit
none:
  r0 = 2
  exit`;

test('the pointer that the packet before left in a map is stale, for thousands of packets', () => {
  const opened = withMaps(KEEPS_A_POINTER, [{}], { packets: 1000 });
  const kinds = opened.outcomes.map((outcome) => outcome!.fault?.kind ?? outcome!.verdict.name);
  expect(kinds).toEqual(['XDP_PASS', ...Array(999).fill('stale-pointer')]);
});

test('the table of regions does not grow from packet to packet', () => {
  const rows = (packets: number) =>
    withMaps(KEEPS_A_POINTER, [{}], { packets }).machine!.memory.info.length;
  expect(rows(2000)).toBe(rows(300));
});
