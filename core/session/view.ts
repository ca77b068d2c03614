import { baseName } from '../bytes/base-name.ts';
import { initialContext } from '../hooks/enter.ts';
import { DEFAULT_NETWORK } from '../machine/network.ts';
import {
  type CompletedMap,
  completionText,
  completionWarnings,
  needsEntries,
} from '../maps/completion.ts';
import type { CoreResult, Extern, LoadedObject } from '../object/types.ts';
import { dissect } from '../packet/dissect.ts';
import type {
  ContextInput,
  CoreRelocationView,
  ExternView,
  KernelTypesView,
  ObjectView,
  Outcome,
  PacketRow,
  SessionView,
} from '../protocol/messages.ts';
import { type ContextField, contextFields } from '../spec/contexts.ts';
import { mapTypeName } from '../spec/map-types.ts';
import { type OptionRow, programType } from '../spec/program-types.ts';
import { CORE_RELOCATIONS } from '../spec/relocations.ts';
import { hookOfSection } from '../spec/sections.ts';
import { completedMaps } from './build.ts';
import { codeView, reconstructSources } from './code-view.ts';
import { hex64 } from './describe.ts';
import { nameOfEdit } from './edits.ts';
import { breakpointRows } from './line-breakpoints.ts';
import { declarationOf } from './map-view.ts';
import { qemuSetup } from './qemu.ts';
import type { Session } from './session.ts';
import { faultView } from './snapshot.ts';
import { variableViews } from './variables.ts';
import { hookNote, warningsOf } from './warnings.ts';
import { nameOfTarget } from './watch.ts';

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
      declaration: `${declarationOf(object.btf, map.keyType, map.keySize)} -> ${declarationOf(object.btf, map.valueType, map.valueSize)}`,
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

function kernelTypesView({
  inputs: { kernelTypes },
  object: { target },
}: Session): KernelTypesView {
  const choice = typeof kernelTypes === 'object' ? 'file' : (kernelTypes ?? 'automatic');
  return { choice, ...(target !== undefined && { used: target }) };
}

function contextInputs(session: Session): ContextInput[] {
  const { context } = programType(session.hook);
  if (context === undefined) return [];
  const chosen = new Map(session.inputs.context);
  const { frame, options } = session;
  const littleEndian = session.object.endian === 'little';
  const derived = initialContext(session.hook, context, {
    frame,
    options,
    littleEndian,
    context: new Map(),
  });
  const readable = (field: ContextField) =>
    field.yields === 'number' &&
    (field.read === undefined || field.read.includes(session.hook)) &&
    (field.only === undefined || options.get(field.only[0]) === field.only[1]);
  return contextFields(context)
    .filter(readable)
    .map((field) => ({
      field: field.name,
      size: field.size,
      value: chosen.get(field.name) ?? derived.get(field.name)!.toString(),
      editable: field.editable,
      doc: field.doc,
    }));
}

/** The outcome of the selected packet as the page and the command line tell it. */
export function outcomeView(session: Session): Outcome | undefined {
  const { outcome } = session;
  if (outcome === undefined) return undefined;
  const fault = outcome.fault && session.machine && faultView(session.machine.code, outcome.fault);
  return {
    ran: outcome.ran,
    verdict: outcome.verdict,
    ...(outcome.r0 !== undefined && { r0: hex64(outcome.r0) }),
    steps: outcome.steps,
    ...(fault && { fault }),
    hash: outcome.hash,
  };
}

function packetRows(session: Session): PacketRow[] {
  const link = session.hook === 'ubpf' ? 'raw' : 'ethernet';
  return session.inputs.packets.map(({ name, bytes }, i) => ({
    name,
    length: bytes.length,
    summary: dissect(bytes, link).summary,
    ...(session.outcomes[i] && { verdict: session.outcomes[i].verdict }),
  }));
}

/**
 * Everything the page draws about the set-up: changes when an input changes, not from step to step.
 */
export function viewOf(
  session: Session,
  packetNotes: readonly string[],
  undo = false,
  packetAlternatives: SessionView['packetAlternatives'] = [],
): SessionView {
  const { inputs, object, machine } = session;
  const code = machine
    ? codeView(object, machine.code, session.hook)
    : { functions: [], rows: [], lines: [] };
  const given = new Set(inputs.sources.map((source) => baseName(source.file)));
  const reconstructed = reconstructSources(code.lines).filter(
    (source) => !given.has(baseName(source.file)),
  );
  const outcome = outcomeView(session);
  const qemu = qemuSetup(session);
  return {
    object: objectView(object, session.maps),
    program: session.program?.name ?? '',
    ...(session.problem !== undefined && { programError: session.problem }),
    hook: session.hook,
    hookNote: hookNote(session),
    hookRecognised:
      session.program !== undefined && hookOfSection(session.program.section).recognised,
    options: programType(session.hook).options.map((row: OptionRow) => ({
      ...row,
      value: session.options.get(row.name)!,
    })),
    settings: inputs.settings,
    network: inputs.network ?? DEFAULT_NETWORK,
    kernelTypes: kernelTypesView(session),
    variables: variableViews(session),
    code,
    sources: [...inputs.sources, ...reconstructed],
    packets: packetRows(session),
    packet: inputs.packet,
    packetBytes: session.frame,
    dissection: dissect(session.frame, session.hook === 'ubpf' ? 'raw' : 'ethernet'),
    packetNotes: [...packetNotes],
    packetAlternatives,
    context: contextInputs(session),
    ...(qemu && { qemu }),
    ...(outcome && { outcome }),
    breakpoints: [...inputs.breakpoints],
    breakpointRows: machine
      ? breakpointRows(machine.code, inputs.breakpoints)
      : inputs.breakpoints.map((pc) => ({ pcs: [pc] })),
    rules: [...(inputs.rules ?? [])],
    expressions: [...(inputs.expressions ?? [])],
    watchpoints: (inputs.watchpoints ?? []).map((target) => ({
      name: nameOfTarget(target),
      target,
    })),
    edits: (inputs.edits ?? []).map((edit) => ({ ...edit, name: nameOfEdit(edit) })),
    undo,
    warnings: warningsOf(session),
  };
}
