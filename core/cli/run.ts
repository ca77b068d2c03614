import { once } from 'node:events';
import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { WrittenPacket } from '../packet/capture/pcapng-write.ts';
import type { CaptureStream } from '../packet/capture/stream.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { Packet } from '../packet/types.ts';
import { instructionText } from '../program/instruction-text.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { warningsOf } from '../session/warnings.ts';
import type { Action } from '../spec/program-types.ts';
import { commentOf } from '../view/code-view.ts';
import { describeStep } from '../view/describe.ts';
import { type MapListing, MapStart } from '../view/map-changes.ts';
import { faultView } from '../view/snapshot.ts';
import type { Arguments } from './arguments.ts';
import { CaptureWriter, streamOf } from './capture-files.ts';
import { compareCommand } from './compare.ts';
import { sessionInputs, sessionOf } from './set-up.ts';
import { RunSummary } from './summary.ts';

/**
 * Name of a packet of a capture, with its number there: it differs from the packet's own where some
 * were left out.
 */
const CAPTURED = / #\d+$/;

type Write = (line: string) => void;

/**
 * The machine-readable account of the selected packet's run: a contract for scripts (README,
 * command line). `mapsCut`: how many entries the maps have that are listed in part.
 */
function resultOf(
  session: Session,
  index: number,
  name: string | undefined,
  outcome: RunOutcome,
  start: MapStart,
  listing: MapListing,
) {
  const { program, hook } = session;
  const machine = session.machine!;
  const { verdict, r0, fault } = outcome;
  const maps = machine.maps.map(
    (map, i) => [map.definition.name, start.listed(i, listing)] as const,
  );
  const cut = maps.filter(([, { entries, total }]) => entries.length < total);
  return {
    packet: index,
    ...(name !== undefined && CAPTURED.test(name) && { name }),
    program: program!.name,
    hook,
    ran: outcome.ran,
    verdict: {
      name: verdict.name,
      code: verdict.code ?? null,
      action: verdict.action,
      ...(verdict.reason && { reason: verdict.reason }),
      ...(verdict.warning && { warning: verdict.warning }),
    },
    r0: r0 === undefined ? null : `0x${r0.toString(16)}`,
    steps: outcome.steps,
    fault: fault
      ? (({ kind, pc, message }) => ({ kind, pc, message }))(faultView(machine.code, fault))
      : null,
    packetOut: toHex(outcome.packetOut),
    maps: Object.fromEntries(maps.map(([name, { entries }]) => [name, entries])),
    ...(cut.length > 0 && {
      mapsCut: Object.fromEntries(cut.map(([name, { total }]) => [name, total])),
    }),
    printk: machine.printk.map((line) => line.text),
  };
}

/** Every step with what it did; stops where the run ends. */
function trace(session: Session, write: Write): void {
  const machine = session.machine!;
  while (machine.status === 'running') {
    const { pc } = machine;
    const instruction = machine.code.instructions[pc];
    session.advance(machine.steps + 1);
    session.spendBudget();
    const comment =
      instruction && commentOf(session.object, machine.code, session.hook, pc, instruction);
    const text = instruction ? instructionText(instruction) : '';
    write(
      `${String(machine.steps).padStart(6)} ${String(pc).padStart(5)}: ` +
        `${(comment ? `${text} (${comment})` : text).padEnd(48)} ` +
        `${describeStep(machine, session.hook, session.object.externs)?.text ?? ''}`,
    );
  }
}

function words(result: ReturnType<typeof resultOf>, text: string): string {
  const parts = [`${packetWords(result.packet, result.name)}: ${text}, ${result.steps} steps`];
  if (result.verdict.reason) parts.push(`  ${result.verdict.reason}`);
  if (result.verdict.warning) parts.push(`  Note: ${result.verdict.warning}`);
  for (const line of result.printk) parts.push(`  printk: ${line}`);
  return parts.join('\n');
}

/** A packet as it is run: without a name where the set-up has none. */
type Given = Pick<Packet, 'bytes'> & Partial<Packet>;

