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
  CodePart,
  ContextInput,
  CoreRelocationView,
  ExternView,
  KernelTypesView,
  ObjectView,
  Outcome,
  PacketRow,
  SessionParts,
  SetUpPart,
  StopsPart,
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
  };
}

const linkOf = ({ hook }: Session): 'raw' | 'ethernet' => (hook === 'ubpf' ? 'raw' : 'ethernet');

/** Packets are never changed in place: the summary of one stays what it is. */
const summaries = { raw: new WeakMap<Uint8Array, string>(), ethernet: new WeakMap() };

function summaryOf(bytes: Uint8Array, link: keyof typeof summaries): string {
  const known = summaries[link].get(bytes);
  if (known !== undefined) return known;
  const { summary } = dissect(bytes, link);
  summaries[link].set(bytes, summary);
  return summary;
}

function packetRows(session: Session, from: number, count: number): PacketRow[] {
  const link = linkOf(session);
  return session.inputs.packets.slice(from, from + count).map(({ name, bytes }, i) => {
    const verdict = session.outcomes[from + i]?.verdict;
    const summary = summaryOf(bytes, link);
    return { name, length: bytes.length, summary, ...(verdict && { verdict }) };
  });
}

/** What is shown: a session, and what whoever shows it knows beside. */
export interface Shown {
  readonly session: Session;
  /** SetUpPart.run */
  readonly run: number;
  readonly packetNotes: readonly string[];
  readonly packetAlternatives: SetUpPart['packetAlternatives'];
  readonly undo: boolean;
  /** Rows of the list of packets that are in sight. */
  readonly rows: { readonly from: number; readonly count: number };
}

function codePart({ object, machine, hook, inputs }: Session): CodePart {
  const code = machine
    ? codeView(object, machine.code, hook)
    : { functions: [], rows: [], lines: [] };
  const given = new Set(inputs.sources.map((source) => baseName(source.file)));
  const reconstructed = reconstructSources(code.lines).filter(
    (source) => !given.has(baseName(source.file)),
  );
  return { code, sources: [...inputs.sources, ...reconstructed] };
}

function setUpPart(shown: Shown): SetUpPart {
  const { session, run, packetNotes, packetAlternatives, undo } = shown;
  const { inputs, hook, program, problem, frame } = session;
  const outcome = outcomeView(session);
  const qemu = qemuSetup(session);
  return {
    run,
    program: program?.name ?? '',
    ...(problem !== undefined && { programError: problem }),
    hook,
    hookNote: hookNote(session),
    hookRecognised: program !== undefined && hookOfSection(program.section).recognised,
    options: programType(hook).options.map((row: OptionRow) => ({
      ...row,
      value: session.options.get(row.name)!,
    })),
    settings: inputs.settings,
    network: inputs.network ?? DEFAULT_NETWORK,
    variables: variableViews(session),
    packet: inputs.packet,
    packetBytes: frame,
    dissection: dissect(frame, linkOf(session)),
    packetNotes: [...packetNotes],
    packetAlternatives,
    context: contextInputs(session),
    ...(qemu && { qemu }),
    ...(outcome && { outcome }),
    edits: (inputs.edits ?? []).map((edit) => ({ ...edit, name: nameOfEdit(edit) })),
    undo,
    warnings: warningsOf(session),
  };
}

function stopsPart({ inputs, machine }: Session): StopsPart {
  const { breakpoints, rules = [], expressions = [], watchpoints = [] } = inputs;
  return {
    breakpoints: [...breakpoints],
    breakpointRows: machine
      ? breakpointRows(machine.code, breakpoints)
      : breakpoints.map((pc) => ({ pcs: [pc] })),
    rules: [...rules],
    expressions: [...expressions],
    watchpoints: watchpoints.map((target) => ({ name: nameOfTarget(target), target })),
  };
}

/** A part: how it is made, and all that it is made of, by identity. */
interface PartRow<Part> {
  readonly of: (shown: Shown) => readonly unknown[];
  readonly make: (shown: Shown) => Part;
}

const PARTS: { readonly [Name in keyof SessionParts]: PartRow<SessionParts[Name]> } = {
  object: {
    of: ({ session: { object, inputs } }) => [
      object,
      inputs.mapSizes,
      inputs.settings.cpus,
      inputs.kernelTypes,
    ],
    make: ({ session }) => ({
      object: objectView(session.object, session.maps),
      kernelTypes: kernelTypesView(session),
    }),
  },
  code: {
    of: ({ session: { object, program, hook, machine, inputs } }) => [
      object,
      program,
      hook,
      machine === undefined,
      inputs.sources,
    ],
    make: ({ session }) => codePart(session),
  },
  setUp: {
    of: ({ session, run, packetNotes, packetAlternatives, undo }) => [
      session,
      run,
      packetNotes,
      packetAlternatives,
      undo,
    ],
    make: setUpPart,
  },
  packets: {
    of: ({ session }) => [session.inputs.packets],
    make: ({ session }) => ({ packetNames: session.inputs.packets.map(({ name }) => name) }),
  },
  rows: {
    of: ({ session, rows }) => [session, rows],
    make: ({ session, rows: { from, count } }) => ({
      packetRows: { from, rows: packetRows(session, from, count) },
    }),
  },
  stops: {
    of: ({ session: { inputs, machine } }) => [
      machine?.code,
      inputs.breakpoints,
      inputs.rules,
      inputs.expressions,
      inputs.watchpoints,
    ],
    make: ({ session }) => stopsPart(session),
  },
};
const PART_NAMES = Object.keys(PARTS) as (keyof SessionParts)[];

/** Everything the page draws about the set-up. */
export const partsOf = (shown: Shown): SessionParts =>
  Object.fromEntries(PART_NAMES.map((name) => [name, PARTS[name].make(shown)])) as never;

/** What a page has been sent of the set-up. */
export class SentParts {
  private readonly sent = new Map<keyof SessionParts, readonly unknown[]>();

  /** The parts that are made of something else than when they were sent last; they are sent now. */
  changed(shown: Shown): Partial<SessionParts> {
    const names = PART_NAMES.filter((name) => {
      const before = this.sent.get(name);
      const now = PARTS[name].of(shown);
      this.sent.set(name, now);
      return before === undefined || now.some((part, i) => part !== before[i]);
    });
    return Object.fromEntries(names.map((name) => [name, PARTS[name].make(shown)]));
  }

  /** Nothing is known to have arrived: all of it goes with the next reply. */
  forget(): void {
    this.sent.clear();
  }
}
