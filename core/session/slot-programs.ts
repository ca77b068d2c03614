import { readSlot, SLOT_BYTES } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import type { Machine } from '../machine/machine.ts';
import { ProgArray } from '../maps/prog-array.ts';
import type { LinkedCode, LoadedObject, Program } from '../object/types.ts';
import { LDDW_OPCODE, LDDW_SOURCE } from '../spec/isa.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { hookOfSection, isOtherType } from '../spec/sections.ts';

/** Indexes of the maps that code names. */
export function mapsNamed({ bytes }: LinkedCode, endian: Endian): Set<number> {
  const named = new Set<number>();
  for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
    const slot = readSlot(bytes, at, endian);
    if (slot.opcode !== LDDW_OPCODE) continue;
    if (slot.src === LDDW_SOURCE.map || slot.src === LDDW_SOURCE['map-value']) named.add(slot.imm);
    at += SLOT_BYTES;
  }
  return named;
}

/**
 * Says to each prog array which programs it takes: those of the type of the first that uses it, all
 * where none does (kernel/bpf/core.c, __bpf_prog_map_compatible: the type, and for XDP whether the
 * program takes packets in pieces).
 */
export function sortPrograms(
  object: LoadedObject,
  selected: Program,
  hook: HookName,
  { code, maps }: Machine,
): void {
  // A section name that says no type leaves it to the loader, who means the programs to fit.
  const typeOf = (program: Program): string => {
    const named = hookOfSection(program.section);
    if (program !== selected && isOtherType(program.section)) return program.section;
    const type = program === selected || !named.recognised ? hook : named.hook;
    return `${programType(type).id} ${named.options.frags ?? ''}`;
  };
  // Programs of an object stand in the order of their sections.
  const ordered = object.programs.flatMap((program) => {
    const number = code.programs.findIndex(({ name }) => name === program.name);
    return number < 0 || 'error' in program.linked
      ? []
      : [{ number, type: typeOf(program), uses: mapsNamed(program.linked, object.endian) }];
  });
  const firstUsed = ordered.toSorted((a, b) => a.number - b.number);
  for (const [index, map] of maps.entries()) {
    if (!(map instanceof ProgArray)) continue;
    const owner = firstUsed.find(({ uses }) => uses.has(index));
    map.takes = ordered
      .filter(({ type }) => owner === undefined || type === owner.type)
      .map(({ number }) => number);
  }
}
