import { enterHook } from '../hooks/enter.ts';
import { JIT } from '../jit/jit.ts';
import { INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { run } from '../machine/run.ts';
import { loadObject } from '../object/load.ts';
import { buildMachine } from '../session/build.ts';

/** Bytes each workload of testdata/bench/workloads.c runs over. */
const INPUTS: readonly { readonly program: string; readonly memory: () => Uint8Array }[] = [
  { program: 'seed', memory: () => Uint8Array.from({ length: 20 }, (_, i) => (i < 16 ? 0x45 : 1)) },
  { program: 'parser', memory: parserPacket },
  { program: 'checksum', memory: () => Uint8Array.from({ length: 1500 }, (_, i) => (i * 7) & 255) },
  { program: 'siphash', memory: () => Uint8Array.from({ length: 64 }, (_, i) => i) },
  {
    program: 'histogram',
    memory: () => Uint8Array.from({ length: 2048 }, (_, i) => (i * 31) & 255),
  },
];

/** A TCP packet that matches none of the parser's rules, so that it tries all of them. */
function parserPacket(): Uint8Array {
  const packet = new Uint8Array(60);
  packet.set([0x08, 0x00, 0x45], 12);
  packet.set([6], 23);
  packet.set([172, 16, 0, 1], 30);
  packet.set([0x9c, 0x40, 0x1f, 0x40], 34);
  return packet;
}

export interface Workload {
  readonly name: string;
  /** Runs it `times` over; answers the instructions executed. */
  run(times: number): number;
}

/** The interpreter, without or with the recording of reads and writes; compiled code. */
export const FLAVOURS = ['plain', 'recording', 'jit'] as const;
export type Flavour = (typeof FLAVOURS)[number];

export function workloadsOn(flavour: Flavour, bytes: Uint8Array): Workload[] {
  const object = loadObject('workloads.o', bytes);
  return INPUTS.map(({ program, memory }) => {
    const frame = memory();
    const entry = object.programs.find((candidate) => candidate.name === program)!;
    const { machine, room } = buildMachine(
      object,
      entry,
      'ubpf',
      frame.length,
      new WebAssembly.Memory({ initial: 1 }),
      { engine: flavour === 'jit' ? JIT : INTERPRETER },
    );
    if (flavour !== 'recording') machine.recorder = null;
    enterHook('ubpf', { machine, room, frame, options: new Map(), context: new Map() });
    const registers = machine.registers.slice();
    return { name: program, run: (times: number) => repeat(machine, registers, times) };
  });
}

function repeat(machine: Machine, registers: BigUint64Array, times: number): number {
  let total = 0;
  for (let i = 0; i < times; i++) {
    machine.registers.set(registers);
    machine.pc = 0;
    machine.steps = 0;
    machine.status = 'running';
    run(machine, Number.MAX_SAFE_INTEGER);
    total += machine.steps;
  }
  if (machine.fault) throw new Error(machine.fault.message);
  return total;
}
