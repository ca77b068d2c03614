import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from '../bytes/compression.ts';
import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { readTests, testTextOf } from '../expect/file.ts';
import { judge as judgeTests } from '../expect/judge.ts';
import { testInputs } from '../expect/set-up.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { findKernelTypes, readTypes } from '../object/btf/kernel-types.ts';
import { readDebugLines } from '../object/dwarf/lines.ts';
import { readDebugInfo } from '../object/dwarf/scopes.ts';
import { parseElf } from '../object/elf/elf.ts';
import { loadObject } from '../object/load.ts';
import { readCapture } from '../packet/capture/capture.ts';
import { dissect } from '../packet/dissect.ts';
import { fixChecksums } from '../packet/edit.ts';
import { readPacketText } from '../packet/text/text.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import { checkRule } from '../session/travel/breakpoints.ts';
import type { SessionInputs } from '../session/types.ts';
import { decodeLink } from '../share/container.ts';
import { assignment } from '../view/assign.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { evaluate, variablesOf } from '../view/variables-view.ts';

/** An object with relocations of every kind, which changed types have to answer. */
let asking: Uint8Array | undefined;
const RELOCATED = 'core/testdata/core-relocations/programs.clang-19-v3.o';

/** One memory for all sessions of a process. */
const linear = new WebAssembly.Memory({ initial: 1 });
const PACKET = Uint8Array.from({ length: 80 }, (_, i) => (i * 37) & 0xff);
const STEPS = 60;

const openSession = (inputs: SessionInputs): Session => {
  const settings = { ...inputs.settings, maxSteps: 2000 };
  const session = new Session(
    { ...inputs, settings, packets: [{ name: 'fuzz', bytes: PACKET }] },
    linear,
  );
  finish(session.prepare());
  return session;
};

/** Steps through a program as a person who looks at its variables, lines and calls. */
function lookAround(bytes: Uint8Array): void {
  const session = openSession(inputsFor('fuzz.o', bytes));
  for (let step = 0; step < STEPS && session.machine?.status === 'running'; step++) {
    snapshotOf(session);
    const { scopes } = variablesOf(session, 99, new Map());
    for (const { name, children = [] } of scopes[0]?.variables.slice(0, 8) ?? [])
      for (const text of [name, `*${name}`, `${name}->${children[0]?.name}`])
        evaluate(session, 99, text);
    finish(session.go({ how: step % 4 === 3 ? 'line-over' : 'into' }));
  }
}

/** A program in the middle of its run, with variables of every kind. */
let paused: Session | undefined;
const WITH_VARIABLES = 'core/testdata/debug/locals-clang19.o';

function stoppedSession(): Session {
  if (paused) return paused;
  const bytes = new Uint8Array(readFileSync(join(process.cwd(), WITH_VARIABLES)));
  paused = openSession(inputsFor('variables.o', bytes));
  finish(paused.go({ how: 'to-step', step: 4 }));
  return paused;
}

/** A test file, on an object with a map and types. */
function runTests(bytes: Uint8Array): void {
  const file = readTests('fuzz.json', testTextOf(bytes, 'fuzz.json'));
  tested ??= new Uint8Array(readFileSync(join(process.cwd(), TESTED)));
  const object = loadObject('program.o', tested);
  const inputs = testInputs(file, inputsFor('program.o', tested), object);
  const settings = { ...inputs.settings, maxSteps: 2000 };
  finish(judgeTests({ inputs: { ...inputs, settings }, object }, INTERPRETER));
}

let tested: Uint8Array | undefined;
const TESTED = 'public/examples/xdp-firewall/program.o';

/** Decoders that face strangers: each gives a value or an InputError, within a second. */
export const FUZZ_TARGETS = {
  object: (bytes: Uint8Array) => void loadObject('fuzz.o', bytes),
  dwarf: (bytes: Uint8Array) => {
    const elf = parseElf(bytes);
    readDebugLines(elf);
    const { functions, globals, types } = readDebugInfo(elf);
    const variables = [...globals, ...functions.flatMap((scope) => scope.variables)];
    for (const { type } of variables.slice(0, 64)) types.declaration(type);
  },
  variables: lookAround,
  expression: (bytes: Uint8Array) => {
    const [text, value = ''] = new TextDecoder().decode(bytes).split('\n');
    const session = stoppedSession();
    evaluate(session, 0, text);
    checkRule({ pc: 0, condition: text, log: `{${value}}` }, session.object);
    assignment(session, 0, text, value);
  },
  types: (bytes: Uint8Array) => {
    const section = findKernelTypes('fuzz', bytes);
    if (section === undefined) return;
    asking ??= new Uint8Array(readFileSync(join(process.cwd(), RELOCATED)));
    loadObject('asking.o', asking, { target: { name: 'fuzz', btf: readTypes(section) } });
  },
  hex: (bytes: Uint8Array) => {
    for (const packet of readPacketText(new TextDecoder().decode(bytes)).packets)
      dissect(packet.bytes, 'ethernet');
  },
  packet: (bytes: Uint8Array) => {
    for (const link of ['ethernet', 'ip'] as const) {
      dissect(bytes, link);
      fixChecksums(bytes, link);
    }
  },
  packed: async (bytes: Uint8Array) => void (await unpack(bytes, 16 * 1024 * 1024, 'fuzz')),
  capture: (bytes: Uint8Array) => {
    for (const packet of readCapture('fuzz.pcap', bytes).packets) dissect(packet.bytes, 'ethernet');
  },
  tests: runTests,
  link: async (bytes: Uint8Array) => void (await decodeLink(new TextDecoder().decode(bytes))),
} satisfies Record<string, (bytes: Uint8Array) => void | Promise<void>>;

export type FuzzTarget = keyof typeof FUZZ_TARGETS;

const SECOND = 1000;

/**
 * Why an input is a find: what was thrown that is no InputError, or the time it took in ms;
 * undefined where all is well.
 */
export async function judge(target: FuzzTarget, bytes: Uint8Array): Promise<string | undefined> {
  let fastest = Number.POSITIVE_INFINITY;
  // A slow input is slow each time; a machine that was busy elsewhere is not.
  for (let tries = 0; tries < 3 && fastest > SECOND; tries++) {
    const started = performance.now();
    try {
      await FUZZ_TARGETS[target](bytes);
    } catch (error) {
      if (!(error instanceof InputError))
        return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest > SECOND ? `took ${fastest.toFixed(0)} ms` : undefined;
}

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff];

/** A changed copy of `seed`: bytes flipped, set, copied, taken out, put in or cut off. */
export function mutate(seed: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  let bytes: Uint8Array = seed.slice();
  const below = (limit: number) => Math.floor(random() * limit);
  for (let changes = 1 + below(8); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    switch (below(8)) {
      case 0:
        bytes[at] ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes[at] = INTERESTING[below(INTERESTING.length)];
        break;
      case 3:
        bytes.set(
          fromHex(['ffffffff', '00000080', '7fffffff', '00000000'][below(4)])!.subarray(
            0,
            Math.max(0, Math.min(4, bytes.length - at)),
          ),
          Math.min(at, bytes.length),
        );
        break;
      case 4:
        bytes.copyWithin(at, below(bytes.length), below(bytes.length) + below(32));
        break;
      case 5:
        bytes = joined(
          bytes.subarray(0, at),
          bytes.subarray(Math.min(bytes.length, at + 1 + below(16))),
        );
        break;
      case 6:
        bytes = joined(
          bytes.subarray(0, at),
          other.subarray(below(other.length), below(other.length) + below(64)),
          bytes.subarray(at),
        );
        break;
      default:
        if (below(8) === 0) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
