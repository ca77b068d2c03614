import { expect, test } from 'vitest';
import { Random } from '../testing/random.ts';
import { withMaps } from '../testing/with-maps.ts';
import { PacketCheckpoints } from './packet-checkpoints.ts';
import { finish } from './session.ts';

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

/** Counts packets in a map, after 10,000 steps of a loop; answers the count. */
const COUNTS = `
  r6 = 0
loop:
  r6 += 1
  if r6 < 5000 goto loop
  *(u32 *)(r10 - 4) = 0
  r2 = r10
  r2 += -4
  ld_pseudo r1, 0x1, 0
  call bpf_map_lookup_elem
  if r0 == 0 goto none
  r1 = 1
  lock *(u64 *)(r0 + 0) += r1
  r0 = *(u64 *)(r0 + 0)
none:
  exit`;

test('any packet of hundreds that run long is reached from what is kept between them', () => {
  const opened = withMaps(COUNTS, [{}], { packets: 300 });
  const random = new Random(8);
  for (let i = 0; i < 20; i++) {
    const packet = random.below(300);
    finish(opened.select(packet));
    expect(opened.initialMaps[0].get('00000000')).toMatch(
      new RegExp(`^${(packet & 0xff).toString(16).padStart(2, '0')}0${packet >> 8}`),
    );
    finish(opened.go({ how: 'end' }));
    expect(opened.machine!.registers[0]).toBe(BigInt(packet + 1));
  }
});

test('checkpoints between packets: the nearest, and every other one where they take much', () => {
  const image = (bytes: number) => ({ memory: { bytes: { length: bytes } } }) as never;
  const points = new PacketCheckpoints(image(0));
  const due = (packet: number, steps: number) => points.isDue(packet, steps);
  expect([due(0, 0), due(1, 499_999), due(1, 500_000), due(1024, 0), due(1023, 0)]).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
  for (let i = 1; i <= 8; i++) points.add(10 * i, 500_000 * i, image(1 << 23));
  expect([9, 10, 19, 85].map((packet) => points.before(packet).packet)).toEqual([0, 10, 10, 80]);
  points.add(90, 4_500_000, image(1));
  expect([9, 10, 25, 39, 85, 90].map((packet) => points.before(packet).packet)).toEqual([
    0, 0, 20, 20, 80, 90,
  ]);
  expect([due(91, 5_400_000), due(91, 5_500_000)]).toEqual([false, true]);
});
