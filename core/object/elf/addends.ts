import { readSlot, SLOT_BYTES } from '../../asm/encoding.ts';
import { relocationRow } from '../../spec/relocations.ts';
import type { ElfFile, ElfRelocation } from './elf.ts';

/**
 * The GNU assembler up to binutils 2.40 writes a named symbol's value into the patched field as
 * well: where LLVM has
 * `imm = A`, it has `imm = S + A`. True when the object's own relocations show that it did.
 */
export function addsSymbolValues(elf: ElfFile): boolean {
  const telling = elf.relocations.filter(({ target, symbol, addend, offset }) => {
    const names = symbol.placement === 'section' && symbol.type !== 'section' && symbol.value > 0;
    return (
      names &&
      addend === undefined &&
      target.flags.exec &&
      offset + SLOT_BYTES <= target.data.length
    );
  });
  const calls = telling.filter(({ type }) => relocationRow(type)?.patch === 'call');
  // A call of a named function has A = -1, so one call decides.
  if (calls.length > 0) return calls.every((call) => immOf(call, elf) === call.symbol.value - 1);
  return (
    telling.length > 0 &&
    isFromGcc(elf) &&
    telling.every((load) => immOf(load, elf) >= load.symbol.value)
  );
}

const immOf = ({ target, offset }: ElfRelocation, elf: ElfFile): number =>
  readSlot(target.data, offset, elf.endian).imm;

function isFromGcc(elf: ElfFile): boolean {
  const comment = elf.sections.find(({ name }) => name === '.comment');
  return (
    comment !== undefined &&
    new TextDecoder().decode(comment.data.subarray(0, 256)).includes('GCC:')
  );
}
