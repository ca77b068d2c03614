import { toHex } from '../bytes/hex.ts';
import { helperParameters } from '../helpers/table.ts';
import type { CodeSpace } from '../machine/code-space.ts';
import type { Fault, FaultKind } from '../machine/fault.ts';
import { type Machine, STACK_BYTES } from '../machine/machine.ts';
import { EVER_READ, EVER_WRITTEN } from '../machine/recorder.ts';
import { TypedStructure } from '../machine/typed.ts';
import { address, nameAddress, nearestRegion, WRITE } from '../memory/memory.ts';
import { dissect } from '../packet/dissect.ts';
import { functionAt, programAt } from '../program/code.ts';
import { readsOf } from '../program/effects.ts';
import { lineAt } from '../program/lines.ts';
import type {
  ContextValue,
  FaultView,
  FrameView,
  OutputLine,
  PacketMemory,
  RegionView,
  RegisterView,
  Snapshot,
} from '../protocol/messages.ts';
import { notesSeenFrom } from '../session/notes.ts';
import { frameBytes } from '../session/outcome.ts';
import type { Session } from '../session/session.ts';
import { type Stop, stopText } from '../session/stop.ts';
import { inlinedAt } from '../source/debug-scopes.ts';
import { describeNext, describeStep, hex64, registerText, writtenRegisters } from './describe.ts';
import { mapView } from './map-view.ts';

type Range = [number, number];

