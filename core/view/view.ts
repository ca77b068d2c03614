import { baseName } from '../bytes/base-name.ts';
import { initialContext } from '../hooks/enter.ts';
import { DEFAULT_NETWORK } from '../machine/network.ts';
import { dissect } from '../packet/dissect.ts';
import { stackRows } from '../packet/stack.ts';
import type {
  ChainView,
  ChangesPart,
  CodePart,
  ContextInput,
  HookListView,
  Outcome,
  SessionParts,
  SetUpPart,
  StopsPart,
  TrafficView,
} from '../protocol/messages.ts';
import { nameOfEdit } from '../session/edits.ts';
import { variableViews } from '../session/global-values.ts';
import type { Session } from '../session/session.ts';
import { breakpointRows } from '../session/travel/line-breakpoints.ts';
import { nameOfTarget } from '../session/travel/watch.ts';
import { hookNote, warningsOf } from '../session/warnings.ts';
import { type ContextField, contextFields } from '../spec/contexts.ts';
import { type OptionRow, programType } from '../spec/program-types.ts';
import { hookOfSection } from '../spec/sections.ts';
import { attachCommands } from './attach-commands.ts';
import { codeView, reconstructSources } from './code-view.ts';
import { hex64 } from './describe.ts';
import { expectationsPart } from './expectations-view.ts';
import { kernelTypesView, objectView } from './object-view.ts';
import { linkTypeOf, packetRow } from './packet-table.ts';
import { qemuSetup } from './qemu.ts';
import { faultView } from './snapshot.ts';
import { surroundingsOf } from './surroundings.ts';

function contextInputs(session: Session): ContextInput[] {
  const { context } = programType(session.hook);
  if (context === undefined) return [];
  const { packets, packet } = session.inputs;
  const handed = packets[packet]?.handed?.fields ?? [];
  const chosen = new Map([...session.inputs.context, ...handed]);
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

/** What is shown: a session, and what whoever shows it knows beside. */
export interface ShownSession {
  readonly session: Session;
  /** SetUpPart.run */
  readonly run: number;
  readonly packetNotes: readonly string[];
  readonly packetAlternatives: SetUpPart['packetAlternatives'];
  readonly changes: ChangesPart;
  /** A capture with more packets than a session holds. */
  readonly traffic: TrafficView | undefined;
  /** A netdev with its filters, and what flows through them. */
  readonly chain: ChainView | undefined;
  /** Programs on hooks of Linux, and packets past them. */
  readonly hookLists: HookListView[];
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
  const partial = reconstructed.map((source) => ({ ...source, partial: true as const }));
  return { code, sources: [...inputs.sources, ...partial] };
}

function setUpPart(shown: ShownSession): SetUpPart {
  const { session, run, packetNotes, packetAlternatives } = shown;
  const { inputs, hook, program, problem, frame } = session;
  const outcome = outcomeView(session);
  const qemu = qemuSetup(session);
  const link = linkTypeOf(session);
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
    dissection: dissect(frame, link),
    packetStack: link === 'raw' ? [] : stackRows(frame, link),
    packetNotes: [...packetNotes],
    packetAlternatives,
    context: contextInputs(session),
    ...(qemu && { qemu }),
    commands: attachCommands(session),
    surroundings: surroundingsOf(hook),
    ...(outcome && { outcome }),
    edits: (inputs.edits ?? []).map((edit) => ({ ...edit, name: nameOfEdit(edit) })),
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
  readonly of: (shown: ShownSession) => readonly unknown[];
  readonly make: (shown: ShownSession) => Part;
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
    of: ({ session, run, packetNotes, packetAlternatives }) => [
      session,
      session.inputs.packet,
      run,
      packetNotes,
      packetAlternatives,
    ],
    make: setUpPart,
  },
  packets: {
    of: ({ session: { inputs } }) => [inputs.packets, inputs.capture],
    make: ({ session: { inputs } }) => ({
      packetNames: inputs.packets.map(({ name }) => name),
      ...(inputs.capture && { capture: inputs.capture }),
    }),
  },
  rows: {
    of: ({ session, rows }) => [session, rows, session.ranPackets],
    make: ({ session, rows: { from, count } }) => ({
      packetRows: {
        from,
        rows: session.inputs.packets
          .slice(from, from + count)
          .map((_, i) => packetRow(session, from + i)),
      },
      packetsRun: { done: session.ranPackets, more: session.canRunMore },
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
  notes: {
    of: ({ session: { inputs } }) => [inputs.notes],
    make: ({ session: { inputs } }) => ({ notes: [...(inputs.notes ?? [])] }),
  },
  expectations: {
    of: ({ session }) => {
      const { expectations = [] } = session.inputs;
      const isAny = expectations.length > 0;
      return isAny ? [expectations, session, session.ranPackets] : [undefined];
    },
    make: ({ session }) => expectationsPart(session),
  },
  traffic: {
    of: ({ traffic }) => [traffic],
    make: ({ traffic }) => (traffic ? { traffic } : {}),
  },
  chain: {
    of: ({ chain }) => [chain],
    make: ({ chain }) => (chain ? { chain } : {}),
  },
  hooks: {
    of: ({ hookLists }) => [hookLists],
    make: ({ hookLists }) => ({ hookLists }),
  },
  changes: {
    of: ({ changes: { undo, redo } }) => [undo, redo],
    make: ({ changes }) => changes,
  },
};
const PART_NAMES = Object.keys(PARTS) as (keyof SessionParts)[];

/** Everything the page draws about the set-up. */
export const sessionParts = (shown: ShownSession): SessionParts =>
  Object.fromEntries(PART_NAMES.map((name) => [name, PARTS[name].make(shown)])) as never;

/** What a page has been sent of the set-up. */
export class SentParts {
  private readonly sent = new Map<keyof SessionParts, readonly unknown[]>();

  /** The parts that are made of something else than when they were sent last; they are sent now. */
  changed(shown: ShownSession): Partial<SessionParts> {
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
