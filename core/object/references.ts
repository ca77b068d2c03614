import { readSlot, SLOT_BYTES, type Slot } from '../asm/encoding.ts';
import { at, InputError } from '../errors.ts';
import { CALL_OPCODE, CALL_SOURCE, LDDW_OPCODE, LDDW_SOURCE } from '../spec/isa.ts';
import { relocationName, relocationRow } from '../spec/relocations.ts';
import type { ElfFile, ElfRelocation, ElfSection, ElfSymbolEntry } from './elf/elf.ts';
import type { ExternValue } from './extern-values.ts';
import type { MapTable } from './maps/maps.ts';
import type { Extern } from './types.ts';

/** What an instruction refers to outside itself, once its relocation is read. */
export type ReferenceTarget =
  | { readonly to: 'code'; readonly section: number; readonly offset: number }
  | { readonly to: 'map' | 'data'; readonly index: number; readonly offset: number }
  | { readonly to: 'extern'; readonly index: number }
  /** The address of a kernel symbol; 0 of a weak one that no kernel has. */
  | { readonly to: 'address'; readonly address: bigint };

/** An instruction that linking has to patch, or the reason why it cannot. */
export interface Reference {
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly target: ReferenceTarget | InputError;
}

/** What references are resolved against. */
export interface Definitions {
  readonly elf: ElfFile;
  readonly maps: MapTable;
  readonly externs: readonly Extern[];
  readonly values: ReadonlyMap<string, ExternValue>;
  readonly externIndex: ReadonlyMap<string, number>;
  /** Defined symbols other files could see, by name: a strong one before a weak one. */
  readonly exported: ReadonlyMap<string, ElfSymbolEntry>;
  /** See addsSymbolValues. */
  readonly addsSymbolValues: boolean;
}

/**
 * Resolves every instruction of an executable section that refers elsewhere; ascending by offset.
 */
export function findReferences(
  section: ElfSection,
  relocations: readonly ElfRelocation[],
  definitions: Definitions,
): Reference[] {
  const byOffset = new Map(relocations.map((relocation) => [relocation.offset, relocation]));
  const references: Reference[] = [];
  const { endian } = definitions.elf;
  for (let offset = 0; offset + SLOT_BYTES <= section.data.length; offset += SLOT_BYTES) {
    const slot = readSlot(section.data, offset, endian);
    const isWide = slot.opcode === LDDW_OPCODE;
    if (isWide && offset + 2 * SLOT_BYTES > section.data.length) {
      references.push({
        offset,
        target: new InputError(
          at(section.name, offset),
          'a 64-bit immediate load lacks its second slot',
        ),
      });
      break;
    }
    const relocation = byOffset.get(offset);
    byOffset.delete(offset);
    const target = relocation
      ? relocated(section, relocation, slot, definitions)
      : unrelocated(section, offset, slot);
    if (target !== undefined) references.push({ offset, target });
    if (isWide) offset += SLOT_BYTES;
  }
  // Left are relocations that patch no instruction: inside one, or behind the last.
  for (const relocation of byOffset.values()) {
    const target = relocationError(section, relocation, 'patches no instruction');
    if (relocationRow(relocation.type)?.patch !== 'nothing')
      references.push({ offset: relocation.offset, target });
  }
  return references.sort((a, b) => a.offset - b.offset);
}

function relocationError(
  section: ElfSection,
  { type, symbol, offset }: ElfRelocation,
  fact: string,
): InputError {
  return new InputError(
    at(section.name, offset),
    `relocation ${relocationName(type)} against "${symbol.name}" ${fact}`,
  );
}

/** An instruction without a relocation refers elsewhere only by a distance in its own section. */
function unrelocated(
  section: ElfSection,
  offset: number,
  slot: Slot,
): ReferenceTarget | InputError | undefined {
  const isCall = slot.opcode === CALL_OPCODE;
  // What compilers leave for a relocation to fill in; as a distance it would lead to the call
  // itself.
  if (isCall && slot.src === CALL_SOURCE.call_local && slot.imm === -1) {
    return new InputError(
      at(section.name, offset),
      'a call without its relocation, which says what is called',
    );
  }
  if (
    (isCall && slot.src === CALL_SOURCE.call_local) ||
    (slot.opcode === LDDW_OPCODE && slot.src === LDDW_SOURCE.function)
  ) {
    return codeAt(section, offset + (slot.imm + 1) * SLOT_BYTES, at(section.name, offset));
  }
  if (isCall && slot.src === CALL_SOURCE.call_kfunc) {
    return new InputError(
      at(section.name, offset),
      `a call of kernel function ${slot.imm} by its BTF id, without a relocation that names it`,
    );
  }
  if (
    slot.opcode === LDDW_OPCODE &&
    (slot.src === LDDW_SOURCE.map || slot.src === LDDW_SOURCE['map-value'])
  ) {
    return new InputError(
      at(section.name, offset),
      `a map by file descriptor ${slot.imm}, without a relocation that names it`,
    );
  }
  return undefined;
}

