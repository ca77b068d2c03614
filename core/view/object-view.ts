import {
  type CompletedMap,
  completionText,
  completionWarnings,
  needsEntries,
} from '../maps/completion.ts';
import type { CoreResult, Extern, LoadedObject } from '../object/types.ts';
import type {
  CoreRelocationView,
  ExternView,
  KernelTypesView,
  ObjectView,
} from '../protocol/messages.ts';
import { completedMaps } from '../session/build.ts';
import type { Session } from '../session/session.ts';
import { mapTypeName } from '../spec/map-types.ts';
import { CORE_RELOCATIONS } from '../spec/relocations.ts';
import { hookOfSection } from '../spec/sections.ts';
import { typeOfPart } from './map-view.ts';

const flagText = (flags: { write: boolean; alloc: boolean; exec: boolean }): string =>
  `${flags.write ? 'W' : ''}${flags.alloc ? 'A' : ''}${flags.exec ? 'X' : ''}`;

/** What an object holds, as the page and the command line show it. */
export function objectView(
  object: LoadedObject,
  maps: readonly CompletedMap[] = completedMaps(object, {}),
): ObjectView {
  const sectionName = (index: number | undefined): string =>
    index === undefined
      ? 'undefined'
      : (object.sections.find((section) => section.index === index)?.name ?? String(index));
  return {
    name: object.name,
    format: object.format,
    endian: object.endian,
    size: object.bytes.length,
    license: object.license,
    sections: object.sections.map(({ flags, ...section }) => ({
      ...section,
      flags: flagText(flags),
    })),
    symbols: object.symbols.map(({ name, type, binding, section, value, size }) => ({
      name,
      type,
      binding,
      section: sectionName(section),
      value,
      size,
    })),
    relocations: object.relocations.map(({ addend, ...relocation }) => ({
      ...relocation,
      addend: addend.toString(),
    })),
    programs: object.programs.map((program) => ({
      name: program.name,
      section: program.section,
      instructions: program.size / 8,
      ...hookOfSection(program.section),
      ...('error' in program.linked && { error: program.linked.error.message }),
    })),
    maps: maps.map(({ definition: map, changes }) => ({
      name: map.name,
      type: mapTypeName(map.type),
      keySize: map.keySize,
      valueSize: map.valueSize,
      maxEntries: map.maxEntries,
      origin: map.origin,
      section: map.section,
      declaration:
        `${typeOfPart(object.btf, map.keyType, map.keySize)} -> ` +
        `${typeOfPart(object.btf, map.valueType, map.valueSize)}`,
      filledIn: completionText(changes),
      needsEntries: needsEntries(map.type),
    })),
    externs: object.externs.map((extern) => externView(object, extern)),
    coreRelocations: object.coreRelocations.map(coreRelocationView),
    warnings: [...object.warnings, ...maps.flatMap(completionWarnings)],
  };
}

function externView(
  { btf }: LoadedObject,
  { name, kind, weak, type, value, given }: Extern,
): ExternView {
  const variable = btf?.byId(type ?? 0);
  const editable = variable?.kind === 'var' && (kind === 'kconfig' || kind === 'ksym');
  const declaration = btf && type !== undefined ? btf.declaration(type) : '';
  return { name, kind, weak, declaration, ...(value !== undefined && { value }), given, editable };
}

function coreRelocationView(result: CoreResult): CoreRelocationView {
  const { section, offset, kind, subject, local, how } = result;
  return {
    section,
    offset,
    kind,
    subject,
    ...(local !== undefined && { local: local.toString() }),
    how,
    result:
      how === 'patched'
        ? result.value.toString()
        : how === 'poisoned'
          ? result.reason
          : result.error.reason,
    doc: CORE_RELOCATIONS.find(({ name }) => name === kind)?.doc ?? '',
  };
}

/** What CO-RE relocations of a session's object were resolved against. */
export function kernelTypesView({
  inputs: { kernelTypes },
  object: { target },
}: Session): KernelTypesView {
  const choice = typeof kernelTypes === 'object' ? 'file' : (kernelTypes ?? 'automatic');
  return { choice, ...(target !== undefined && { used: target }) };
}
