import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import type { Packet } from '../packet/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { openObject } from '../session/open-object.ts';
import type { SessionInputs } from '../session/types.ts';
import { testCores } from '../testing/cores.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { randomPacket } from '../testing/random-packet.ts';
import { CaptureFile } from './capture-file.ts';
import type { Drive } from './errand.ts';
import { Traffic } from './traffic.ts';

const all: Drive = async (work) => {
  for (let next = work.next(); !next.done; next = work.next());
  return false;
};

const packetsOf = (random: Random, count: number): Pick<Packet, 'bytes'>[] => {
  const some = Array.from({ length: 64 }, () => randomPacket(random));
  return Array.from({ length: count }, () => {
    const bytes = random.pick(some).slice();
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    return { bytes };
  });
};

async function judged(inputs: SessionInputs, file: Uint8Array, cores: number): Promise<Traffic> {
  const blob = new Blob([file as BlobPart]);
  const linear = new WebAssembly.Memory({ initial: 1 });
  const there = cores > 1 ? testCores(cores, new Random(cores)) : undefined;
  const traffic = new Traffic(new CaptureFile('x.pcap', blob, false), linear, there);
  traffic.begin({ inputs, object: await openObject(inputs), engine: JIT });
  for (let pieces = 0; traffic.hasWork; pieces++) {
    await traffic.work(all);
    expect(pieces).toBeLessThan(2000);
  }
  return traffic;
}

/** All that a capture comes to. */
function columnsOf({ batch }: Traffic) {
  const { outcomes } = batch!.summary;
  const places = Array.from({ length: outcomes.length }, (_, packet) => packet);
  return {
    verdicts: outcomes.verdicts,
    faults: outcomes.faults,
    packets: places.map((packet) =>
      [
        outcomes.verdictOf(packet),
        outcomes.stepsOf(packet),
        outcomes.r0Of(packet),
        outcomes.faultOf(packet),
        outcomes.has(packet, 1),
        outcomes.has(packet, 2),
      ].join(' '),
    ),
  };
}

const PROGRAMS: readonly [name: string, hook: SessionInputs['hook'], source: string][] = [
  [
    'a loop over the bytes of a packet',
    'ubpf',
    `r0 = 0
     r3 = 0
     loop: if r3 >= r2 goto end
     r4 = r1
     r4 += r3
     r5 = *(u8 *)(r4 + 0)
     r0 *= 31
     r0 += r5
     r3 += 1
     goto loop
     end: exit`,
  ],
];

describe('packets over several cores come to what they come to on one', () => {
  test.each(PROGRAMS)('%s', async (_name, hook, source) => {
    const file = pcapOf(packetsOf(new Random(1), 9000));
    const inputs = { ...inputsFor('x.bin', assemble(source)), hook };
    const one = await judged(inputs, file, 1);
    for (const count of [2, 5]) {
      const many = await judged(inputs, file, count);
      expect(many.view.cores).toEqual({ count });
      expect(columnsOf(many)).toEqual(columnsOf(one));
      expect(many.statistics()).toEqual(one.statistics());
    }
  });
});