/** Runs of bytes for which `test` holds, as [start, end). */
function ranges(length: number, test: (index: number) => boolean): Range[] {
  const found: Range[] = [];
  for (let i = 0; i < length; i++) {
    if (!test(i)) continue;
    const last = found.at(-1);
    if (last && last[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}

/** Parts of [base, base + length) that the last step touched, relative to base. */
function touched(machine: Machine, base: number, length: number, kind: number): Range[] {
  const { recorder } = machine;
  if (!recorder) return [];
  const found: Range[] = [];
  for (let n = 0; n < recorder.count; n++) {
    const start = Math.max(recorder.at[n], base);
    const end = Math.min(recorder.at[n] + recorder.size[n], base + length);
    if (recorder.kind[n] === kind && start < end) found.push([start - base, end - base]);
  }
  return found;
}

function marked(machine: Machine, base: number, length: number, bit: number): Range[] {
  const marks = machine.recorder?.marks;
  return marks ? ranges(length, (i) => (marks[base + i] & bit) !== 0) : [];
}

function registers(session: Session, machine: Machine): RegisterView[] {
  const written = writtenRegisters(machine);
  const { recorder, code } = machine;
  const last = recorder && recorder.pc >= 0 ? code.instructions[recorder.pc] : undefined;
  const reads = last?.row ? readsOf(last, (id) => helperParameters(session.hook, id)) : 0;
  return Array.from({ length: 11 }, (_, n): RegisterView => {
    const value = machine.registers[n];
    const before = written.get(n);
    return {
      name: `r${n}`,
      hex: hex64(value),
      signed: BigInt.asIntN(64, value).toString(),
      meaning: nameAddress(machine.memory, value) ?? '',
      unset: (machine.readable & (1 << n)) === 0,
      written: before !== undefined,
      ...(before !== undefined && before !== value && { before: registerText(machine, before) }),
      read: (reads & (1 << n)) !== 0,
    };
  });
}

function frames(session: Session, machine: Machine): FrameView[] {
  const { memory, frames: calls } = machine;
  return Array.from({ length: calls.length + 1 }, (_, depth): FrameView => {
    const running = depth === calls.length;
    const pc = running ? machine.pc : calls[depth].returnPc;
    // The call itself is what places a waiting frame: the instruction after it may belong to
    // another function.
    const at = running ? pc : pc - 1;
    const base = memory.base[machine.stackRegions[depth]];
    const line = lineAt(machine.code, at);
    return {
      function: functionAt(machine.code, at)?.function.name ?? session.program?.name ?? '',
      pc,
      ...(line && { line: line.line }),
      inlined: inlinedAt(session.object, machine.code, at).map(({ name, callLine }) => ({
        function: name,
        ...(callLine !== undefined && { callLine }),
      })),
      region: memory.info[machine.stackRegions[depth]].id(),
      stack: memory.bytes.slice(base, base + STACK_BYTES),
      read: touched(machine, base, STACK_BYTES, EVER_READ),
      written: touched(machine, base, STACK_BYTES, EVER_WRITTEN),
      initialised: marked(machine, base, STACK_BYTES, EVER_WRITTEN),
    };
  });
}

function context(machine: Machine): ContextValue[] {
  const access = machine.context;
  if (!(access instanceof TypedStructure)) return [];
  const now = machine.recorder?.touched;
  return access.fields.map((field) => ({
    field: field.name,
    offset: field.offset,
    size: field.size,
    text:
      field.yields === 'number' || field.yields === 'length'
        ? access.value(field).toString()
        : registerText(machine, access.value(field)),
    read: now?.kind === EVER_READ && now.fields.includes(field),
    written: now?.kind === EVER_WRITTEN && now.fields.includes(field),
  }));
}

/** The packet as it is now; all ranges count from the frame's first byte. */
function packetMemory(session: Session, machine: Machine): PacketMemory {
  const { frame } = session;
  const { packet, memory } = machine;
  const bytes =
    session.hook === 'filter-ubpf' ? wholeFrame(session, machine) : frameBytes(machine, frame);
  const base = packet.data - packet.hidden;
  const differs = ranges(bytes.length, (i) => bytes[i] !== frame[i]);
  const carets =
    machine.memory.info[packet.region]?.kind === 'stale' || packet.region === 0
      ? []
      : registerCarets(machine);
  return {
    bytes,
    ...(differs.length > 0 || bytes.length !== frame.length
      ? { dissection: dissect(bytes, session.hook === 'ubpf' ? 'raw' : 'ethernet') }
      : {}),
    changed: differs,
    read: touched(machine, base, bytes.length, EVER_READ),
    written: touched(machine, base, bytes.length, EVER_WRITTEN),
    everRead: packet.region === 0 ? [] : marked(machine, base, bytes.length, EVER_READ),
    everWritten: packet.region === 0 ? [] : marked(machine, base, bytes.length, EVER_WRITTEN),
    carets: carets.filter(
      ({ offset }) => offset >= 0 && offset <= bytes.length && memory.bytes.length > 0,
    ),
  };
}

/** filter-ubpf: the private copy, also where the program may only see 20 bytes of it. */
function wholeFrame(session: Session, machine: Machine): Uint8Array {
  const { packet } = machine;
  const start = packet.data - packet.hidden;
  return packet.region === 0
    ? session.frame
    : machine.memory.bytes.slice(start, start + session.frame.length);
}

function registerCarets(machine: Machine): { register: string; offset: number }[] {
  const { packet, memory } = machine;
  return Array.from({ length: 10 }, (_, n) => ({
    n,
    near: nearestRegion(memory, machine.registers[n]),
  }))
    .filter(({ near }) => near?.id === packet.region)
    .map(({ n, near }) => ({
      register: `r${n}`,
      offset: near!.offset + memory.info[packet.region].origin,
    }));
}

/** Regions a person can look into: named, not empty, reachable by the program. */
function regions(machine: Machine, without: ReadonlySet<string> = new Set()): RegionView[] {
  const { memory } = machine;
  const found: RegionView[] = [];
  for (let id = 1; id < memory.info.length && found.length < 512; id++) {
    const { kind, id: identity, name, origin } = memory.info[id];
    if (kind === 'stale' || without.has(kind) || memory.length[id] === 0 || memory.rights[id] === 0)
      continue;
    found.push({
      id: identity(),
      name: name(),
      address: hex64(address(id)),
      origin,
      length: memory.length[id],
      writable: (memory.rights[id] & WRITE) !== 0,
    });
  }
  return found;
}

const ADVICE: Partial<Record<FaultKind, string>> = {
  'out-of-bounds': 'Compare the pointer with the end (data_end, or the length) before this access.',
  'null-pointer': 'Check the pointer against NULL before using it: a map lookup may find nothing.',
  'stale-pointer':
    'Load data and data_end from the context again after a helper that moves the packet.',
  'helper-not-built': 'This helper is part of the kernel but not of the playground yet.',
  'step-budget':
    'If the loop does end, raise the step limit: it is among the surroundings of the hook.',
  'context-access': 'The kernel would refuse the program for this access.',
};

/** A fault as people and scripts see it: pc counts from the start of its own program. */
export function faultView(code: CodeSpace, fault: Fault): FaultView {
  const start = programAt(code, fault.pc)?.start ?? 0;
  const advice = ADVICE[fault.kind];
  return {
    kind: fault.kind,
    pc: fault.pc - start,
    message: fault.message,
    ...(fault.access && { address: hex64(fault.access.address) }),
    ...(fault.access?.region !== undefined && { region: fault.access.region }),
    ...(advice && { advice }),
  };
}

const stopped = (stop: Stop): Pick<Snapshot, 'stop' | 'stopped'> => ({
  stop,
  stopped: stopText(stop),
});

/**
 * The state where nothing can run: no program, one that does not link, or maps the kernel would
 * refuse.
 */
function emptySnapshot(session: Session): Snapshot {
  return {
    packet: session.inputs.packet,
    step: 0,
    status: 'unrunnable',
    ...stopped({ kind: 'unrunnable', reason: session.problem ?? '' }),
    registers: [],
    frames: [],
    context: [],
    packetMemory: {
      bytes: session.frame,
      changed: [],
      read: [],
      written: [],
      everRead: [],
      everWritten: [],
      carets: [],
    },
    regions: [],
    maps: [],
    output: [],
  };
}

/** Kinds of regions that a run begins with. */
const OF_A_RUN: ReadonlySet<string> = new Set(['stack', 'packet', 'context']);

/**
 * Where the hook did not run the program there is no state of it: the packet as it came, and what
 * maps hold.
 */
function bypassedSnapshot(session: Session, machine: Machine, bypass: string): Snapshot {
  return {
    ...emptySnapshot(session),
    totalSteps: 0,
    status: 'bypassed',
    ...stopped({ kind: 'bypassed', reason: bypass }),
    registers: registers(session, machine),
    regions: regions(machine, OF_A_RUN),
    maps: machine.maps.map((_, i) => mapView(session.object, machine, i, session.initialMaps[i])),
    ...(session.outcome && { verdict: session.outcome.verdict }),
  };
}

/** Printed lines and records, in the order in which the program made them. */
function outputLines(
  { printk, records, steps }: Machine,
  logged: ReadonlyMap<number, string>,
): OutputLine[] {
  const lines: OutputLine[] = printk.map((line) => ({ ...line, source: 'printk' }));
  for (const { step, source, map, bytes, note } of records) {
    const text = `${map}: ${bytes.length} bytes${note && `, ${note}`}`;
    lines.push({ step, source, text, map, bytes: toHex(bytes) });
  }
  for (const [step, text] of logged) if (step <= steps) lines.push({ step, source: 'log', text });
  return lines.sort((a, b) => a.step - b.step);
}

/** Everything the page draws about the machine at this step: plain data. */
export function snapshotOf(session: Session): Snapshot {
  const shown = machineSnapshot(session);
  const { notes = [], packet } = session.inputs;
  if (notes.length === 0) return shown;
  const notesHere = notesSeenFrom(notes, { packet, step: shown.step }, shown.totalSteps);
  return { ...shown, notesHere };
}

function machineSnapshot(session: Session): Snapshot {
  const { machine, outcome, bypass } = session;
  if (machine === undefined) return emptySnapshot(session);
  if (bypass !== undefined) return bypassedSnapshot(session, machine, bypass);
  const over = machine.status !== 'running';
  const status = machine.status === 'running' ? 'paused' : machine.status;
  const last = describeStep(machine, session.hook, session.object.externs);
  const next = describeNext(machine);
  return {
    packet: session.inputs.packet,
    step: machine.steps,
    ...(outcome && { totalSteps: outcome.steps }),
    status,
    ...stopped(session.stop),
    ...(machine.status !== 'finished' && { pc: machine.pc }),
    registers: registers(session, machine),
    frames: frames(session, machine),
    context: context(machine),
    packetMemory: packetMemory(session, machine),
    regions: regions(machine),
    maps: machine.maps.map((_, i) => mapView(session.object, machine, i, session.initialMaps[i])),
    output: outputLines(machine, session.logged),
    ...(last && { last }),
    ...(next !== undefined && { next }),
    ...(over && outcome && { verdict: outcome.verdict }),
    ...(machine.fault && { fault: faultView(machine.code, machine.fault) }),
  };
}