function codeAt(section: ElfSection, offset: number, place: string): ReferenceTarget | InputError {
  if (offset >= 0 && offset < section.data.length && offset % SLOT_BYTES === 0) {
    return { to: 'code', section: section.index, offset };
  }
  const where = offset < 0 ? `${-offset} bytes before ${section.name}` : at(section.name, offset);
  return new InputError(
    place,
    `refers to ${where}, the section has ${section.data.length} bytes of instructions`,
  );
}

function relocated(
  section: ElfSection,
  relocation: ElfRelocation,
  slot: Slot,
  definitions: Definitions,
): ReferenceTarget | InputError | undefined {
  const patch = relocationRow(relocation.type)?.patch;
  if (patch === 'nothing') return unrelocated(section, relocation.offset, slot);
  if (patch === 'call' && slot.opcode === CALL_OPCODE)
    return callTarget(section, relocation, slot, definitions);
  if (patch === 'lddw' && slot.opcode === LDDW_OPCODE)
    return loadTarget(section, relocation, slot, definitions);
  const opcode = `0x${slot.opcode.toString(16).padStart(2, '0')}`;
  return relocationError(section, relocation, `cannot patch an instruction with opcode ${opcode}`);
}

/** A_REL of the slot, or the addend of a RELA entry, in bytes from the symbol. */
function addendOf(relocation: ElfRelocation, slot: Slot, definitions: Definitions): number {
  if (relocation.addend !== undefined) return Number(relocation.addend);
  const isNamed = relocation.symbol.type !== 'section' && relocation.symbol.placement === 'section';
  const imm =
    definitions.addsSymbolValues && isNamed ? slot.imm - relocation.symbol.value : slot.imm;
  // A call counts slots from the one behind it, a load counts bytes.
  return slot.opcode === CALL_OPCODE ? (imm + 1) * SLOT_BYTES : imm;
}

function callTarget(
  section: ElfSection,
  relocation: ElfRelocation,
  slot: Slot,
  definitions: Definitions,
): ReferenceTarget | InputError {
  const { symbol } = relocation;
  const external = definitions.externIndex.get(symbol.name);
  if (symbol.placement === 'undefined' && external !== undefined)
    return { to: 'extern', index: external };
  return definedTarget(
    section,
    relocation,
    addendOf(relocation, slot, definitions),
    definitions,
    'call',
  );
}

function loadTarget(
  section: ElfSection,
  relocation: ElfRelocation,
  slot: Slot,
  definitions: Definitions,
): ReferenceTarget | InputError {
  const { symbol } = relocation;
  const elsewhere = definitions.maps.lookupSymbol(symbol);
  if (elsewhere !== undefined && symbol.placement !== 'section') {
    return {
      to: 'data',
      index: elsewhere.index,
      offset: elsewhere.offset + addendOf(relocation, slot, definitions),
    };
  }
  if (symbol.placement === 'undefined') return externAddress(section, relocation, definitions);
  return definedTarget(
    section,
    relocation,
    addendOf(relocation, slot, definitions),
    definitions,
    'lddw',
  );
}

function externAddress(
  section: ElfSection,
  relocation: ElfRelocation,
  definitions: Definitions,
): ReferenceTarget | InputError {
  const { symbol, type, offset } = relocation;
  const extern = definitions.externs[definitions.externIndex.get(symbol.name) ?? -1];
  const address =
    definitions.values.get(symbol.name)?.address ?? (symbol.binding === 'weak' ? 0n : undefined);
  if (address !== undefined) return { to: 'address', address };
  const what = EXTERN_WORDS[extern?.kind ?? 'variable'];
  return new InputError(
    at(section.name, offset),
    `relocation ${relocationName(type)} against ${what} "${symbol.name}"`,
  );
}

const EXTERN_WORDS = {
  kfunc: 'undefined kernel function',
  ksym: 'undefined kernel variable',
  kconfig: 'undefined kernel configuration value',
  function: 'undefined function',
  variable: 'undefined symbol',
} satisfies Record<Extern['kind'], string>;

function definedTarget(
  section: ElfSection,
  relocation: ElfRelocation,
  addend: number,
  { elf, maps, exported }: Definitions,
  form: 'call' | 'lddw',
): ReferenceTarget | InputError {
  const symbol =
    relocation.symbol.binding === 'local'
      ? relocation.symbol
      : (exported.get(relocation.symbol.name) ?? relocation.symbol);
  if (symbol.section === undefined)
    return relocationError(section, relocation, 'has no place in a section');
  const home = elf.sections[symbol.section]!;
  const offset = symbol.value + addend;
  if (home.flags.exec) return codeAt(home, offset, at(section.name, relocation.offset));
  if (form === 'call')
    return relocationError(
      section,
      relocation,
      `calls into section ${home.name}, which holds no instructions`,
    );
  const address = maps.lookup(home.index, offset);
  if (address === undefined) {
    return relocationError(
      section,
      relocation,
      `refers to section ${home.name}, which holds no maps and no global data`,
    );
  }
  if (address instanceof InputError)
    return relocationError(section, relocation, `cannot be resolved: ${address.message}`);
  return { to: address.kind, index: address.index, offset: address.offset };
}
