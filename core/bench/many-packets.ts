import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { Controller } from '../worker/controller.ts';

const PACKETS = 4000;
const ENTRIES = 1000;

/** A UDP packet of 42 bytes from one of the addresses that the map knows. */
function packet(number: number): Uint8Array {
  const from = number % ENTRIES;
  const bytes = new Uint8Array(42);
  bytes.set([0x08, 0x00, 0x45], 12);
  bytes.set([0, 28, 0, 1, 0, 0, 64, 17], 16);
  bytes.set([10, 0, from >> 8, from & 0xff], 26);
  bytes.set([203, 0, 113, 80, 0, 1, 0, 2, 0, 8], 30);
  return bytes;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** The example rate-limit with as many packets as a session may have about, and a filled map. */
const manyPackets = (object: Uint8Array): SessionInputs => ({
  ...inputsFor('program.o', object),
  packets: Array.from({ length: PACKETS }, (_, i) => ({ name: `packet ${i}`, bytes: packet(i) })),
  mapSizes: [{ map: 'buckets', field: 'max_entries', value: 8192 }],
  maps: Array.from({ length: ENTRIES }, (_, i) => ({
    map: 'buckets',
    key: `0a00${hex(i, 4)}`,
    value: hex(i, 48),
  })),
});

/** 2,000 packets of about 10,000 steps each: a loop in bytecode. */
function longPackets(): SessionInputs {
  const loop = assemble('r1 = 3333; again: r1 += -1; r0 += r1; if r1 != 0 goto again; exit');
  const packets = Array.from({ length: 2000 }, (_, i) => ({ name: `${i}`, bytes: packet(i) }));
  return { ...inputsFor('loop.bin', loop), packets };
}

/** Milliseconds until a packet of them is shown at its own state, and until all have verdicts. */
export interface LongPacketsTimes {
  readonly open: number[];
  readonly select: number[];
  readonly change: number[];
  readonly all: number[];
}

export async function longPacketsTimes(rounds: number): Promise<LongPacketsTimes> {
  const { time, controller } = timed();
  const times: LongPacketsTimes = { open: [], select: [], change: [], all: [] };
  for (let round = 0; round < rounds; round++) {
    times.open.push(await time({ type: 'open-inputs', inputs: longPackets() }));
    const started = performance.now();
    for (let more = true; more; )
      more =
        (await controller.carryOut({ type: 'run-packets' })).view?.rows?.packetsRun.more ?? false;
    times.all.push(performance.now() - started);
    for (const index of [1500, 1501, 3, 1999 - round])
      times.select.push(await time({ type: 'select-packet', index }));
    times.change.push(await time({ type: 'set-settings', settings: { cpu: round % 2 } }));
  }
  return times;
}

/** Milliseconds for what a person does in such a session, by what it is. */
export interface ManyPacketsTimes {
  readonly open: number[];
  readonly toggle: number[];
  readonly step: number[];
  readonly select: number[];
  readonly edit: number[];
  /** Rows of the table of regions when each entry has been used, and when all packets have run. */
  readonly regions: readonly [once: number, all: number];
}

/** A worker's controller in this process, and how long it takes for a wish and its reply. */
function timed() {
  const linear = new WebAssembly.Memory({ initial: 1 });
  const controller = new Controller(linear, async (work) => {
    for (let next = work.next(); !next.done; next = work.next());
    return { stopped: false };
  });
  const time = async (wish: Parameters<Controller['carryOut']>[0]): Promise<number> => {
    const started = performance.now();
    structuredClone(await controller.carryOut(wish));
    return performance.now() - started;
  };
  return { linear, controller, time };
}

/** The wishes of a page, carried out in this process; rounds of all of them in turns. */
export async function manyPacketsTimes(
  object: Uint8Array,
  rounds: number,
): Promise<ManyPacketsTimes> {
  const inputs = manyPackets(object);
  const { linear, time } = timed();
  const times = { open: [], toggle: [], step: [], select: [], edit: [] } as Record<
    Exclude<keyof ManyPacketsTimes, 'regions'>,
    number[]
  >;
  for (let round = 0; round < rounds; round++) {
    times.open.push(await time({ type: 'open-inputs', inputs }));
    for (let i = 0; i < 10; i++) {
      times.toggle.push(await time({ type: 'toggle-breakpoint', pc: 5 }));
      times.step.push(await time({ type: 'go', go: { how: 'into' } }));
    }
    times.select.push(await time({ type: 'select-packet', index: 2000 + round }));
    times.edit.push(await time({ type: 'edit-packet', offset: 0, bytes: Uint8Array.of(round) }));
  }
  const counted = (packets: number): number => {
    const session = new Session({ ...inputs, packets: inputs.packets.slice(0, packets) }, linear);
    finish(session.prepare());
    finish(session.go({ how: 'end' }));
    return session.machine!.memory.base.length;
  };
  return { ...times, regions: [counted(ENTRIES), counted(PACKETS)] };
}
