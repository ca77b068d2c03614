import { once } from 'node:events';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { CaptureStream } from '../packet/capture/stream.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import type { Packet } from '../packet/types.ts';
import { instructionText } from '../program/instruction-text.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { finish, type Session } from '../session/session.ts';
import type { SessionInputs, SessionPacket } from '../session/types.ts';
import { warningsOf } from '../session/warnings.ts';
import type { Nanoseconds } from '../spec/units.ts';
import { commentOf } from '../view/code-view.ts';
import { describeStep } from '../view/describe.ts';
import { type MapListing, MapStart } from '../view/map-changes.ts';
import { faultView } from '../view/snapshot.ts';
import type { Arguments } from './arguments.ts';
import { CaptureWriter, streamOf } from './capture-files.ts';
import { compareCommand } from './compare.ts';
import { coverCommand } from './cover.ts';
import { sessionInputs, sessionOf } from './set-up.ts';
import { CAPTURED, goneOn, packetWords, sumUp } from './sum-up.ts';

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
type Given = Pick<Packet, 'bytes'> & Partial<Packet> & Pick<SessionPacket, 'time'>;

const timeOf = (packet: Given | undefined) => packet?.timestamp ?? packet?.time;

/** Each packet with the one behind it, which says when its run's end is over. */
async function* withNext(
  batches: AsyncIterable<readonly Given[]>,
): AsyncGenerator<readonly { readonly packet: Given; readonly next: Given | undefined }[]> {
  let last: Given | undefined;
  for await (const batch of batches) {
    const there = last ? [last, ...batch] : batch;
    last = there.at(-1);
    yield there.slice(0, -1).map((packet, i) => ({ packet, next: there[i + 1] }));
  }
  if (last) yield [{ packet: last, next: undefined }];
}

/** The packets that are run, a part of them in memory at a time. */
async function* packetsOf(
  inputs: SessionInputs,
  stream: CaptureStream | undefined,
): AsyncGenerator<readonly Given[]> {
  if (stream) yield* stream.batches();
  else yield inputs.packets.length > 0 ? inputs.packets : [{ bytes: new Uint8Array() }];
}

/** Where many lines wait to be read, more are not made until they are. */
export async function linesTaken(): Promise<void> {
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
  if (args.cover !== undefined) return coverCommand(args, write, note);
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
  const isEach = !stream || args.each || args.json || args.trace;
  const { count, faulted } = isEach
    ? await eachPacket(session, packetsOf(inputs, stream), args, write, out)
    : await sumUp(session, stream, write, out);
  out?.close();
  if (stream) {
    note(`${pcap}: read ${pluralOf(count, 'packet')}`);
    for (const line of stream.notes) note(`${pcap}: ${line}`);
  }
  return faulted ? 1 : 0;
}

/** A line, or an object, for each. */
async function eachPacket(
  session: Session,
  batches: AsyncIterable<readonly Given[]>,
  args: Arguments,
  write: Write,
  out: CaptureWriter | null,
): Promise<{ count: number; faulted: boolean }> {
  const start = new MapStart(session.machine!, session.startMemory);
  let [faulted, count] = [false, 0];
  let first: Given | undefined;
  for await (const batch of withNext(batches)) {
    for (const { packet, next } of batch) {
      first ??= packet;
      const arrival = session.arrivalOf(timeOf(next), timeOf(first));
      const outcome = runOne(session, count, packet, arrival, args.trace ? write : undefined);
      faulted ||= outcome.fault !== undefined;
      const gone = out && goneOn(packet, outcome);
      if (out && gone) out.write(gone);
      const result = resultOf(session, count, packet.name, outcome, start, args.maps);
      write(args.json ? JSON.stringify(result) : words(result, outcome.verdict.text));
      count++;
    }
    await linesTaken();
  }
  return { count, faulted };
}

/** One packet to its end; `next`: when the next one comes; `write`: where its steps are told. */
function runOne(
  session: Session,
  index: number,
  { bytes }: Given,
  next: Nanoseconds | undefined,
  write?: Write,
): RunOutcome {
  if (write === undefined) return finish(session.runFrame(index, bytes, next));
  session.beginFrame(index, bytes, next);
  if (session.bypass === undefined) trace(session, write);
  return finish(session.completeFrame(index, bytes));
}
