import { expect, test } from 'vitest';
import { JIT } from '../jit/jit.ts';
import type { KeyHistory } from '../protocol/traffic.ts';
import { finish } from '../session/session.ts';
import { pcapOf } from '../testing/pcap.ts';
import { withMaps } from '../testing/with-maps.ts';
import { CaptureFile } from './capture-file.ts';
import { RerunErrand } from './errand.ts';
import { keyHistory } from './key-history.ts';
import { Traffic } from './traffic.ts';

/** Adds the first byte of a packet to element 1 of its array. */
const { inputs, object } = withMaps(
  'r6 = *(u32 *)(r1 + 0); r6 = *(u8 *)(r6 + 0); *(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; ' +
    'ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem; if r0 == 0 goto +1; ' +
    'lock *(u64 *)(r0 + 0) += r6; r0 = 2; exit',
  [{}],
);

/** What element 1 holds along packets with these first bytes. */
async function historyOf(firsts: readonly number[], key = '01000000'): Promise<KeyHistory> {
  const bytes = pcapOf(
    firsts.map((first) => ({ bytes: Uint8Array.of(first, ...Array(13).fill(0)) })),
  );
  const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), false);
  const traffic = new Traffic(file, new WebAssembly.Memory({ initial: 1 }));
  traffic.begin({ inputs, object, engine: JIT });
  const drive = async (work: Parameters<typeof finish>[0]) => {
    finish(work);
    return false;
  };
  while (traffic.hasWork) await traffic.work(drive);
  const errand = new RerunErrand(traffic.batch!, keyHistory(traffic.batch!, 'm0', key));
  while (!errand.isDone) await errand.piece(drive);
  return errand.result() as KeyHistory;
}

test('a key is told at the start and behind each packet that changed it', async () => {
  const { changes, packets, isCut, isWhole } = await historyOf([0, 5, 0, 0, 2]);
  expect(changes).toEqual([
    { packet: -1, value: '0000000000000000', text: '0' },
    { packet: 1, value: '0500000000000000', text: '5' },
    { packet: 4, value: '0700000000000000', text: '7' },
  ]);
  expect([packets, isCut, isWhole]).toEqual([5, false, true]);
});

test('a key that no packet touches has one value', async () => {
  const { changes } = await historyOf([1, 2], '02000000');
  expect(changes).toEqual([{ packet: -1, value: '0000000000000000', text: '0' }]);
});

test('2,000 values are kept, that of the start among them; what is more is cut', async () => {
  const ones = (count: number) => historyOf(Array.from({ length: count }, () => 1));
  const whole = await ones(1999);
  expect([whole.changes.length, whole.isCut, whole.isWhole]).toEqual([2000, false, true]);
  const cut = await ones(2003);
  expect([cut.changes.length, cut.isCut, cut.isWhole]).toEqual([2000, true, false]);
  expect(cut.changes.at(-1)).toEqual({ packet: 1998, value: 'cf07000000000000', text: '1999' });
});

test('a map that is not there is refused', async () => {
  const file = new CaptureFile('x.pcap', new Blob([pcapOf([]) as BlobPart]), false);
  const traffic = new Traffic(file, new WebAssembly.Memory({ initial: 1 }));
  traffic.begin({ inputs, object, engine: JIT });
  expect(() => keyHistory(traffic.batch!, 'hits', '00')).toThrow('map "hits": is not there');
});
