import { decodeAll } from '../asm/decode.ts';
import { readSlot, SLOT_BYTES } from '../asm/encoding.ts';
import { asText, fileKind } from '../bytes/file-kind.ts';
import { textKind } from '../bytes/text-kind.ts';
import { at, InputError } from '../errors.ts';
import { CALL_OPCODE, CALL_SOURCE, LDDW_OPCODE, LDDW_SOURCE } from '../spec/isa.ts';
import type { LinkedFunction, LoadedObject, Section } from './types.ts';

const NAME = 'raw';
/** The kernel's limit for one program, BPF_COMPLEXITY_LIMIT_INSNS. */
const MAX_SLOTS = 1_000_000;

/**
 * Bytecode without a file format: little-endian instructions from the first byte on, entry first.
 */
export function loadRaw(name: string, bytes: Uint8Array): LoadedObject {
  checkRaw(name, bytes);
  const section: Section = {
    index: 0,
    name: NAME,
    type: 'PROGBITS',
    flags: { write: false, alloc: true, exec: true },
    offset: 0,
    size: bytes.length,
  };
  return {
    name,
    bytes,
    format: 'raw',
    endian: 'little',
    sections: [section],
    symbols: [],
    relocations: [],
    license: undefined,
    maps: [],
    externs: [],
    coreRelocations: [],
    target: undefined,
    programs: [
      {
        name: NAME,
        section: NAME,
        sectionOffset: 0,
        size: bytes.length,
        linked: { bytes, functions: functionsOf(bytes), lines: [] },
      },
    ],
    btf: undefined,
    warnings: [],
  };
}

/** Any bytes could be taken for bytecode: only what has nothing but instructions in it is. */
function checkRaw(name: string, bytes: Uint8Array): void {
  if (bytes.length === 0) throw new InputError(name, 'is empty');
  const kind = fileKind(bytes);
  if (kind !== undefined)
    throw new InputError(name, `is ${kind.what}, not a BPF object: ${kind.next}`);
  const neither = (why: string): InputError =>
    new InputError(name, `is neither ELF (no magic number) nor bytecode: ${why}`);
  const text = asText(bytes);
  if (text !== undefined) throw notText(name, text);
  if (bytes.length % SLOT_BYTES !== 0)
    throw neither(`${bytes.length} bytes are no multiple of ${SLOT_BYTES}`);
  const most = MAX_SLOTS * SLOT_BYTES;
  const all = [...decodeAll(bytes.subarray(0, most), 'little')];
  const wrong = all.filter(({ instruction }) => instruction.row === undefined);
  // One wrong instruction is for people to look at; where most are wrong, nobody meant bytecode.
  const [first] = wrong;
  if (first !== undefined && 2 * wrong.length > all.length)
    throw neither(
      `${wrong.length} of ${all.length} instructions are not defined, the first at ${first.pc}`,
    );
  if (bytes.length > most)
    throw new InputError(
      name,
      `has ${bytes.length / SLOT_BYTES} instructions, at most ${MAX_SLOTS} are read`,
    );
}

function notText(name: string, text: string): InputError {
  const kind = textKind(text);
  if (kind?.isProgram)
    return new InputError(name, `${kind.what}, not a BPF object: ${kind.advice}`);
  const [firstLine = ''] = text.trim().split('\n', 1);
  return new InputError(
    name,
    `is neither ELF (no magic number) nor bytecode: it is text, "${firstLine.slice(0, 60).trim()}"`,
  );
}

/** A function begins at 0 and wherever a call or the address of a callback leads. */
function functionsOf(bytes: Uint8Array): LinkedFunction[] {
  const slots = bytes.length / SLOT_BYTES;
  const starts = new Set([0]);
  for (let pc = 0; pc < slots; pc++) {
    const { opcode, src, imm } = readSlot(bytes, pc * SLOT_BYTES, 'little');
    const isReference =
      (opcode === CALL_OPCODE && src === CALL_SOURCE.call_local) ||
      (opcode === LDDW_OPCODE && src === LDDW_SOURCE.function);
    const target = pc + 1 + imm;
    if (isReference && target >= 0 && target < slots) starts.add(target);
    if (opcode === LDDW_OPCODE) pc++;
  }
  const ascending = [...starts].sort((a, b) => a - b);
  return ascending.map((start, index) => ({
    name: start === 0 ? NAME : at(NAME, start * SLOT_BYTES),
    start,
    end: ascending[index + 1] ?? slots,
    section: NAME,
    sectionIndex: 0,
    sectionOffset: start * SLOT_BYTES,
    type: undefined,
  }));
}
