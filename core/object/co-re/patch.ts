import { encode } from '../../asm/encode.ts';
import { readSlot, SLOT_BYTES, type Slot, writeSlot } from '../../asm/encoding.ts';
import type { Endian } from '../../bytes/reader.ts';
import { InputError, present } from '../../errors.ts';
import {
  ALU,
  ALU64,
  CLASS_MASK,
  LD,
  LDDW_OPCODE,
  LDDW_SOURCE,
  LDX,
  SIZE_CODE,
  SIZE_MASK,
  SIZES,
  ST,
  STX,
  X,
} from '../../spec/isa.ts';
import type { CoreValue } from './value.ts';

/**
 * The call that stands in place of an instruction whose relocation failed: "bad relo", as libbpf
 * writes it.
 */
const POISON = present(encode('call', { imm: 0xbad2310 })[0], 'the slot of a call');
/** Largest offset of a load or store. */
const MAX_OFFSET = 0x7fff;

/** Replaces the instruction by a call that no kernel has, both slots of a 64-bit load. */
export function poison(code: Uint8Array, offset: number, endian: Endian): void {
  const isWide = readSlot(code, offset, endian).opcode === LDDW_OPCODE;
  writeSlot(code, offset, POISON, endian);
  if (isWide && offset + 2 * SLOT_BYTES <= code.length)
    writeSlot(code, offset + SLOT_BYTES, POISON, endian);
}

/**
 * Writes the target's value into an instruction, checking that it has the object's own. Answers why
 * that load or store cannot be adjusted, where it cannot: the caller poisons it. Throws an
 * InputError where the instruction is not one that a compiler gives a relocation.
 */
export function patch(
  code: Uint8Array,
  offset: number,
  endian: Endian,
  local: CoreValue,
  target: CoreValue,
): string | undefined {
  const slot = readSlot(code, offset, endian);
  switch (slot.opcode & CLASS_MASK) {
    case ALU:
    case ALU64:
      if ((slot.opcode & X) !== 0) throw new InputError('', 'patches arithmetic with a register');
      checkOriginal(BigInt.asUintN(64, BigInt(slot.imm)), local);
      writeSlot(code, offset, { ...slot, imm: low32(target.value) }, endian);
      return undefined;
    case LDX:
    case ST:
    case STX:
      return patchAccess(code, offset, endian, slot, local, target);
    case LD:
      patchWide(code, offset, endian, slot, local, target);
      return undefined;
    default:
      throw new InputError(
        '',
        `patches an instruction with opcode 0x${slot.opcode.toString(16).padStart(2, '0')}`,
      );
  }
}

const low32 = (value: bigint): number => Number(BigInt.asIntN(32, value));

function checkOriginal(found: bigint, { value, ambiguous }: CoreValue): void {
  if (!ambiguous && found !== value)
    throw new InputError('', `finds ${found} in the instruction, expects ${value}`);
}

function patchAccess(
  code: Uint8Array,
  offset: number,
  endian: Endian,
  slot: Slot,
  local: CoreValue,
  target: CoreValue,
): string | undefined {
  checkOriginal(BigInt.asUintN(64, BigInt(slot.off)), local);
  if (target.value > MAX_OFFSET)
    throw new InputError(
      '',
      `comes to offset ${target.value}, loads and stores take ${MAX_OFFSET} at most`,
    );
  const before = local.width?.bytes ?? 0;
  const after = target.width?.bytes ?? 0;
  if (before === after) {
    writeSlot(code, offset, { ...slot, off: Number(target.value) }, endian);
    return undefined;
  }
  const kinds = [local.width?.resizes, target.width?.resizes];
  if (kinds[0] !== kinds[1] || kinds[0] === 'no' || kinds[0] === undefined)
    return (
      `${before} bytes as compiled, ${after} in the target: ` +
      `only pointers and unsigned numbers may change their size`
    );
  const has = SIZES.find((size) => SIZE_CODE[size] === (slot.opcode & SIZE_MASK));
  if (has !== before)
    throw new InputError('', `finds an access of ${has} bytes, expects ${before}`);
  const size = SIZES.find((bytes) => bytes === after);
  if (size === undefined)
    throw new InputError('', `comes to ${after} bytes, no load or store has so many`);
  writeSlot(
    code,
    offset,
    { ...slot, opcode: (slot.opcode & ~SIZE_MASK) | SIZE_CODE[size], off: Number(target.value) },
    endian,
  );
  return undefined;
}

function patchWide(
  code: Uint8Array,
  offset: number,
  endian: Endian,
  slot: Slot,
  local: CoreValue,
  target: CoreValue,
): void {
  const hasNext = offset + 2 * SLOT_BYTES <= code.length;
  const next = hasNext ? readSlot(code, offset + SLOT_BYTES, endian) : undefined;
  const isPlain = slot.opcode === LDDW_OPCODE && slot.src === LDDW_SOURCE.imm64 && slot.off === 0;
  if (
    !isPlain ||
    next === undefined ||
    next.opcode !== 0 ||
    next.dst !== 0 ||
    next.src !== 0 ||
    next.off !== 0
  )
    throw new InputError('', 'patches a 64-bit immediate load that is not a plain number');
  const low = BigInt.asUintN(32, BigInt(slot.imm));
  checkOriginal(low | (BigInt.asUintN(32, BigInt(next.imm)) << 32n), local);
  writeSlot(code, offset, { ...slot, imm: low32(target.value) }, endian);
  writeSlot(code, offset + SLOT_BYTES, { ...next, imm: low32(target.value >> 32n) }, endian);
}
