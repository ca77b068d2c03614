import { basename } from 'node:path';
import { isEqualBytes } from '../bytes/equal.ts';
import { InputError } from '../errors.ts';
import type { CaptureStream } from '../packet/capture/stream.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { pluralOf } from '../packet/text/text-place.ts';
import { finish, runnableSession, type Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { warningsOf } from '../session/warnings.ts';
import { Comparison } from '../traffic/compare.ts';
import { comparisonReport } from '../traffic/compare-report.ts';
import type { Arguments } from './arguments.ts';
import { streamOf } from './capture-files.ts';
import { sessionInputs, sessionOf } from './set-up.ts';

type Write = (line: string) => void;

/** Packets that both sides judge at once: what the maps hold is compared behind as many. */
const AT_ONCE = 8192;

/** The same call for the other side: another object's program has a name of its own. */
function otherSide(args: Arguments): Arguments {
  const { object, program, engine } = args.compare;
  return {
    ...args,
    operands: object === undefined ? args.operands : [object],
    program: program ?? args.program,
    engine: engine ?? args.engine,
  };
}

async function sideOf(args: Arguments, inputs: SessionInputs, note: Write): Promise<Session> {
  const session = await sessionOf(args, { ...inputs, packets: [], packet: 0, step: 0 });
  session.load(MAX_PACKET);
  for (const warning of warningsOf(session)) note(`${session.object.name}: ${warning}`);
  if (session.problem !== undefined) throw new InputError(session.object.name, session.problem);
  return session;
}

/** One side as it was set up, with where its object came from. */
interface Opened {
  readonly path: string;
  readonly session: Session;
}

/** What tells the two from each other: their files, else program or engine. */
function namesOf(left: Opened, right: Opened): readonly [string, string] {
  const program = ({ path, session }: Opened): string => `${path} ${session.program!.name}`;
  const told = [
    ({ path }: Opened) => basename(path),
    ({ path }: Opened) => path,
    program,
    (side: Opened) => `${program(side)} (${side.session.machine!.engine.name})`,
  ];
  const tell = told.find((name) => name(left) !== name(right)) ?? told[0]!;
  return [tell(left), tell(right)];
}

const isSameProgram = (left: Session, right: Session): boolean =>
  left.program!.name === right.program!.name &&
  isEqualBytes(left.inputs.object.bytes, right.inputs.object.bytes);

async function* framesOf(
  stream: CaptureStream | undefined,
  inputs: SessionInputs,
): AsyncGenerator<{ name?: string; bytes: Uint8Array }[]> {
  if (stream === undefined) yield [...inputs.packets];
  else
    for await (const batch of stream.batches())
      for (let at = 0; at < batch.length; at += AT_ONCE) yield batch.slice(at, at + AT_ONCE);
}

/**
 * `run --compare`: the same packets by two programs, versions or engines; a report as Markdown.
 * Answers 1 where they differ.
 */
export async function compareCommand(args: Arguments, write: Write, note: Write): Promise<number> {
  for (const [option, given] of Object.entries({
    '--json': args.json,
    '--trace': args.trace,
    '--each': args.each,
    '--write-pcap': args.writePcap !== undefined,
  }))
    if (given) throw new InputError('usage', `${option} does not go with --compare`);
  const { pcap } = args;
  const inputs = await sessionInputs({ ...args, pcap: undefined }, note, Number.POSITIVE_INFINITY);
  const other = otherSide(args);
  const quiet = { ...other, pcap: undefined, packet: undefined, packetFile: undefined };
  const theirs = await sessionInputs(quiet, note, 0);
  const [left, right] = [await sideOf(args, inputs, note), await sideOf(other, theirs, note)];
  const names = namesOf(
    { path: args.operands[0]!, session: left },
    { path: other.operands[0]!, session: right },
  );
  const comparison = new Comparison(
    { name: names[0], session: runnableSession(left) },
    { name: names[1], session: runnableSession(right) },
    isSameProgram(left, right),
  );
  const stream = pcap === undefined ? undefined : streamOf(pcap);
  const packetNames = new Map<number, string>();
  for await (const packets of framesOf(stream, inputs)) {
    const [first, kept] = [comparison.packets, comparison.differences.length];
    finish(comparison.run(packets.map(({ bytes }) => bytes)));
    for (const { packet } of comparison.differences.slice(kept)) {
      const name = packets[packet - first]?.name;
      if (name !== undefined) packetNames.set(packet, name);
    }
  }
  const report = comparisonReport(comparison, {
    left: names[0],
    right: names[1],
    capture: basename(pcap ?? args.packetFile ?? 'the command line'),
    packetName: (packet) => packetNames.get(packet) ?? '',
  });
  for (const line of report) write(line);
  if (stream) {
    note(`${pcap}: read ${pluralOf(comparison.packets, 'packet')}`);
    for (const line of stream.notes) note(`${pcap}: ${line}`);
  }
  return comparison.differing > 0 || comparison.maps !== undefined ? 1 : 0;
}