/** The packets that are run, a part of them in memory at a time. */
async function* packetsOf(
  inputs: SessionInputs,
  stream: CaptureStream | undefined,
): AsyncGenerator<readonly Given[]> {
  if (stream) yield* stream.batches();
  else yield inputs.packets.length > 0 ? inputs.packets : [{ bytes: new Uint8Array() }];
}

/** The packet in words: its number, and that in its file where it is another. */
function packetWords(index: number, name: string | undefined): string {
  const leftOut = name !== undefined && CAPTURED.test(name) && !name.endsWith(` #${index + 1}`);
  return `packet ${index}${leftOut ? ` (${name})` : ''}`;
}

/** Verdicts behind which a packet goes on. */
const GOES_ON: ReadonlySet<Action> = new Set(['pass', 'tx', 'redirect', 'truncate']);

/** The packet as it goes on, with its verdict as comment; undefined where it does not. */
function goneOn(
  { bytes, timestamp = 0n, originalLength = bytes.length }: Given,
  { verdict, packetOut }: RunOutcome,
): WrittenPacket | undefined {
  if (!GOES_ON.has(verdict.action)) return undefined;
  const isChanged = !isEqualBytes(bytes, packetOut);
  return {
    bytes: packetOut,
    time: timestamp,
    // What was cut off the end of it when it was captured goes on, too.
    wireLength: packetOut.length + Math.max(0, originalLength - bytes.length),
    comment: isChanged ? `${verdict.text}, changed` : verdict.text,
  };
}

/** Where many lines wait to be read, more are not made until they are. */
async function linesTaken(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}

/**
 * `run`: every packet of the set-up in order, a line each; a capture is summed up unless lines are
 * asked for. Answers the exit status.
 */
export async function runCommand(
  args: Arguments,
  write: Write,
  note: Write = () => {},
): Promise<number> {
  if (Object.values(args.compare).some((other) => other !== undefined))
    return compareCommand(args, write, note);
  const { pcap, ...others } = args;
  const inputs = await sessionInputs(
    { ...others, pcap: undefined },
    note,
    Number.POSITIVE_INFINITY,
  );
  const stream = pcap === undefined ? undefined : streamOf(pcap);
  const packets = stream ? [] : inputs.packets;
  const session = await sessionOf(args, { ...inputs, packets, packet: 0, step: 0 });
  session.load(stream ? MAX_PACKET : 0);
  for (const warning of warningsOf(session)) note(warning);
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  const out = pcap !== undefined && args.writePcap ? new CaptureWriter(args.writePcap, pcap) : null;
  const summary = stream && !args.each && !args.json && !args.trace ? new RunSummary() : null;
  const start = summary ? null : new MapStart(session.machine!, session.startMemory);
  let [faulted, index] = [false, 0];
  for await (const batch of packetsOf(inputs, stream)) {
    for (const packet of batch) {
      const outcome = runOne(session, index, packet, args.trace ? write : undefined);
      faulted ||= outcome.fault !== undefined;
      const gone = out && goneOn(packet, outcome);
      if (out && gone) out.write(gone);
      if (start) {
        const result = resultOf(session, index, packet.name, outcome, start, args.maps);
        write(args.json ? JSON.stringify(result) : words(result, outcome.verdict.text));
      } else {
        const number = index;
        const named = () => packetWords(number, packet.name);
        summary?.add(named, outcome, faultOf(session, outcome));
      }
      index++;
    }
    await linesTaken();
  }
  out?.close();
  for (const line of summary?.lines() ?? []) write(line);
  if (stream) {
    note(`${pcap}: read ${pluralOf(index, 'packet')}`);
    for (const line of stream.notes) note(`${pcap}: ${line}`);
  }
  return faulted ? 1 : 0;
}

const faultOf = ({ machine }: Session, { fault }: RunOutcome) =>
  fault && machine ? faultView(machine.code, fault) : undefined;

/** One packet to its end; `write`: where its steps are told. */
function runOne(session: Session, index: number, { bytes }: Given, write?: Write): RunOutcome {
  if (write === undefined) return finish(session.runFrame(index, bytes));
  session.beginFrame(index, bytes);
  if (session.bypass === undefined) trace(session, write);
  return finish(session.completeFrame(index, bytes));
}
